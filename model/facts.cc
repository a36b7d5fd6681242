#include "model/facts.h"

namespace model {

bool CloneFacts::stack_bad() const {
  constexpr std::uint64_t kTaskSize = 0x7ffffffff000;  // x86-64 with 4-level page tables
  const std::uint64_t stack = args_->stack, size = args_->stack_size;
  if ((stack == 0) != (size == 0)) return true;
  return stack > kTaskSize || size > kTaskSize - stack;
}

bool CloneFacts::nproc_can_fail() const {
  const Slot top = s_.initial[abi::index(NsType::user)];
  return cred_.uid[0] != 0 && !ns_capable(s_, cred_, top, abi::cap::SYS_RESOURCE) &&
         !ns_capable(s_, cred_, top, abi::cap::SYS_ADMIN);
}

CloneFacts::Tid CloneFacts::tid_trouble() const {
  const std::size_t wanted = static_cast<std::size_t>(set_tid_size());
  if (wanted == 0) return Tid::fine;
  bool fresh = has(flag::NEWPID);  // the innermost namespace does not exist yet
  Slot ns = child_ns();
  for (std::size_t i = 0; i < wanted; ++i) {
    const std::int32_t tid = i < args_->set_tid.size() ? args_->set_tid[i] : 0;
    if (tid < 1 || tid >= 4194304) return Tid::range;
    const Ns& n = s_.ns[ns];
    if (tid != 1 && (fresh || !n.had_init)) return Tid::no_init;
    // A namespace made in this call belongs to the caller's user namespace, or to a new one of
    // which the caller is the owner.
    const bool may =
        fresh && has(flag::NEWUSER)
            ? true
            : ns_capable(s_, cred_, fresh ? user_ns() : n.owner.at, abi::cap::CHECKPOINT_RESTORE) ||
                  ns_capable(s_, cred_, fresh ? user_ns() : n.owner.at, abi::cap::SYS_ADMIN);
    if (!may) return Tid::no_cap;
    if (!fresh && pid_by_number(s_, ns, tid) != kNoSlot) return Tid::taken;
    if (!fresh) ns = n.parent.at;
    fresh = false;
  }
  return Tid::fine;
}

Flags UnshareFacts::implied(Flags f) {
  if (f.has(flag::NEWUSER)) f |= flag::THREAD | flag::FS;
  if (f.has(flag::VM)) f |= flag::SIGHAND;
  if (f.has(flag::SIGHAND)) f |= flag::THREAD;
  if (f.has(flag::NEWNS)) f |= flag::FS;
  return f;
}

bool UnshareFacts::flags_unknown() const {
  return has(~(flag::THREAD | flag::FS | flag::SIGHAND | flag::VM | flag::FILES | flag::SYSVSEM |
               flag::NAMESPACES));
}

// The system call takes its flags as an int: the high half does not get in.
SetnsFacts::SetnsFacts(const State& s, Slot task, const abi::Setns& call)
    : CreationFacts(s, task, call.flags & Flags(0xffffffff)) {
  const Slot file = s.file_names.find(call.file.n);
  if (file == kNoSlot || file == kGone) return;
  file_ = file;
  const File& f = s.open_files[file];
  kind_ = f.kind;
  if (kind_ == OpenKind::nsfs) {
    shown_ = s.inodes[f.inode.at].ns.at;
    type_ = flag_of(s.ns[shown_].type);
  } else if (kind_ == OpenKind::pidfd) {
    target_ = s.pids[f.pid.at].task;
  }
}

bool SetnsFacts::flags_unconfigured() const {
  for (NsType t : abi::kAllNsTypes) {
    if (has(flag_of(t)) && !configured(t)) return true;
  }
  return false;
}

Slot SetnsFacts::target(NsType t) const {
  if (file_nsfs()) return shown_;
  const Task& target = s_.tasks[target_];
  switch (t) {
    case NsType::user:
      return user_ns_of(s_, target);
    case NsType::pid:
      return active_pid_ns(s_, target);
    case NsType::time:
      return slot_ns(s_, target, NsLink::time);
    default:  // the first slots of a nsproxy are in the order of the types
      return slot_ns(s_, target, static_cast<NsLink>(abi::index(t)));
  }
}

}  // namespace model
