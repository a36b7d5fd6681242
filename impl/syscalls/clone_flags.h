// Which flag words clone, clone3 and unshare accept.
//
// Mirrors the checks of kernel_clone() and copy_process(), clone3_args_valid(),
// copy_clone_args_from_user() and check_unshare_flags() of kernel/fork.c (6.18). The functions are
// pure: what they ask about the caller is in a record of facts, so that a proof can let it be
// anything. Nothing is left out but restarts for a pending signal.
#pragma once

#include "abi/call.h"
#include "impl/task/capability.h"
#include "impl/task/threads.h"

namespace impl {

// -- clone

template <class K>
struct CloneFacts {
  typename K::Bool same_tid_pointer;  // PIDFD and PARENT_SETTID write to one address
  typename K::Bool unkillable;        // the caller's process is a pid namespace's init
  typename K::Bool pid_ns_pending;    // its active pid namespace is not the one for children
  typename K::Bool time_ns_pending;   // its time namespace is not the one for children
  typename K::Bool userns_denied;     // CLONE-19
};

// Flags without which no rule below can fire: each rule needs one of these.
constexpr Flags suspicious_clone_flags(bool vm_with_pending_time_refused) {
  const Flags always =
      flag::NEWNS | flag::NEWUSER | flag::THREAD | flag::SIGHAND | flag::PARENT | flag::PIDFD;
  return vm_with_pending_time_refused ? always | flag::VM : always;
}

template <class K>
CloneFacts<K> clone_facts(Cpu<K>& cpu, bool same_tid_pointer) {
  const Task<K>& me = *cpu.current;
  const Nsproxy<K>& ns = *cpu.nsproxy();
  typename K::Bool userns_denied = false;
  if (cpu.kernel.rules.userns_off) userns_denied = !capable(cpu, abi::cap::SYS_ADMIN);
  return {.same_tid_pointer = same_tid_pointer,
          .unkillable = me.signal->unkillable.get(),
          .pid_ns_pending = cpu.m.own(me.pid)->ns != ns.pid_ns_for_children,
          .time_ns_pending = ns.time_ns != ns.time_ns_for_children,
          .userns_denied = userns_denied};
}

// CLONE-18, then CLONE-10 to 19, in the kernel's order.
template <class K>
Errno validate_clone_flags(Cpu<K>& cpu, typename K::Word flags, const CloneFacts<K>& facts) {
  const auto& rules = cpu.kernel.rules;
  const auto has = [&](Flags f) { return cpu.has(flags, f); };
  if constexpr (Cpu<K>::optimized(kOnePassFlags)) {
    if (!has(suspicious_clone_flags(!rules.time_moves_at_exec))) return Errno::kOk;
  }
  if (has(flag::PIDFD) && has(flag::PARENT_SETTID) && facts.same_tid_pointer &&
      !cpu.bug(Bug::kPidfdSamePointer)) {
    return Errno::kEINVAL;
  }
  if (has(flag::NEWNS) && has(flag::FS) && !cpu.bug(Bug::kNewnsWithFs)) return Errno::kEINVAL;
  if (has(flag::NEWUSER) && has(flag::FS) && !cpu.bug(Bug::kNewuserWithFs)) return Errno::kEINVAL;
  const bool denied = has(flag::NEWUSER) && facts.userns_denied;
  if (denied && !cpu.bug(Bug::kUsernsOffIgnored) && !cpu.bug(Bug::kUsernsOffLast)) {
    return Errno::kEPERM;
  }
  if (has(flag::THREAD) && !has(flag::SIGHAND) && !cpu.bug(Bug::kThreadWithoutSighand)) {
    return Errno::kEINVAL;
  }
  if (has(flag::SIGHAND) && !has(flag::VM) && !cpu.bug(Bug::kSighandWithoutVm)) {
    return Errno::kEINVAL;
  }
  if (has(flag::PARENT) && facts.pid_ns_pending && cpu.bug(Bug::kParentWithPendingPid)) {
    return Errno::kEINVAL;
  }
  if (has(flag::PARENT) && facts.unkillable && !cpu.bug(Bug::kParentByInit)) {
    return Errno::kEINVAL;
  }
  const Flags refuses_pending_pid = cpu.bug(Bug::kPendingPidRefusesVm) ? flag::VM : flag::THREAD;
  if (has(refuses_pending_pid)) {
    if (has(flag::NEWUSER | flag::NEWPID) && !cpu.bug(Bug::kThreadWithNewuser)) {
      return Errno::kEINVAL;
    }
    if (facts.pid_ns_pending && !cpu.bug(Bug::kThreadWithPendingPid)) return Errno::kEINVAL;
  }
  const bool pending_time_refused = !rules.time_moves_at_exec || cpu.bug(Bug::kPendingTimeRefused);
  if (pending_time_refused && has(flag::THREAD | flag::VM) && facts.time_ns_pending &&
      !cpu.bug(Bug::kPendingTimeAccepted)) {
    return Errno::kEINVAL;
  }
  if (has(flag::PIDFD)) {
    if (has(flag::DETACHED) && !cpu.bug(Bug::kPidfdDetached)) return Errno::kEINVAL;
    if (has(flag::THREAD) && !rules.pidfd_thread && !cpu.bug(Bug::kPidfdThreadAlways)) {
      return Errno::kEINVAL;
    }
  }
  return denied && cpu.bug(Bug::kUsernsOffLast) ? Errno::kEPERM : Errno::kOk;
}

// -- clone3

template <class K>
struct Clone3Facts {
  typename K::Bool size_above_page, size_below_v0, size_below_v2;
  typename K::Bool bad_args, nonzero_tail;
  typename K::Bool set_tid_null, set_tid_bad, set_tid_empty, set_tid_too_long;
  typename K::Bool bad_exit_signal, has_exit_signal;
  typename K::Bool cgroup_too_large;
  typename K::Bool bad_stack;
};

inline constexpr std::uint64_t kPageSize = 4096;
inline constexpr std::uint64_t kCloneArgsV0 = 64, kCloneArgsV1 = 80, kCloneArgsV2 = 88;
inline constexpr std::uint64_t kMaxSignal = 64;
inline constexpr std::uint64_t kUserSpaceEnd = 0x7ffffffff000;  // x86-64, four-level tables

// What the struct says, as much of it as `size` lets the kernel read.
template <class K>
Clone3Facts<K> clone3_facts(const abi::Clone3& c) {
  const std::uint64_t set_tid_size = c.size >= kCloneArgsV1 ? c.set_tid_size : 0;
  const bool null = c.size < kCloneArgsV0 + 8 || c.set_tid_pointer == abi::Pointer::null;
  const std::uint64_t cgroup = c.size >= kCloneArgsV2 ? c.cgroup : 0;
  const bool beyond = c.stack_size > kUserSpaceEnd || c.stack > kUserSpaceEnd - c.stack_size;
  return {.size_above_page = c.size > kPageSize,
          .size_below_v0 = c.size < kCloneArgsV0,
          .size_below_v2 =
              c.size<kCloneArgsV2, .bad_args = c.args != abi::Pointer::good, .nonzero_tail = c.size>
                  kCloneArgsV2 &&
              c.nonzero_tail,
          .set_tid_null = null,
          .set_tid_bad = !null && c.set_tid_pointer == abi::Pointer::bad,
          .set_tid_empty = set_tid_size == 0,
          .set_tid_too_long = set_tid_size > 32,
          .bad_exit_signal = c.exit_signal > kMaxSignal,
          .has_exit_signal = c.exit_signal != 0,
          .cgroup_too_large = cgroup > 0x7fffffff,
          .bad_stack = c.stack == 0 ? c.stack_size != 0 : (c.stack_size == 0 || beyond)};
}

// CLONE3-01 to 11, in order.
template <class K>
Errno validate_clone3(Cpu<K>& cpu, typename K::Word flags, const Clone3Facts<K>& facts) {
  const auto has = [&](Flags f) { return cpu.has(flags, f); };
  if (facts.size_above_page && !cpu.bug(Bug::kClone3AnySize)) return Errno::kE2BIG;
  if (facts.size_below_v0) return Errno::kEINVAL;
  if (cpu.bug(Bug::kClone3TailFirst) && facts.nonzero_tail) return Errno::kE2BIG;
  if (facts.bad_args) return Errno::kEFAULT;
  if (facts.nonzero_tail && !cpu.bug(Bug::kClone3TailIgnored)) return Errno::kE2BIG;
  if (cpu.bug(Bug::kClone3TidsFirst) && facts.set_tid_bad) return Errno::kEFAULT;
  if (facts.set_tid_too_long) return Errno::kEINVAL;
  if (facts.set_tid_null && !facts.set_tid_empty && !cpu.bug(Bug::kClone3SetTidNull))
    return Errno::kEINVAL;
  if (!facts.set_tid_null && facts.set_tid_empty) return Errno::kEINVAL;
  if (facts.bad_exit_signal && !cpu.bug(Bug::kClone3AnySignal)) return Errno::kEINVAL;
  if (has(flag::INTO_CGROUP) && (facts.cgroup_too_large || facts.size_below_v2) &&
      !cpu.bug(Bug::kClone3AnyCgroup)) {
    return Errno::kEINVAL;
  }
  constexpr std::uint64_t known =
      0xffffffff | flag::CLEAR_SIGHAND.bits() | flag::INTO_CGROUP.bits();
  if (cpu.bug(Bug::kClone3FlagsBeforeTids) && cpu.m.has_bits(flags, ~known)) return Errno::kEINVAL;
  if (facts.set_tid_bad) return Errno::kEFAULT;
  if (cpu.m.has_bits(flags, ~known) && !cpu.bug(Bug::kClone3TakesUnknownFlags)) {
    return Errno::kEINVAL;
  }
  const bool newtime = cpu.kernel.rules.clone3_takes_newtime && !cpu.bug(Bug::kClone3NoNewtime);
  const Flags signal_bits = newtime ? flag::EXIT_SIGNAL & ~flag::NEWTIME : flag::EXIT_SIGNAL;
  if (has(cpu.bug(Bug::kClone3Detached) ? signal_bits : flag::DETACHED | signal_bits))
    return Errno::kEINVAL;
  if (has(flag::SIGHAND) && has(flag::CLEAR_SIGHAND) && !cpu.bug(Bug::kClone3ClearSighand))
    return Errno::kEINVAL;
  if (has(flag::THREAD | flag::PARENT) && facts.has_exit_signal &&
      !cpu.bug(Bug::kClone3SignalWithThread)) {
    return Errno::kEINVAL;
  }
  if (facts.bad_stack && !cpu.bug(Bug::kClone3AnyStack)) return Errno::kEINVAL;
  return Errno::kOk;
}

// -- unshare

// UNSHARE-01: what flags imply, in this order.
template <class K>
typename K::Word imply_unshare_flags(Cpu<K>& cpu, typename K::Word flags) {
  using M = typename K::Machine;
  if (cpu.has(flags, flag::NEWUSER)) {
    const Flags implied =
        cpu.bug(Bug::kNewuserImpliesNoThread) ? flag::FS : flag::THREAD | flag::FS;
    flags = flags | M::word(implied);
  }
  if (cpu.has(flags, flag::NEWPID) && cpu.bug(Bug::kNewpidImpliesThread)) {
    flags = flags | M::word(flag::THREAD);
  }
  if (cpu.has(flags, flag::VM)) flags = flags | M::word(flag::SIGHAND);
  if (cpu.has(flags, flag::SIGHAND)) flags = flags | M::word(flag::THREAD);
  if (cpu.has(flags, flag::NEWNS) && !cpu.bug(Bug::kNewnsImpliesNoFs)) {
    flags = flags | M::word(flag::FS);
  }
  return flags;
}

template <class K>
struct UnshareFacts {
  typename K::Bool group_empty;      // TEST-A
  typename K::Bool sighand_shared;   // UNSHARE-04
  typename K::Bool single_threaded;  // TEST-B
};

template <class K>
UnshareFacts<K> unshare_facts(Cpu<K>& cpu) {
  return {.group_empty = thread_group_empty(cpu),
          .sighand_shared = cpu.shared(cpu.current->sighand),
          .single_threaded = current_is_single_threaded(cpu)};
}

inline constexpr Flags kUnshareFlags = flag::NAMESPACES | flag::THREAD | flag::FS | flag::SIGHAND |
                                       flag::VM | flag::FILES | flag::SYSVSEM;

// UNSHARE-02 to 05, of the flags with those that they imply.
template <class K>
Errno check_unshare_flags(Cpu<K>& cpu, typename K::Word flags, const UnshareFacts<K>& facts) {
  const auto has = [&](Flags f) { return cpu.has(flags, f); };
  if (cpu.m.has_bits(flags, ~kUnshareFlags.bits()) && !cpu.bug(Bug::kUnshareTakesUnknownFlags)) {
    return Errno::kEINVAL;
  }
  const Flags of_threads = flag::THREAD | flag::SIGHAND | flag::VM;
  if constexpr (Cpu<K>::optimized(kOnePassFlags)) {
    if (!has(of_threads)) return Errno::kOk;
  }
  if (has(of_threads) && !facts.group_empty && !cpu.bug(Bug::kUnshareThreaded)) {
    return Errno::kEINVAL;
  }
  if (has(flag::SIGHAND | flag::VM) && facts.sighand_shared &&
      !cpu.bug(Bug::kUnshareSharedSighand)) {
    return Errno::kEINVAL;
  }
  const Flags asks_mm =
      cpu.bug(Bug::kUnshareThreadAsksMm) ? flag::VM | flag::THREAD : Flags{flag::VM};
  if (has(asks_mm) && !facts.single_threaded && !cpu.bug(Bug::kUnshareSharedVm)) {
    return Errno::kEINVAL;
  }
  return Errno::kOk;
}

}  // namespace impl
