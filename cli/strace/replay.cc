// The driver: which step comes when, and who does it.
#include "cli/strace/replay.h"

#include <algorithm>

#include "cli/strace/reasons.h"
#include "cli/strace/words.h"

namespace cli::strace_log {
namespace {

abi::Setup outside_setup(const Start& start) {
  abi::Setup setup;
  setup.profile = start.profile;
  return setup;
}

}  // namespace

Replay::Replay(const Log& log, const Start& start, const Options& options, const Hints& hints,
               LogReport& report)
    : log_(log),
      start_(start),
      options_(options),
      report_(report),
      tasks_(log),
      program_(outside_setup(start), options.save),
      outsiders_(log, start, hints.at_home, program_, identities_),
      timeline_(options.timeline),
      hints_(hints),
      done_(log.calls.size()) {
  // Ordinal 0 of each type, and the numbers that the log shows for its own.
  const abi::TaskView view = program_.view(abi::kInitialTask);
  for (const abi::NsType t : abi::kAllNsTypes) {
    const abi::ObjId ns = view.ns[abi::index(link_of(t))];
    identities_.name(t, ns);
    if (start_.inum[abi::index(t)] != 0) identities_.bind(t, start_.inum[abi::index(t)], ns);
  }
  look_for_gaps();
  home_pid_ns_ = view.ns[abi::index(abi::NsLink::pid)];
  seen_pid_ns_.insert(home_pid_ns_);
}

void Replay::run() {
  for (const Step& s : log_.steps) step(s);
  // Waits for children whose end never came.
  const auto late = std::move(late_wait_);
  for (const auto& [child, call] : late) carry_out(call, tasks_.of_life(log_.calls[call].life));
  report_.tasks = tasks_.size();
  if (options_.save) report_.trace = program_.text();
  if (!timeline_.on()) return;
  report_.timeline =
      timeline_.draw(static_cast<std::uint32_t>(log_.lines), identities_, [&](std::uint32_t t) {
        const Task& of = task(t);
        const std::int32_t pid = of.life == kNone ? 0 : log_.lives[of.life].pid;
        return "t" + std::to_string(of.id.n) + " " + (pid != 0 ? std::to_string(pid) + " " : "") +
               of.process->program;
      });
}

void Replay::step(const Step& s) {
  line_ = s.line;
  std::uint32_t who = kNone;
  switch (s.kind) {
    case Step::Kind::appeared:
      claim(s.index, false);
      break;
    case Step::Kind::enter: {
      const LoggedCall& call = log_.calls[s.index];
      who = speaker(call.life);
      task(who).in_call = s.index;
      under_way_.insert(s.index);
      if (makes_task(call.sys)) pending_clones_.insert(s.index);
      // A number is free as soon as close begins: other threads get it before close returns.
      if (call.finished && (call.sys == Sys::close || hints_.early.contains(s.index))) {
        carry_out(s.index, who);
      }
      break;
    }
    case Step::Kind::call:
    case Step::Kind::leave: {
      who = speaker(log_.calls[s.index].life);
      task(who).in_call = kNone;
      under_way_.erase(s.index);
      if (!done_[s.index]) carry_out(s.index, who);
      release_vfork(who);
      break;
    }
    case Step::Kind::ended:
      end_life(s.index);
      break;
    case Step::Kind::notice:
      child_gone(log_.notices[s.index]);
      break;
  }
  close_dropped();
  if (who != kNone && timeline_.on() && program_.running(id(who))) {
    const abi::TaskView view = program_.view(id(who));
    const std::uint32_t leader = task(who).process->leader;
    if (leader == who || leader == kNone || program_.view(id(leader)).ns != view.ns) {
      timeline_.stay(who, line_, s.time_us, view);
    }
  }
}

std::uint32_t Replay::speaker(std::uint32_t life) {
  if (tasks_.of_life(life) == kNone) claim(life, true);
  return tasks_.of_life(life);
}

void Replay::carry_out(std::uint32_t index, std::uint32_t who) {
  if (const auto rivals = hints_.before.find(index); rivals != hints_.before.end()) {
    for (const std::uint32_t rival : rivals->second) carry_out_rival(rival);
  }
  done_[index] = true;
  const LoggedCall& call = log_.calls[index];
  if (makes_task(call.sys)) pending_clones_.erase(index);
  if (!call.begun) return;
  Now now{call, index, who, call.exit_line != 0 ? call.exit_line : line_, {}};
  if (const auto bad = read_call(call.body, call.finished, now.text)) {
    const std::string_view line = log_.line_text(call.entry_line);
    const bool whole =
        call.body.data() >= line.data() && call.body.data() <= line.data() + line.size();
    const std::size_t column =
        (whole ? static_cast<std::size_t>(call.body.data() - line.data()) : 0) + bad->offset + 1;
    ++report_.unreadable_lines;
    if (report_.unreadable.size() < 10) {
      report_.unreadable.push_back({call.entry_line, column, std::string(bad->expected)});
    }
    return;
  }
  const Return::Kind kind = now.text.ret.kind;
  const bool leaves = call.sys == Sys::exit || call.sys == Sys::exit_group;
  if (!leaves && kind != Return::Kind::value && kind != Return::Kind::error) return;
  if (now.text.ret.injected) return outside(now, reason::kInjected);
  dispatch(now);
}

void Replay::carry_out_rival(std::uint32_t index) {
  const LoggedCall& call = log_.calls[index];
  const std::uint32_t who = tasks_.of_life(call.life);
  if (who == kNone) return;
  switch (call.sys) {
    case Sys::kill: {
      const auto fatal =
          std::ranges::find_if(fatal_, [&](const auto& entry) { return entry.second == index; });
      if (fatal != fatal_.end()) end_process(fatal->first);
      return;
    }
    case Sys::exit_group:
      return end_process(who);
    case Sys::exit:
      program_.apply(id(who), abi::Exit{false}, line_);
      return;
    default:
      if (!done_[index]) carry_out(index, who);
  }
}

void Replay::dispatch(Now& now) {
  switch (now.call.sys) {
    case Sys::clone:
    case Sys::clone3:
    case Sys::fork:
    case Sys::vfork:
      return do_clone(now, kNone);
    case Sys::execve:
    case Sys::execveat:
      return do_execve(now);
    case Sys::exit:
    case Sys::exit_group:
      // Seen to at the task's end, which has its own line: until then strace keeps a thread that
      // has called exit in its process.
      task(now.task).exiting = true;
      under_way_.insert(now.index);
      return;
    case Sys::wait4:
    case Sys::waitid:
      return do_wait(now);
    case Sys::kill:
      return do_kill(now);
    case Sys::getpid:
    case Sys::gettid:
    case Sys::set_tid_address:
      return learn_number(now);
    case Sys::unshare:
      return do_unshare(now);
    case Sys::setns:
      return do_setns(now);
    case Sys::open:
    case Sys::openat:
      return do_open(now);
    case Sys::pidfd_open:
      return do_pidfd_open(now);
    case Sys::pidfd_getfd:
      return do_pidfd_getfd(now);
    case Sys::dup:
    case Sys::dup2:
    case Sys::dup3:
      return do_dup(now);
    case Sys::fcntl:
      return do_fcntl(now);
    case Sys::close:
      return do_close(now);
    case Sys::close_range:
      return do_close_range(now);
    case Sys::recvmsg:
      return do_recvmsg(now);
    case Sys::readlink:
    case Sys::readlinkat:
      return do_readlink(now);
    case Sys::stat:
    case Sys::newfstatat:
    case Sys::statx:
    case Sys::fstat:
      return do_stat(now);
    case Sys::ioctl:
      return do_ioctl(now);
    case Sys::mount:
      return do_mount(now);
    case Sys::umount2:
      return do_umount(now);
    case Sys::open_tree:
    case Sys::move_mount:
      return do_tree(now);
    case Sys::chroot:
      return do_chroot(now);
    case Sys::pivot_root:
      return do_pivot_root(now);
    case Sys::chdir:
    case Sys::fchdir:
      return do_chdir(now);
    case Sys::setuid:
    case Sys::setgid:
    case Sys::setreuid:
    case Sys::setregid:
    case Sys::setresuid:
    case Sys::setresgid:
      return do_set_ids(now);
    case Sys::capset:
      return do_capset(now);
    case Sys::prctl:
      return do_prctl(now);
    case Sys::write:
    case Sys::pwrite:
      return do_write(now);
    default:
      return;  // read for what it shows of the start
  }
}

void Replay::changed(const Now& now) { tasks_.remember(task(now.task), now.call.entry_line); }

void Replay::close_dropped() {
  while (!dropped_.empty()) {
    const abi::FileId file = dropped_.back();
    dropped_.pop_back();
    program_.apply(abi::kInitialTask, abi::Close{file}, line_);
    ++report_.followed;
  }
}

}  // namespace cli::strace_log
