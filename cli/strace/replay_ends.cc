// How tasks go on and end: execve, exit, wait, kill, and what a vfork parent waits for.
#include <algorithm>

#include "cli/strace/reasons.h"
#include "cli/strace/replay.h"
#include "cli/strace/words.h"

namespace cli::strace_log {
namespace {

using abi::NsLink;

bool is_set_user_id(std::string_view program) {
  constexpr std::string_view kKnown[] = {
      "doas",      "firejail", "fusermount", "fusermount3",  "lxc-user-nic", "mount", "newgidmap",
      "newuidmap", "passwd",   "pkexec",     "starter-suid", "su",           "sudo",  "umount"};
  return std::ranges::find(kKnown, program) != std::end(kKnown);
}

std::string last_part(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

}  // namespace

void Replay::do_execve(Now& now) {
  const std::size_t at = now.call.sys == Sys::execveat ? 1 : 0;
  const Value* const path = now.arg(at);
  const Value* const argv = now.arg(at + 1);
  std::string program;
  if (argv != nullptr && !argv->items.empty()) program = last_part(unescape(argv->items[0]));
  // With a small -s the path says more.
  const bool whole = argv != nullptr && !argv->items.empty() && !argv->items[0].cut &&
                     argv->items[0].kind == Value::Kind::string;
  if (!whole && path != nullptr) program = last_part(unescape(*path));
  if (report_.tool.empty()) report_.tool = program;
  if (!now.ok()) return outside(now, reason::kNoProgram);
  carry_out_execve(now.task, now.line);
  Process& process = *task(now.task).process;
  process.program = program;
  const bool root = program_.view(id(now.task)).uid[0] == 0;
  // What it had, it can pass on: sudo runs programs as root.
  const std::string file = path != nullptr ? last_part(path->text) : std::string();
  process.set_user_id = process.set_user_id || (!root && is_set_user_id(file));
}

void Replay::carry_out_execve(std::uint32_t index, std::uint32_t line) {
  program_.apply(id(index), abi::Execve{}, line);
  ++report_.followed;
  Task& of = task(index);
  // The other threads are gone, and so is what they shared.
  of.process = std::make_shared<Process>(*of.process);
  of.process->leader = index;
  if (of.files.use_count() > 1) of.files = std::make_shared<FdTable>(*of.files);
  of.files->close_on_exec();
}

// A vfork parent that goes on shows that its child has called execve or is gone.
void Replay::release_vfork(std::uint32_t parent) {
  const auto found = vfork_child_.find(parent);
  if (found == vfork_child_.end()) return;
  const std::uint32_t child = found->second;
  vfork_child_.erase(found);
  if (program_.view(id(parent)).state != abi::TaskState::blocked) return;
  const std::uint32_t call = task(child).in_call;
  if (task(child).exiting) {
    end_process(child);
  } else if (call != kNone && log_.calls[call].finished && !done_[call] &&
             (log_.calls[call].sys == Sys::execve || log_.calls[call].sys == Sys::execveat)) {
    carry_out(call, child);
  }
  if (program_.view(id(parent)).state == abi::TaskState::blocked) {
    carry_out_execve(child, line_);
  }
}

void Replay::end_process(std::uint32_t index) {
  Task& of = task(index);
  if (!of.ended) program_.apply(of.id, abi::Exit{true}, line_);
  no_longer_fatal(index);
  of.ended = true;
  of.files = std::make_shared<FdTable>();
}

void Replay::end_life(std::uint32_t life) {
  const Life::End how = log_.lives[life].end;
  if (tasks_.of_life(life) == kNone) claim(life, false);
  const std::uint32_t index = tasks_.of_life(life);
  if (index == kNone) {
    waiting_lives_.erase({log_.lives[life].born, life});
    return;
  }
  Task& of = task(index);
  if (of.in_call != kNone) pending_clones_.erase(of.in_call);
  under_way_.erase(log_.lives[life].last_call);
  no_longer_fatal(index);
  of.in_call = kNone;
  if (how == Life::End::detached) return;
  // A superseded leader ends with the execve that supersedes it.
  if (how != Life::End::superseded && !of.ended) {
    const abi::TaskState state = program_.view(of.id).state;
    if (state == abi::TaskState::running || state == abi::TaskState::blocked) {
      program_.apply(of.id, abi::Exit{false}, line_);
      ++report_.followed;
    }
  }
  of.ended = true;
  of.files = std::make_shared<FdTable>();
  timeline_.leave(index, line_, -1);
  if (const auto waited = late_wait_.find(index); waited != late_wait_.end()) {
    const std::uint32_t call = waited->second;
    late_wait_.erase(waited);
    const std::uint32_t who = tasks_.of_life(log_.calls[call].life);
    if (who != kNone) carry_out(call, who);
  }
}

void Replay::no_longer_fatal(std::uint32_t target) {
  const auto found = fatal_.find(target);
  if (found == fatal_.end()) return;
  under_way_.erase(found->second);
  fatal_.erase(found);
}

// SIGCHLD comes when all threads of the child are gone, perhaps before strace says so.
void Replay::child_gone(const Notice& notice) {
  const std::uint32_t who = speaker(notice.life);
  const std::uint32_t child = resolve_pid(who, notice.pid, notice.comment);
  if (child == kNone || task(child).father == kNone) return;
  if (task(task(child).father).process != task(who).process) return;
  const abi::TaskState state = program_.view(id(child)).state;
  if (state == abi::TaskState::running || state == abi::TaskState::blocked) end_process(child);
}

// strace-log-merge puts a call where it began: a wait that has a result before its child's end.
bool Replay::comes_later(const Now& now, std::uint32_t child) const {
  const Task& of = tasks_.at(child);
  if (log_.has_halves || log_.lives.size() == 1 || of.ended) return false;
  if (of.life == kNone) return true;
  return log_.lives[of.life].end != Life::End::none && log_.lives[of.life].last_line > now.line;
}

std::uint32_t Replay::resolve_pid(std::uint32_t who, std::int64_t number,
                                  std::string_view comment) const {
  const std::int64_t outer = outer_pid(comment);
  if (outer != 0) return tasks_.of_label(static_cast<std::int32_t>(outer));
  const abi::ObjId ns = program_.ns(tasks_.at(who).id, NsLink::pid);
  const std::uint32_t found = tasks_.of_number(ns, number);
  if (found != kNone || ns != home_pid_ns_) return found;
  return number > 0 && number <= 0x7fffffff ? tasks_.of_label(static_cast<std::int32_t>(number))
                                            : kNone;
}

void Replay::do_wait(Now& now) {
  const bool by_id = now.call.sys == Sys::waitid;
  const Value* const status = now.arg(by_id ? 2 : 1);
  std::int64_t number = by_id ? 0 : now.value();
  if (by_id && status != nullptr) number = integer(status->find("si_pid")).value_or(0);
  const std::uint64_t options = known_bits(now.arg(by_id ? 3 : 2));
  if (now.failed()) {
    const Value* const which = now.arg(by_id ? 1 : 0);
    const auto wanted = integer(which);
    const bool one =
        wanted && *wanted > 0 && (!by_id || known_bits(now.arg(0)) == constant("P_PID"));
    if (!one || now.error() != "ECHILD") return;  // nobody in particular was waited for
    const std::uint32_t child = resolve_pid(now.task, *wanted, which->comment);
    if (child == kNone) return outside(now, reason::kUnseenChild);
    judge(now, abi::Wait{id(child)}, reason::kReaped);
    return;
  }
  if (number <= 0 || (options & constant("WNOWAIT")) != 0) return;
  if (status != nullptr) {
    // Only an end is reaped, not a stop.
    const Value* const code = status->find("si_code");
    const std::string_view text = code != nullptr                  ? code->text
                                  : status->items.empty()          ? std::string_view()
                                  : status->items[0].items.empty() ? status->items[0].text
                                                                   : status->items[0].items[0].text;
    for (const std::string_view stop : {"STOPPED", "CONTINUED", "TRAPPED"}) {
      if (text.find(stop) != std::string_view::npos) return;
    }
  }
  const std::uint32_t child = resolve_pid(now.task, number, now.text.ret.comment);
  if (child == kNone) return outside(now, reason::kUnseenChild);
  if (comes_later(now, child)) {
    late_wait_[child] = now.index;
  } else {
    reap(now, child);
  }
}

void Replay::reap(const Now& now, std::uint32_t child) {
  std::string_view excuse;
  const abi::TaskState state = program_.view(id(child)).state;
  if (state == abi::TaskState::running || state == abi::TaskState::blocked) {
    // Its end is not in the log (strace -qq, no -f), unless it said that it goes.
    if (!task(child).exiting) excuse = reason::kUnseenChild;
    end_process(child);
  }
  if (!excuse.empty()) {
    program_.apply(id(now.task), abi::Wait{id(child)}, now.line);
    return outside(now, excuse);
  }
  // Who made one that the log starts in the middle of is not known, whoever waits for it.
  if (task(child).from_before) excuse = reason::kOrphan;
  judge(now, abi::Wait{id(child)}, excuse, 1);
}

bool Replay::orphaned(std::uint32_t target) const {
  const std::uint32_t father = tasks_.at(target).father;
  return father == kNone || tasks_.at(father).ended;
}

void Replay::do_kill(Now& now) {
  const auto pid = integer(now.arg(0));
  if (!pid || *pid <= 0 || known_bits(now.arg(1)) != constant("SIGKILL")) return;
  const std::uint32_t target = resolve_pid(now.task, *pid, now.arg(0)->comment);
  if (target == kNone) return outside(now, reason::kForeign);
  // Only asked: the target goes on until the log says that it was killed.
  const abi::Result r = program_.explain(id(now.task), abi::Kill{id(target)});
  const std::string model = r.ok() ? "ok" : abi::to_string(r.error);
  const std::string kernel = now.ok() ? "ok" : std::string(now.error());
  if (model == kernel) {
    agree(now);
    if (!now.ok() || task(target).ended) return;
    if (fatal_.emplace(target, now.index).second) under_way_.insert(now.index);
    return;
  }
  std::string_view why = standing_excuse(now, r);
  if (why.empty() && kernel == "ESRCH" && orphaned(target) &&
      (task(target).ended || task(target).exiting)) {
    why = reason::kForeignParent;
  }
  if (!why.empty()) return outside(now, why);
  diverge(now, now.call.name, kernel, model, r);
}

void Replay::learn_number(Now& now) {
  if (!now.ok() || now.value() <= 0 || cut_off(log_, now.call)) return;
  const abi::ObjId ns = program_.ns(id(now.task), NsLink::pid);
  const std::uint32_t leader = task(now.task).process->leader;
  const bool process = now.call.sys == Sys::getpid;
  if (process && leader == kNone) return;
  tasks_.add_number(ns, now.value(), process ? leader : now.task);
}

}  // namespace cli::strace_log
