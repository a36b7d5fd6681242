// The judge: the kernel's answer beside the model's, the excuses, and what a divergence's report
// says.
#include <algorithm>

#include "cli/strace/reasons.h"
#include "cli/strace/replay.h"
#include "model/rule.h"

namespace cli::strace_log {
namespace {

constexpr std::size_t kDivergencesShown = 100;
constexpr std::size_t kHistoryShown = 8;
constexpr std::size_t kLineShown = 300;

std::string shortened(std::string_view text) {
  std::string out(text.substr(0, kLineShown));
  if (text.size() > kLineShown) out += "…";
  return out;
}

std::string text_of(const abi::Result& result) {
  if (result.skipped) return "the model's task is not running";
  if (!result.ok()) return abi::to_string(result.error);
  return result.value == 0 ? "ok" : "ok " + std::to_string(result.value);
}

bool changes_privileges(Sys sys) {
  constexpr Sys kAll[] = {Sys::capset,   Sys::prctl,    Sys::setuid,    Sys::setgid,
                          Sys::setreuid, Sys::setregid, Sys::setresuid, Sys::setresgid};
  return std::ranges::find(kAll, sys) != std::end(kAll);
}

}  // namespace

Replay::Judged Replay::judge(const Now& now, const abi::Op& op, std::string_view excuse,
                             std::optional<std::int64_t> number) {
  const abi::TaskId caller = id(now.task);
  if (now.failed()) {
    const abi::Result r = program_.explain(caller, op);
    if (!r.ok() && !r.skipped && abi::to_string(r.error) == now.error()) {
      // Carried out for what a failing call leaves behind (PIDNS-11), and for the trace.
      program_.apply(caller, op, now.line);
      agree(now);
      return {Outcome::both_refused, r};
    }
    std::string_view why = excuse;
    if (why.empty()) why = outside_reason(op, now.error());
    if (why.empty()) why = standing_excuse(now, r);
    if (!why.empty()) {
      outside(now, why);
    } else {
      diverge(now, now.call.name, std::string(now.error()), text_of(r), r);
    }
    return {Outcome::model_only, r};
  }
  const abi::Result r = program_.apply(caller, op, now.line);
  if (r.ok() && (!number || *number == r.value)) {
    agree(now);
    return {Outcome::both_ok, r};
  }
  std::string_view why = excuse;
  if (why.empty() && !r.ok()) why = outside_success(op, r.error);
  if (why.empty()) why = standing_excuse(now, r);
  if (!why.empty()) {
    outside(now, why);
  } else {
    diverge(now, now.call.name, number ? "ok " + std::to_string(*number) : "ok", text_of(r), r);
  }
  return {r.ok() ? Outcome::both_ok : Outcome::kernel_only, r};
}

// Why nothing that this task disagrees about is a new divergence.
std::string_view Replay::standing_excuse(const Now& now, const abi::Result& result) {
  const Task& of = task(now.task);
  if (of.diverged_at != 0) {
    // Kept alive by the report: the map owns its keys.
    const std::string why = "follows the divergence in line " + std::to_string(of.diverged_at);
    return report_.outside.try_emplace(why).first->first;
  }
  if (!of.doubt.empty()) return of.doubt;
  if (of.life != kNone && cut_off(log_, now.call)) return reason::kKilled;
  if (of.process->set_user_id && result.error == abi::Errno::kEPERM) return reason::kSetUserId;
  // Only namespace calls were traced: ids and capabilities may have changed in between.
  const bool sparse = !writes_shown_ && !privileges_shown_ && !options_.uid && !options_.caps;
  const bool refused = now.failed() ? now.error() == "EPERM" : result.error == abi::Errno::kEPERM;
  if (sparse && refused) return reason::kNoPrivileges;
  if (now.failed()) return gap_excuse(now, result);
  // It is no other pid namespace if the one that was joined is the caller's own.
  const bool pending = model::rules()[result.rule].id == "PIDNS-01-pending";
  const abi::ObjId next = program_.ns(id(now.task), abi::NsLink::pid_for_children);
  return pending && unsure_in_.contains(next) ? reason::kForeignNs : std::string_view();
}

// Which of the calls that matter strace was not asked for, or came too late for.
void Replay::look_for_gaps() {
  ends_shown_ = std::ranges::any_of(log_.lives,
                                    [](const Life& life) { return life.end == Life::End::exited; });
  // A log of every call shows the writes that there are.
  constexpr std::string_view kUsual[] = {"mmap(", "brk(", "set_robust_list(", "rt_sigprocmask("};
  writes_shown_ = std::ranges::any_of(kUsual, [this](std::string_view call) {
    return log_.text.find(call) != std::string_view::npos;
  });
  bool execs_shown = false;
  for (const LoggedCall& call : log_.calls) {
    writes_shown_ = writes_shown_ || call.sys == Sys::write || call.sys == Sys::openat;
    closes_shown_ = closes_shown_ || call.sys == Sys::close;
    exits_shown_ = exits_shown_ || call.sys == Sys::exit_group || call.sys == Sys::exit ||
                   call.sys == Sys::kill;
    privileges_shown_ = privileges_shown_ || changes_privileges(call.sys);
    threads_shown_ =
        threads_shown_ || call.sys == Sys::clone3 ||
        (call.sys == Sys::clone && call.body.find("CLONE_THREAD") != std::string_view::npos);
    execs_shown = execs_shown || call.sys == Sys::execve || call.sys == Sys::execveat;
  }
  const bool first_execs = !log_.calls.empty() && (log_.calls.front().sys == Sys::execve ||
                                                   log_.calls.front().sys == Sys::execveat);
  mid_life_ = !first_execs;
  // strace -f of a program begins with its execve: without one, other forks may be missing too.
  numbers_unsure_ = !execs_shown;
  if (!execs_shown && !writes_shown_) {
    report_.notes.push_back("writes are not in the log: id maps are assumed to be written");
  }
}

// Refusals that follow from what the log does not show.
std::string_view Replay::gap_excuse(const Now& now, const abi::Result& result) const {
  // A pid namespace is dead once its first task ended.
  if (makes_task(now.call.sys) && now.error() == "ENOMEM" && !(ends_shown_ && exits_shown_)) {
    return reason::kNoEnds;
  }
  const bool threads = now.error() == "EINVAL" || now.error() == "EUSERS";
  const bool asks = now.call.sys == Sys::unshare || now.call.sys == Sys::setns;
  if (threads && asks && mid_life_ && !threads_shown_) return reason::kMidLife;
  const bool in_user_ns = program_.ns(tasks_.at(now.task).id, abi::NsLink::user) !=
                          program_.ns(abi::kInitialTask, abi::NsLink::user);
  if (result.ok() && now.error() == "EPERM" && !writes_shown_ && in_user_ns) {
    return reason::kNoMaps;
  }
  return {};
}

Tally& Replay::tally(std::string_view name) { return report_.by_call[std::string(name)]; }

void Replay::agree(const Now& now) {
  ++report_.total.agreed;
  ++tally(now.call.name).agreed;
}

void Replay::outside(const Now& now, std::string_view reason) {
  ++report_.total.outside;
  ++tally(now.call.name).outside;
  OutsideReason& r = report_.outside[std::string(reason)];
  if (r.count++ == 0) r.first_line = now.line;
}

void Replay::doubt(const Now& now, std::string_view reason) {
  Task& of = task(now.task);
  if (of.doubt.empty()) of.doubt = reason;
}

// What may have happened otherwise: the call earlier, or what others had begun before it.
Dispute Replay::dispute_of(const Now& now) const {
  constexpr std::size_t kMost = 12;
  Dispute dispute{now.index,
                  now.call.entry_line < now.line && !hints_.early.contains(now.index),
                  {},
                  outsiders_.joined()};
  // A fork into a pid namespace whose first task was about to end.
  const bool dead = makes_task(now.call.sys) && now.failed() && now.error() == "ENOMEM";
  const auto ends = [&](std::uint32_t index) {
    const Sys sys = log_.calls[index].sys;
    return sys == Sys::exit_group || sys == Sys::kill;
  };
  const auto add = [&](std::uint32_t index) {
    // What a wait waits for comes with its own lines.
    const Sys sys = log_.calls[index].sys;
    if (sys == Sys::wait4 || sys == Sys::waitid) return;
    if (index != now.index && dispute.rivals.size() < kMost) dispute.rivals.push_back(index);
  };
  for (const std::uint32_t index : under_way_) {
    if (dead && ends(index)) add(index);
  }
  for (auto it = under_way_.rbegin(); it != under_way_.rend(); ++it) {
    if (!dead || !ends(*it)) add(*it);
  }
  return dispute;
}

void Replay::diverge(const Now& now, std::string_view name, std::string kernel, std::string model,
                     const abi::Result& result) {
  ++report_.total.diverged;
  ++tally(name).diverged;
  Task& of = task(now.task);
  if (report_.divergences.size() < kDivergencesShown) {
    disputes_.push_back(dispute_of(now));
    Divergence d;
    d.line = now.line;
    d.text = shortened(log_.line_text(now.call.entry_line));
    d.kernel = std::move(kernel);
    d.model = std::move(model);
    if (result.rule != 0 && result.rule < model::rules().size()) {
      const model::RuleInfo& rule = model::rules()[result.rule];
      d.rule = rule.id;
      d.says = rule.says;
      d.function = rule.function;
      d.remedy = rule.remedy;
    }
    d.state = state_of(now.task);
    report_.divergences.push_back(std::move(d));
  }
  if (of.diverged_at == 0) of.diverged_at = now.line;
}

std::vector<std::string> Replay::state_of(std::uint32_t index) {
  const Task& of = task(index);
  const abi::TaskView view = program_.view(of.id);
  std::vector<std::string> lines;
  std::string who = "t" + std::to_string(of.id.n);
  if (of.life != kNone && log_.lives[of.life].pid != 0) {
    who += " (pid " + std::to_string(log_.lives[of.life].pid) + ")";
  }
  if (!of.process->program.empty()) who += " " + of.process->program;
  who += ": euid " + std::to_string(view.uid[1]) + ", effective capabilities " +
         abi::caps_to_string(view.effective) + (view.chrooted ? ", chrooted" : "");
  lines.push_back(std::move(who));
  std::string where = "in";
  for (const abi::NsType t : abi::kAllNsTypes) {
    const abi::ObjId ns = view.ns[abi::index(link_of(t))];
    where += ' ';
    where += ns == abi::kNoObject ? std::string(abi::name(t)) + ":none" : identities_.name(t, ns);
  }
  lines.push_back(std::move(where));
  for (const std::uint32_t line : tasks_.history(of, kHistoryShown)) {
    lines.push_back("line " + std::to_string(line) + ": " + shortened(log_.line_text(line)));
  }
  return lines;
}

// Holds a printed inode number against the namespace that the model says it is.
bool Replay::see_inum(const Now& now, abi::NsType type, std::uint64_t inum, abi::ObjId ns) {
  if (inum == 0 || ns == abi::kNoObject) return true;
  constexpr std::string_view kName = "inode numbers";
  const abi::ObjId other = identities_.of(type, inum);
  const std::uint64_t before = identities_.inum_of(ns);
  if (other == ns || (before == 0 && other == abi::kNoObject)) {
    if (other == ns) {
      ++report_.total.agreed;
      ++tally(kName).agreed;
    }
    identities_.bind(type, inum, ns);
    return true;
  }
  // Held against a namespace only if a task that the log still hears of is in it.
  const std::uint32_t witness = before != 0 ? now.task : inhabitant(other, type);
  const bool sure = before != 0 || (witness != kNone && task(witness).life != kNone &&
                                    log_.lives[task(witness).life].last_line > now.line);
  if (sure && task(now.task).diverged_at == 0 && task(now.task).doubt.empty()) {
    const std::string shown = std::string(abi::name(type)) + ":[" + std::to_string(inum) + "]";
    diverge(now, kName, shown,
            before != 0 ? identities_.name(type, ns) + ", seen before as " + std::to_string(before)
                        : identities_.name(type, ns) + ", while that number is " +
                              identities_.name(type, other),
            {});
  }
  identities_.bind(type, inum, ns);
  return false;
}

}  // namespace cli::strace_log
