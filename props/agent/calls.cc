// What all calls have in common: when they are skipped, how scripts pass descriptors and numbers,
// and what has to be looked at afterwards.
#include "props/agent/calls.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bit>
#include <type_traits>

#include "props/agent/protocol.h"
#include "props/agent/raw.h"

namespace props::agent {
namespace {

using nsabi::Flags;
using nsabi::Op;
using nsabi::TaskState;
namespace flag = nsabi::flag;

constexpr int kClosedFd = 1'000'000;  // beyond any descriptor table

template <class... T>
bool is_any(const Op& op) {
  return (std::holds_alternative<T>(op) || ...);
}

// The names that a call would bind, and the task that it is about.
struct Names {
  std::optional<nsabi::TaskId> child, target;
  std::optional<nsabi::FileId> file;
};

Names names_of(const Op& op) {
  return std::visit(
      [](const auto& c) {
        Names n;
        using T = std::decay_t<decltype(c)>;
        constexpr bool is_wait = std::is_same_v<T, nsabi::Wait>;
        if constexpr (is_wait) {
          n.target = c.child;
        } else if constexpr (requires { c.child; }) {
          n.child = c.child;
        }
        if constexpr (requires { c.target; }) n.target = c.target;
        if constexpr (requires { c.pidfd; }) {
          if (c.flags.has(flag::PIDFD)) n.file = c.pidfd;
        }
        if constexpr (std::is_same_v<T, nsabi::OpenNs> || std::is_same_v<T, nsabi::OpenPidfd> ||
                      std::is_same_v<T, nsabi::OpenFile>) {
          n.file = c.file;
        }
        if constexpr (std::is_same_v<T, nsabi::OpenFile>) {
          if (c.kind != nsabi::FileKind::proc_dir) n.target.reset();
        }
        return n;
      },
      op);
}

// Calls whose effects go on after they return, and reach other tasks.
bool moves_others(const Op& op) {
  return is_any<nsabi::Execve, nsabi::Exit, nsabi::Kill, nsabi::Wait>(op);
}
bool moves_roots(const Op& op) {
  return is_any<nsabi::Setns, nsabi::Unshare, nsabi::Chroot, nsabi::PivotRoot>(op);
}
bool bears(const Op& op) {
  return is_any<nsabi::Fork, nsabi::Vfork, nsabi::Clone, nsabi::Clone3>(op);
}

}  // namespace

Reply Calls::carry_out(const nsabi::Call& call) {
  const Reply skip{.result = nsabi::Result::skip(), .not_run = {}};
  Task* caller = program_.find(call.caller);
  if (caller == nullptr || caller->gone) return skip;
  const bool killed = caller->view.state == TaskState::blocked && is_any<nsabi::Exit>(call.op);
  if (caller->view.state != TaskState::running && !killed) return skip;
  const Names names = names_of(call.op);
  if (names.target && !program_.created(*names.target)) return skip;
  if (names.child && program_.exists(*names.child)) return skip;
  if (names.file && program_.file(*names.file)) return skip;
  if (call.fault != 0) return Reply::refuse("faults cannot be injected into a real kernel");

  Reply reply = std::visit([&](const auto& c) { return run(*caller, c); }, call.op);
  if (!reply.not_run.empty() || reply.result.skipped) return reply;
  // No kernel that has the call says this of it.
  if (reply.result.error == nsabi::Errno::kENOSYS)
    return Reply::refuse(std::string(kNotImplemented));
  if (judged_by_machine(call, reply)) {
    return Reply::refuse("a dead task is shown or not by the machine's own user namespace");
  }
  note_release(call, reply);
  if (moves_others(call.op)) {
    if (!program_.settle()) return Reply::fail("the tasks do not come to rest");
  }
  program_.look(*caller, bears(call.op) ? Program::Look::links : Program::Look::all);
  if (bears(call.op)) program_.look_at_hidden_links();
  if (moves_roots(call.op)) program_.look_at_roots();
  return reply;
}

// Whether the caller may have been refused for what it asked of a task that has exited: if that was
// not dumpable, only privilege over the machine's initial user namespace helps (BUG-51), which may
// not be the program's.
bool Calls::judged_by_machine(const nsabi::Call& call, const Reply& reply) {
  const bool refused =
      reply.result.error == nsabi::Errno::kEPERM || reply.result.error == nsabi::Errno::kEACCES;
  if (!refused || program_.enclosure().mode() != Mode::userns) return false;
  const Task* target = nullptr;
  if (const auto* open = std::get_if<nsabi::OpenNs>(&call.op)) target = program_.find(open->target);
  if (const auto* setns = std::get_if<nsabi::Setns>(&call.op)) target = task_of(setns->file);
  if (const auto* ioctl = std::get_if<nsabi::NsIoctl>(&call.op)) target = task_of(ioctl->file);
  return target != nullptr && !target->gone && target->stat && target->stat->exiting;
}

// What the call may have let go of: successful ones what they leave, failing ones what they had
// made before they failed.
void Calls::note_release(const nsabi::Call& call, const Reply& reply) {
  const Flags made = std::visit(
      [](const auto& c) {
        if constexpr (requires { c.flags; }) return c.flags & flag::NAMESPACES;
        return Flags();
      },
      call.op);
  // A semaphore holds the struct pid, and so the pid namespace, of who used it last (SEM-02).
  Flags held;
  if (is_any<nsabi::Semop>(call.op)) held = flag::NEWPID;
  if (const auto* unshare = std::get_if<nsabi::Unshare>(&call.op)) {
    if (unshare->flags.has(flag::NEWIPC | flag::SYSVSEM)) held = flag::NEWPID;
  }
  const bool creates = is_any<nsabi::Unshare>(call.op) || bears(call.op);
  if (creates && !reply.result.ok()) {
    if (std::popcount(made.bits()) > 1) late_.released(made);  // else none was made
  } else if (is_any<nsabi::Unshare>(call.op)) {
    late_.released(made | held);
  } else if (is_any<nsabi::Semop>(call.op)) {
    late_.released(held);
  } else if (moves_others(call.op) ||
             is_any<nsabi::Setns, nsabi::Close, nsabi::UnbindNs>(call.op)) {
    late_.released(flag::NAMESPACES);
  }
}

Reply Calls::simple(Task& t, std::int64_t number, std::initializer_list<Arg> args) {
  Script script(t.slot);
  const StepId step = script.call(number, args);
  return finish(t, script, step);
}

Reply Calls::finish(Task& t, const Script& script, StepId which, std::int64_t value) {
  if (script.overflowed()) return Reply::refuse("too long for a puppet's script");
  if (!program_.run(t, script)) return Reply::fail("a puppet did not come to its script's end");
  return Reply::of(script.result(which), value);
}

Reply Calls::finish_open(Task& t, Script& script, StepId opened, nsabi::FileId name) {
  const Parcel parcel = make_parcel(script);
  script.store(opened, parcel.fd);
  send(script, parcel, after(opened));
  Reply reply = finish(t, script, opened);
  if (!reply.not_run.empty() || !reply.result.ok()) return reply;
  UniqueFd fd = receive_fd(program_.enclosure().socket());
  if (!fd) return Reply::fail("a descriptor did not arrive");
  program_.keep(name, std::move(fd));
  return reply;
}

Calls::Lent Calls::lend(Script& script, nsabi::FileId id) {
  const auto fd = program_.file(id);
  if (!fd) return {Arg(kClosedFd), std::nullopt};
  send_fd(program_.enclosure().socket(), *fd);
  const Received received = receive_fd(script);
  return {load(received.fd), received};
}

void Calls::give_back(Script& script, const Lent& lent) {
  if (lent.received) script.call(SYS_close, {lent.fd}, after(lent.received->step));
}

// How many user namespaces the task's own one is below the program's initial one.
std::size_t Calls::user_level(const Task& t) const {
  constexpr unsigned long kGetParent = _IO(0xb7, 2);
  const std::string tid = std::to_string(t.proc.tid);
  const std::string path = std::to_string(t.proc.tgid) + "/task/" + tid + "/ns/user";
  const nsabi::ObjId initial = program_.initial(nsabi::NsLink::user);
  UniqueFd ns(openat(program_.enclosure().proc_directory(), path.c_str(), O_RDONLY | O_CLOEXEC));
  std::size_t level = 0;
  struct stat info {};
  while (ns && fstat(ns.get(), &info) == 0 && program_.ids().known(info.st_ino) != initial) {
    ns.reset(ioctl(ns.get(), kGetParent));
    ++level;
  }
  return level;
}

bool Calls::too_deep(const Task& t, Flags flags) const {
  constexpr std::size_t kMost =
      32;  // levels below the initial one: of pid and, of parents, of user
  const Enclosure& enclosure = program_.enclosure();
  const std::size_t pid_level = t.numbers.size() + 1 - enclosure.depth();  // of a new one
  if (flags.has(flag::NEWPID) && pid_level <= kMost && pid_level + enclosure.pid_depth() > kMost) {
    return true;
  }
  if (!flags.has(flag::NEWUSER)) return false;
  const std::size_t level = user_level(t);
  return level <= kMost && level + enclosure.user_depth() > kMost;
}

// Where links do not tell which types there are, a missing file does.
bool Calls::never_there(const std::string& file) const {
  return !program_.enclosure().sight().identities && !in_proc("self/" + file);
}

bool Calls::in_proc(const std::string& path) const {
  return faccessat(program_.enclosure().proc_directory(), path.c_str(), F_OK,
                   AT_SYMLINK_NOFOLLOW) == 0;
}

// The kernel translates an owner that the supervisor sets on an open file into the number that
// whoever asks may see: pid_vnr(), for any depth of pid namespaces, without /proc in them.
const std::int32_t* Calls::number_of(Script& script, const Task* target) {
  const int file = program_.enclosure().puppet_socket();
  f_owner_ex owner{F_OWNER_TID, 0};
  if (target != nullptr && !target->gone) owner.pid = target->proc.tid;
  fcntl(file, F_SETOWN_EX, &owner);
  auto* answer = script.put(f_owner_ex{F_OWNER_TID, 0});
  script.call(SYS_fcntl, {kSocketFd, F_GETOWN_EX, answer});
  return &answer->pid;
}

void Calls::release_number() {
  const f_owner_ex nobody{F_OWNER_TID, 0};
  fcntl(program_.enclosure().puppet_socket(), F_SETOWN_EX, &nobody);
}

}  // namespace props::agent
