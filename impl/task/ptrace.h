// May the caller look into another task?
//
// Mirrors __ptrace_may_access() of kernel/ptrace.c and cap_ptrace_access_check() of
// security/commoncap.c (6.18). Left out: LSMs.
#pragma once

#include "impl/task/capability.h"

namespace impl {

// Which of the caller's ids and capability sets are compared (CRED-10).
enum class PtraceMode : std::uint8_t {
  fs_creds,    // effective ids, effective capabilities: /proc, pidfd ioctls
  real_creds,  // real ids, permitted capabilities: setns
};

// SETNS-11. In a read section: the target's credentials and mm are only looked at.
template <class K>
typename K::Bool ptrace_may_access(Cpu<K>& cpu, const Task<K>& target, PtraceMode mode) {
  if (target.signal == cpu.current->signal) return true;
  if (cpu.bug(Bug::kPtraceAlwaysAllowed)) return true;
  const Cred<K>& mine = *cpu.cred();
  const Cred<K>& theirs = *cpu.m.load(target.cred);
  const bool fs = mode == PtraceMode::fs_creds;
  const auto which = fs ? Cred<K>::kEffective : Cred<K>::kReal;

  const auto all_are = [](const std::array<abi::Id, 3>& ids, abi::Id mine_is) {
    return ids[0] == mine_is && ids[1] == mine_is && ids[2] == mine_is;
  };
  const bool same_ids = all_are(theirs.uid, mine.uid[which]) &&
                        (cpu.bug(Bug::kPtraceIgnoresGid) || all_are(theirs.gid, mine.gid[which]));
  if (!same_ids && !ns_capable(cpu, theirs.user_ns, abi::cap::SYS_PTRACE)) return false;

  const Mm<K>* const mm = cpu.m.load(target.mm);
  // Without an mm there is nothing but the initial user namespace to ask (BUG-51).
  const bool gone = mm == nullptr;
  const bool remembered = target.was_dumpable.get() || !cpu.kernel.rules.remembers_dumpability;
  const bool dumpable = gone ? remembered : mm->dumpable.get();
  const UserNs<K>* const over = gone ? cpu.kernel.init_user_ns : mm->user_ns;
  if (!dumpable && !cpu.bug(Bug::kPtraceIgnoresDumpable) &&
      !ns_capable(cpu, over, abi::cap::SYS_PTRACE)) {
    return false;
  }
  if (cpu.bug(Bug::kPtraceIgnoresCaps)) return true;
  if (mine.user_ns == theirs.user_ns) {
    const bool effective = fs || cpu.bug(Bug::kPtraceAlwaysEffective);
    const auto beyond = effective ? ~mine.effective : typename K::Word{~mine.permitted};
    if (!cpu.m.has_bits(beyond, theirs.permitted)) return true;
  }
  return ns_capable(cpu, theirs.user_ns, abi::cap::SYS_PTRACE);
}

}  // namespace impl
