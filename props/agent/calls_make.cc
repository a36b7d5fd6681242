// fork, vfork, clone and clone3.
#include <linux/sched.h>
#include <signal.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "props/agent/calls.h"
#include "props/agent/patiently.h"
#include "props/agent/protocol.h"
#include "props/agent/raw.h"

namespace props::agent {
namespace {

namespace flag = nsabi::flag;
using nsabi::Flags;
using nsabi::NsLink;
using nsabi::Pointer;

constexpr std::uint64_t kBadAddress = 16;
constexpr std::uint64_t kPidNsDepths = 32;  // MAX_PID_NS_LEVEL, the most that set_tid_size may be
constexpr std::chrono::milliseconds kSlice{2};

constexpr int kThread = 0200;  // PIDFD_THREAD, O_EXCL

// A child's death would kill or stop its parent.
bool deadly(std::uint64_t exit_signal) { return exit_signal == SIGKILL || exit_signal == SIGSTOP; }

Arg pointer(Pointer p, const void* good) {
  if (p == Pointer::good) return good;
  return p == Pointer::null ? 0 : kBadAddress;
}

}  // namespace

Reply Calls::run(Task& t, const nsabi::Fork& c) {
  return patiently(t, {}, [&] {
    Script script(t.slot);
    const StepId step = script.call(SYS_fork, {});
    return bear(t, script, {.child = c.child, .flags = {}, .step = step});
  });
}

Reply Calls::run(Task& t, const nsabi::Vfork& c) {
  return patiently(t, {}, [&] {
    Script script(t.slot);
    const StepId step = script.call(SYS_vfork, {});
    return bear(t, script, {.child = c.child, .flags = flag::VFORK | flag::VM, .step = step});
  });
}

Reply Calls::run(Task& t, const nsabi::Clone& c) {
  constexpr std::uint64_t kLow = 0xffffffff;
  const Flags flags(c.flags.bits() & kLow & ~flag::EXIT_SIGNAL.bits());
  if (deadly((c.flags & flag::EXIT_SIGNAL).bits())) return Reply::refuse("a deadly exit signal");
  // A kernel without pidfds may ignore the flag.
  const bool pidfds = program_.enclosure().sight().pidfds;
  if (flags.has(flag::PIDFD) && !pidfds) return Reply::refuse(std::string(kNotImplemented));
  return patiently(t, flags, [&] {
    Script script(t.slot);
    Birth birth{.child = c.child, .flags = flags, .pidfd_name = c.pidfd};
    // The pidfd is stored where the parent's tid would be; if nobody asks, it goes nowhere.
    const Parcel parcel = make_parcel(script);
    auto* tid = script.put<std::int32_t>();
    if (flags.has(flag::PIDFD)) birth.pidfd = parcel;
    const Arg parent_tid = birth.pidfd ? pointer(c.pidfd_pointer, parcel.fd) : Arg(tid);
    birth.step = script.call(SYS_clone, {c.flags.bits(), 0, parent_tid, tid, 0});
    return bear(t, script, birth);
  });
}

namespace {

// How set_tid has to be passed on from within an enclosure.
struct SetTid {
  std::uint64_t size = 0;
  std::size_t initial = kPidNsDepths;  // which of its numbers is in the initial pid namespace
};

// struct clone_args as the call describes it, in the script's buffer.
const void* clone3_args(Script& script, const Program& program, const nsabi::Clone3& c,
                        const std::int32_t* pidfd, const SetTid& set_tid) {
  const auto at = [](const void* p) { return reinterpret_cast<std::uint64_t>(p); };
  const auto to = [&](Pointer p, const void* good) { return pointer(p, good).value; };
  constexpr std::uint64_t kMost = 4096 + 64;  // beyond a page the kernel does not look
  auto* bytes = static_cast<char*>(script.space(std::clamp<std::uint64_t>(c.size, 88, kMost)));
  auto* tids = static_cast<std::int32_t*>(script.space(4 * (kPidNsDepths + 1)));
  for (std::size_t i = 0; i < std::min<std::size_t>(c.set_tid.size(), kPidNsDepths); ++i) {
    const nsabi::ObjId initial = program.initial(NsLink::pid);
    tids[i] = i == set_tid.initial ? program.kernel_number_of(c.set_tid[i], initial) : c.set_tid[i];
  }
  auto* tid = script.put<std::int32_t>();
  const std::array<std::uint64_t, 11> words = {
      c.flags.bits(),
      to(c.pidfd_pointer, pidfd),
      at(tid),
      c.same_tid_pointer ? to(c.pidfd_pointer, pidfd) : at(tid),
      c.exit_signal,
      c.stack,
      c.stack_size,
      0,
      to(c.set_tid_pointer, tids),
      set_tid.size,
      c.cgroup};
  std::memcpy(bytes, words.data(), sizeof words);
  if (c.nonzero_tail && c.size > sizeof words) bytes[std::min(c.size, kMost) - 1] = 1;
  return bytes;
}

}  // namespace

Reply Calls::run(Task& t, const nsabi::Clone3& c) {
  if (deadly(c.exit_signal)) return Reply::refuse("a deadly exit signal");
  // The enclosure is itself in a pid namespace, or in several: more tids than the child has
  // namespaces in it must be too many for the kernel as well (CLONE-50).
  const std::size_t outer = program_.enclosure().depth() - 1;
  const std::size_t depth = c.flags.has(flag::NEWPID) ? t.numbers.size() + 1 : t.children_depth;
  SetTid set_tid{.size = c.set_tid_size};
  if (set_tid.size > 0 && set_tid.size <= kPidNsDepths) {
    if (depth == 0) return Reply::refuse("the depth of its pid_ns_for_children is not known");
    set_tid.initial = depth - outer - 1;
    if (set_tid.size > depth - outer) set_tid.size = kPidNsDepths;
  }
  const auto attempt = [&] {
    Script script(t.slot);
    Birth birth{.child = c.child, .flags = c.flags, .pidfd_name = c.pidfd};
    const Parcel parcel = make_parcel(script);
    if (c.flags.has(flag::PIDFD)) birth.pidfd = parcel;
    const void* args = clone3_args(script, program_, c, parcel.fd, set_tid);
    birth.step = script.call(SYS_clone3, {pointer(c.args, args), c.size});
    return bear(t, script, birth);
  };
  // A number that was asked for is free only a moment after its task has gone from /proc.
  constexpr std::chrono::milliseconds kNumberPatience{50};
  constexpr std::chrono::microseconds kPause{200};
  return patiently(t, c.flags, [&] {
    for (;;) {
      Reply reply = attempt();
      const bool in_use = reply.result.error == nsabi::Errno::kEEXIST;
      if (!in_use || Clock::now() - program_.last_burial() > kNumberPatience) return reply;
      std::this_thread::sleep_for(kPause);
    }
  });
}

// Starts the script whose step makes the child, and waits for both to get on.
Reply Calls::bear(Task& t, Script& script, const Birth& asked) {
  Birth birth = asked;
  Puppets& puppets = program_.puppets();
  const auto slot = puppets.allocate();
  if (!slot) return Reply::refuse("too many tasks");
  if (number_untold(t, birth.flags)) {
    puppets.release(*slot);
    return Reply::refuse("/proc does not tell the number of a vfork's child");
  }
  if (birth.pidfd && birth.flags.has(flag::VFORK) && out_of_reach(t)) {
    return Reply::refuse("before 6.9 no pidfd leads to a thread's descriptors");
  }
  birth.slot = *slot;
  script.makes(birth.step, *slot);
  if (birth.pidfd) send(script, *birth.pidfd, after(birth.step));
  const std::uint32_t births = puppets.births(*slot);
  const auto born = [&] { return puppets.births(*slot) != births; };
  const auto refused = [&] { return puppets.idle(t.slot) && failed(script.result(birth.step)); };
  puppets.start(script);
  const bool vfork = birth.flags.has(flag::VFORK);
  const bool done = puppets.wait_for(program_.deadline(), kSlice, [&] {
    return refused() || (born() && (vfork || puppets.idle(t.slot)));
  });
  if (!done) return Reply::fail("a clone did not come to its end");
  if (!born()) {
    puppets.release(*slot);
    return Reply::of(script.result(birth.step));
  }
  Task& child = program_.adopt(birth.child, *slot, t);
  if (!vfork && child.numbers.size() >= t.numbers.size()) {
    pid_t& number = child.numbers[t.numbers.size() - 1];
    if (number == 0) number = static_cast<pid_t>(script.result(birth.step));  // not told by /proc
  }
  meet(t, child, birth.flags);
  return deliver(t, child, birth, vfork);
}

// What is known of a newborn: its depth, and which of its namespaces are new.
void Calls::meet(Task& t, Task& child, Flags flags) {
  const Procfs& procfs = program_.enclosure().procfs();
  const auto made = [&](NsLink link) { program_.ids().made(procfs.ns(child.proc, link)); };
  if (child.numbers.size() > t.numbers.size() && flags.has(flag::NEWPID)) {
    child.children_depth = child.numbers.size();
  }
  if (!child.numbers.empty() && child.numbers.back() == 1) made(NsLink::pid);
  if (flags.has(flag::NEWNS)) made(NsLink::mnt);
  if (flags.has(flag::NEWUTS)) made(NsLink::uts);
  if (flags.has(flag::NEWIPC)) made(NsLink::ipc);
  if (flags.has(flag::NEWNET)) made(NsLink::net);
  if (flags.has(flag::NEWCGROUP)) made(NsLink::cgroup);
  if (flags.has(flag::NEWTIME)) made(NsLink::time_for_children);
  if (flags.has(flag::NEWUSER)) made(NsLink::user);
  program_.place(child);
  child.view.state = nsabi::TaskState::running;
  program_.look(child, Program::Look::all);
}

// The child is there. A vfork's parent is blocked: what it would return is worked out, and its
// pidfd is taken out of its hands; it sends it a second time when it goes on.
Reply Calls::deliver(Task& t, Task& child, const Birth& birth, bool blocked) {
  if (birth.pidfd) {
    UniqueFd pidfd =
        blocked ? fetch(t, *birth.pidfd->fd) : receive_fd(program_.enclosure().socket());
    if (!pidfd) return Reply::fail("the new pidfd did not arrive");
    program_.keep(birth.pidfd_name, std::move(pidfd));
  }
  if (blocked) {
    t.vfork_child = &child;
    t.discard_fd = birth.pidfd.has_value();
    t.view.state = nsabi::TaskState::blocked;
    t.changed = true;
  }
  if (child.numbers.size() < t.numbers.size()) return Reply::fail("the child has too few numbers");
  pid_t& number = child.numbers[t.numbers.size() - 1];
  if (number == 0) number = initial_number(t, child);
  if (number == 0) return Reply::fail("nobody tells the number of a vfork's child");
  return Reply::of(0, program_.number_for(t, number));
}

// Whether nobody could say what the parent of a vfork calls its child: it is blocked itself.
bool Calls::number_untold(const Task& t, Flags flags) const {
  const Enclosure& enclosure = program_.enclosure();
  if (!flags.has(flag::VFORK) || enclosure.sight().numbers) return false;
  const bool deeper = flags.has(flag::NEWPID) || t.children_depth != t.numbers.size();
  return deeper && t.numbers.size() != enclosure.depth();
}

// What the parent would call the child, asked of the enclosure's init: 0 if that is in another pid
// namespace than the parent.
pid_t Calls::initial_number(const Task& t, const Task& child) {
  const Enclosure& enclosure = program_.enclosure();
  if (t.numbers.size() != enclosure.depth()) return 0;
  Task init;
  init.slot = Enclosure::kInitSlot;
  init.proc = enclosure.init();
  Script script(init.slot);
  const std::int32_t* number = number_of(script, &child);
  const bool done = program_.run(init, script);
  release_number();
  return done ? *number : 0;
}

// A descriptor out of the table of a task that cannot send it.
UniqueFd Calls::fetch(const Task& t, int fd) {
  UniqueFd task(static_cast<int>(syscall(SYS_pidfd_open, t.proc.tid, kThread)));
  if (!task) task.reset(static_cast<int>(syscall(SYS_pidfd_open, t.proc.tgid, 0)));
  return UniqueFd(static_cast<int>(syscall(SYS_pidfd_getfd, task.get(), fd, 0)));
}

// Whether fetch() would ask its process's first thread, which may have ended or have others.
bool Calls::out_of_reach(const Task& t) {
  if (t.proc.tid == t.proc.tgid) return false;
  return !UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, t.proc.tid, kThread)));
}

}  // namespace props::agent
