// One pass over the lines. Who an unlabelled line belongs to is decided by who is left alive.
#include "cli/strace/log.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "cli/strace/line.h"
#include "cli/strace/value.h"
#include "cli/strace/words.h"

namespace cli::strace_log {
namespace {

constexpr std::size_t kBadShown = 10;

class Assembler {
 public:
  explicit Assembler(Log& log) : log_(log) {}
  void line(std::string_view text, std::uint32_t number, bool cut);
  void end_of_text();

 private:
  std::uint32_t life_of(const Line& line);
  std::uint32_t new_life(std::int32_t pid);
  std::uint32_t labelled(const Line& line);
  std::uint32_t unlabelled();
  void event(const Line& line);
  void enter(const Line& line, std::uint32_t life, bool finished);
  void resume(const Line& line, std::uint32_t life);
  void end(std::uint32_t life, Life::End how);
  void supersede(const Line& line);
  void step(Step::Kind kind, std::uint32_t index);
  void keep_time(const Line& line);
  void note_child(const LoggedCall& call);
  void signal(const Line& line, std::uint32_t life);

  Log& log_;
  std::uint32_t number_ = 0;
  std::int64_t clock_us_ = -1;
  std::int64_t first_time_us_ = -1;
  std::unordered_map<std::int32_t, std::uint32_t> by_pid_;
  std::unordered_map<std::uint32_t, std::uint32_t> pending_;  // life -> call
  std::unordered_set<std::int32_t> children_;                 // numbers that clones returned
  std::unordered_set<std::uint32_t> living_;
  std::uint32_t anonymous_ = kNone;  // the life whose pid is not known yet
  std::uint32_t last_ = kNone;       // who spoke last
  std::string interrupted_;
  bool in_summary_ = false;  // the table of -c or -C
};

void Assembler::step(Step::Kind kind, std::uint32_t index) {
  log_.steps.push_back({kind, index, number_, clock_us_});
}

void Assembler::keep_time(const Line& line) {
  if (line.time_us < 0) return;
  // Small numbers without colons are -r's differences.
  constexpr std::int64_t kYear = 31'000'000'000'000;
  if (line.time.find(':') == std::string_view::npos && line.time_us < kYear) {
    clock_us_ = std::max<std::int64_t>(clock_us_, 0) + line.time_us;
    return;
  }
  if (first_time_us_ < 0) first_time_us_ = line.time_us;
  clock_us_ = std::max<std::int64_t>(0, line.time_us - first_time_us_);
}

std::uint32_t Assembler::new_life(std::int32_t pid) {
  const auto life = static_cast<std::uint32_t>(log_.lives.size());
  log_.lives.push_back({.pid = pid, .born = pid, .first_line = number_, .last_line = number_});
  living_.insert(life);
  if (pid != 0) by_pid_[pid] = life;
  step(Step::Kind::appeared, life);
  return life;
}

// The nameless first task gets its label when somebody unexpected speaks: not a child that was
// announced or returned by a clone, and not while it is itself inside of a call.
std::uint32_t Assembler::labelled(const Line& line) {
  if (const auto known = by_pid_.find(line.pid); known != by_pid_.end()) return known->second;
  if (anonymous_ != kNone && !children_.contains(line.pid)) {
    const bool inside = pending_.contains(anonymous_);
    if (inside == (line.kind == Line::Kind::resumed)) {
      const std::uint32_t life = anonymous_;
      anonymous_ = kNone;
      log_.lives[life].pid = log_.lives[life].born = line.pid;
      by_pid_[line.pid] = life;
      return life;
    }
  }
  return new_life(line.pid);
}

std::uint32_t Assembler::unlabelled() {
  if (living_.size() == 1) return *living_.begin();
  if (anonymous_ != kNone) return anonymous_;
  if (living_.contains(0)) return 0;
  if (!living_.empty() && living_.contains(last_)) return last_;
  return anonymous_ = new_life(0);
}

std::uint32_t Assembler::life_of(const Line& line) {
  last_ = line.pid != 0 ? labelled(line) : unlabelled();
  Life& life = log_.lives[last_];
  life.last_words = std::exchange(life.last_line, number_);
  return last_;
}

// Remembers what a clone returned, so that this label is not taken for the nameless task.
void Assembler::note_child(const LoggedCall& call) {
  if (!call.finished || !makes_task(call.sys) || anonymous_ == kNone) return;
  CallText text;
  if (read_call(call.body, true, text)) return;
  if (text.ret.kind != Return::Kind::value || text.ret.value <= 0) return;
  children_.insert(static_cast<std::int32_t>(text.ret.value));
}

void Assembler::enter(const Line& line, std::uint32_t life, bool finished) {
  pending_.erase(life);  // a call that never came back
  const auto sys = syscall_from(line.name);
  if (!sys) return;
  const auto index = static_cast<std::uint32_t>(log_.calls.size());
  log_.calls.push_back({.life = life,
                        .sys = *sys,
                        .finished = finished,
                        .entry_line = number_,
                        .exit_line = finished ? number_ : 0,
                        .name = line.name,
                        .body = line.body});
  if (log_.lives[life].first_call == kNone) log_.lives[life].first_call = index;
  log_.lives[life].last_call = index;
  if (!finished) pending_[life] = index;
  log_.has_halves = log_.has_halves || !finished;
  note_child(log_.calls.back());
  step(finished ? Step::Kind::call : Step::Kind::enter, index);
}

void Assembler::resume(const Line& line, std::uint32_t life) {
  const auto found = pending_.find(life);
  if (found == pending_.end() || log_.calls[found->second].name != line.name) {
    const auto sys = syscall_from(line.name);
    if (!sys) return;
    // Entered before the log began, or in a line that could not be read.
    const auto index = static_cast<std::uint32_t>(log_.calls.size());
    log_.calls.push_back({.life = life,
                          .sys = *sys,
                          .finished = true,
                          .begun = false,
                          .entry_line = number_,
                          .exit_line = number_,
                          .name = line.name,
                          .body = line.body});
    step(Step::Kind::leave, index);
    return;
  }
  const std::uint32_t index = found->second;
  pending_.erase(found);
  LoggedCall& call = log_.calls[index];
  call.finished = true;
  call.exit_line = number_;
  call.body = log_.joined.emplace_back(std::string(call.body).append(line.body));
  note_child(call);
  step(Step::Kind::leave, index);
}

void Assembler::end(std::uint32_t life, Life::End how) {
  Life& l = log_.lives[life];
  l.end = how;
  l.last_line = number_;
  living_.erase(life);
  pending_.erase(life);
  if (const auto known = by_pid_.find(l.pid); known != by_pid_.end() && known->second == life) {
    by_pid_.erase(known);
  }
  if (anonymous_ == life) anonymous_ = kNone;
  step(Step::Kind::ended, life);
}

// The leader's label goes to the thread that called execve, with the call it is in.
void Assembler::supersede(const Line& line) {
  const auto thread = by_pid_.find(line.other);
  if (line.pid == 0 || thread == by_pid_.end()) return;
  const std::uint32_t heir = thread->second;
  const auto leader = by_pid_.find(line.pid);
  if (leader != by_pid_.end() && leader->second == heir) return;
  by_pid_.erase(thread);
  if (leader != by_pid_.end()) end(leader->second, Life::End::superseded);
  by_pid_[line.pid] = heir;
  log_.lives[heir].pid = line.pid;
  log_.lives[heir].last_line = number_;
}

void Assembler::signal(const Line& line, std::uint32_t life) {
  if (line.name != "SIGCHLD") return;
  const auto field = [&](std::string_view name) {
    const std::size_t at = line.body.find(name);
    if (at == std::string_view::npos) return std::string_view();
    const std::string_view rest = line.body.substr(at + name.size());
    return rest.substr(0, std::min(rest.find(", "), rest.find('}')));
  };
  const std::string_view code = field("si_code=");
  const auto is = [&](std::string_view number, std::string_view name) {
    return code == name || code == number || code.find(name) != std::string_view::npos;
  };
  if (!is("0x1", "CLD_EXITED") && !is("0x2", "CLD_KILLED") && !is("0x3", "CLD_DUMPED")) return;
  const std::string_view pid = field("si_pid=");
  const std::string_view digits = pid.substr(0, pid.find_first_not_of("0123456789"));
  Notice notice{life, static_cast<std::int64_t>(plain_number(digits).value_or(0)), {}};
  if (const std::size_t at = pid.find("/* "); at != std::string_view::npos) {
    notice.comment = pid.substr(at + 3);
  }
  step(Step::Kind::notice, static_cast<std::uint32_t>(log_.notices.size()));
  log_.notices.push_back(notice);
}

void Assembler::event(const Line& line) {
  keep_time(line);
  ++log_.readable;
  switch (line.kind) {
    case Line::Kind::call:
      return enter(line, life_of(line), true);
    case Line::Kind::unfinished:
      return enter(line, life_of(line), false);
    case Line::Kind::resumed:
      return resume(line, life_of(line));
    case Line::Kind::signal:
      return signal(line, life_of(line));
    case Line::Kind::exited:
      return end(life_of(line), Life::End::exited);
    case Line::Kind::killed:
      return end(life_of(line), Life::End::killed);
    case Line::Kind::superseded:
      return supersede(line);
    case Line::Kind::attached:
      children_.insert(line.other);
      if (!by_pid_.contains(line.other)) new_life(line.other);
      return;
    case Line::Kind::detached:
      if (const auto known = by_pid_.find(line.other); known != by_pid_.end()) {
        end(known->second, Life::End::detached);
      }
      return;
    case Line::Kind::ignored:
    case Line::Kind::unreadable:
      return;
  }
}

void Assembler::line(std::string_view text, std::uint32_t number, bool cut) {
  number_ = number;
  Line line = read_line(text);
  if (!interrupted_.empty() && !(line.kind == Line::Kind::attached && !line.interrupted)) {
    // The notice stood in the middle of a call: this is its other half.
    line = read_line(log_.joined.emplace_back(std::move(interrupted_)).append(text));
    interrupted_.clear();
    line.interrupted = false;
  }
  if (line.kind == Line::Kind::ignored) {
    in_summary_ = in_summary_ || text.starts_with("% time");
    return;
  }
  if (line.kind == Line::Kind::unreadable) {
    if (in_summary_) return;
    log_.add_bad(number, line.column + 1, line.expected);
    return;
  }
  in_summary_ = false;
  if (cut && line.kind == Line::Kind::resumed) return;
  if (cut && line.kind == Line::Kind::call) {
    const std::size_t result = line.body.rfind(" = ");
    line.kind = Line::Kind::unfinished;
    line.body = line.body.substr(0, line.body.rfind(')', result));
  }
  event(line);
  if (line.interrupted) interrupted_ = text.substr(0, text.rfind("strace: Process "));
}

void Assembler::end_of_text() {
  if (!interrupted_.empty()) log_.add_bad(number_, 1, "the rest of the call after the notice");
}

}  // namespace

std::string_view Log::line_text(std::uint32_t line) const {
  if (line == 0 || line > line_begin.size()) return {};
  const std::string_view rest = text.substr(line_begin[line - 1]);
  std::string_view found = rest.substr(0, rest.find('\n'));
  while (found.ends_with('\r')) found.remove_suffix(1);
  return found;
}

void Log::add_bad(std::uint32_t line, std::size_t column, std::string_view expected) {
  ++bad_lines;
  if (bad.size() < kBadShown) bad.push_back({line, column, std::string(expected)});
}

bool cut_off(const Log& log, const LoggedCall& call) {
  const Life& life = log.lives[call.life];
  return life.end == Life::End::killed && call.entry_line < call.exit_line &&
         life.last_words == call.exit_line;
}

Log read_log(std::string_view text) {
  Log log;
  log.text = text;
  Assembler assembler(log);
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    log.line_begin.push_back(begin);
    ++log.lines;
    // Without its end, nobody knows the last call's result.
    const bool cut = end == text.size();
    assembler.line(text.substr(begin, end - begin), static_cast<std::uint32_t>(log.lines), cut);
    begin = end + 1;
  }
  assembler.end_of_text();
  return log;
}

}  // namespace cli::strace_log
