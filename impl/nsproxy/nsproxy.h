// The nsproxy itself: made, counted, exchanged, given up.
//
// Mirrors kernel/nsproxy.c (6.18): create_nsproxy, create_new_namespaces, copy_namespaces,
// free_nsproxy, switch_task_namespaces, exit_task_namespaces, exec_task_namespaces,
// unshare_nsproxy_namespaces; and 6.19's split of freeing into nsproxy_free and deactivation. setns
// is in nsset.h. Nothing of the file is left out but CONFIG_TIME_NS's stubs and proc connectors.
#pragma once

#include <utility>

#include "impl/ns/ipc_ns.h"
#include "impl/ns/mnt_ns.h"
#include "impl/ns/pid_ns.h"
#include "impl/ns/time_ns.h"
#include "impl/ns/user_ns.h"

namespace impl {

using abi::NsLink;

// -- references ----------------------------------------------------------------------------------

template <class K>
Nsproxy<K>* get_nsproxy(Cpu<K>& cpu, Nsproxy<K>* ns) {
  return cpu.get(ns);
}

// REF-06 to 08 hang on these: ACT-05(a), one use for each of the eight pointers.
template <class K>
void nsproxy_ns_active_get(Cpu<K>& cpu, const Nsproxy<K>& ns) {
  if (!cpu.kernel.rules.active_refs) return;
  for (std::size_t i = 0; i < abi::kNsproxySlots; ++i) {
    const auto link = static_cast<NsLink>(i);
    if (ns.lends(link)) continue;  // the use is lent as well
    if (link == NsLink::time && cpu.bug(Bug::kActiveGetForgetsTime)) continue;
    ns_ref_active_get(cpu, ns.slot(link));
  }
}

template <class K>
void nsproxy_ns_active_put(Cpu<K>& cpu, const Nsproxy<K>& ns) {
  if (!cpu.kernel.rules.active_refs) return;
  for (std::size_t i = 0; i < abi::kNsproxySlots; ++i) {
    const auto link = static_cast<NsLink>(i);
    if (link == NsLink::time && cpu.bug(Bug::kActivePutForgetsTime)) continue;
    ns_ref_active_put(cpu, ns.slot(link));
  }
}

// The bug that forgets one slot when a nsproxy is freed.
constexpr Bug forgotten_by_free(NsLink link) {
  constexpr std::array<Bug, abi::kNsproxySlots> bugs = {Bug::kFreeForgetsMnt,
                                                        Bug::kFreeForgetsUts,
                                                        Bug::kFreeForgetsIpc,
                                                        Bug::kFreeForgetsPid,
                                                        Bug::kFreeForgetsCgroup,
                                                        Bug::kFreeForgetsNet,
                                                        Bug::kFreeForgetsTimeForChildren,
                                                        Bug::kFreeForgetsTime};
  return bugs[abi::index(link)];
}

// Drops the reference in one slot, unless it is lent.
template <class K>
void put_slot(Cpu<K>& cpu, const Nsproxy<K>& ns, NsLink link) {
  if (ns.lends(link)) return;
  switch (link) {
    case NsLink::mnt:
      return put_mnt_ns(cpu, ns.mnt_ns);
    case NsLink::uts:
      return put_uts_ns(cpu, ns.uts_ns);
    case NsLink::ipc:
      return put_ipc_ns(cpu, ns.ipc_ns);
    case NsLink::pid_for_children:
      return put_pid_ns(cpu, ns.pid_ns_for_children);
    case NsLink::cgroup:
      return put_cgroup_ns(cpu, ns.cgroup_ns);
    case NsLink::net:
      return put_net(cpu, ns.net_ns);
    case NsLink::time_for_children:
      return put_time_ns(cpu, ns.time_ns_for_children);
    case NsLink::time:
      return put_time_ns(cpu, ns.time_ns);
    case NsLink::pid:
    case NsLink::user:
      return;  // not in a nsproxy
  }
}

// Drops references only: for a nsproxy that was never attached, and the last half of freeing one
// that was (6.19's nsproxy_free; ACT-06).
template <class K>
void nsproxy_free(Cpu<K>& cpu, Nsproxy<K>* ns) {
  constexpr std::array<NsLink, abi::kNsproxySlots> order = {
      // REF-03
      NsLink::mnt,    NsLink::uts,
      NsLink::ipc,    NsLink::pid_for_children,
      NsLink::time,   NsLink::time_for_children,
      NsLink::cgroup, NsLink::net};
  for (const NsLink link : order) {
    if (!cpu.bug(forgotten_by_free(link))) put_slot(cpu, *ns, link);
  }
  cpu.free_after_readers(ns);
}

// One that a task pointed at: its namespaces go out of use first, then the references.
template <class K>
void free_nsproxy(Cpu<K>& cpu, Nsproxy<K>* ns) {
  if (cpu.bug(Bug::kFreeBeforeDeactivate)) {
    const Nsproxy<K>& gone = *ns;
    nsproxy_free(cpu, ns);
    return nsproxy_ns_active_put(cpu, gone);
  }
  if (!cpu.bug(Bug::kFreeNotDeactivated)) nsproxy_ns_active_put(cpu, *ns);
  nsproxy_free(cpu, ns);
}

template <class K>
void put_nsproxy(Cpu<K>& cpu, Nsproxy<K>* ns) {
  if (cpu.put(ns)) free_nsproxy(cpu, ns);
}

// Discards one that was never attached: its maker holds the only reference.
template <class K>
void discard_nsproxy(Cpu<K>& cpu, Nsproxy<K>* ns) {
  if (!cpu.put(ns)) return;
  if (cpu.bug(Bug::kDiscardDeactivates)) nsproxy_ns_active_put(cpu, *ns);  // BUG-53
  nsproxy_free(cpu, ns);
}

// -- making --------------------------------------------------------------------------------------

template <class K>
Fallible<Nsproxy<K>> create_nsproxy(Cpu<K>& cpu) {
  if (cpu.fails(Step::alloc_nsproxy)) return errno_of(Step::alloc_nsproxy);
  auto* const ns = cpu.template alloc<Nsproxy<K>>();
  ns->lent = 0;
  return ns;
}

// NSP-01: the order in which the slots are filled; time_ns is always kept, and last.
inline constexpr std::array kStages = {NsLink::mnt,
                                       NsLink::uts,
                                       NsLink::ipc,
                                       NsLink::pid_for_children,
                                       NsLink::cgroup,
                                       NsLink::net,
                                       NsLink::time_for_children,
                                       NsLink::time};

// The stage at that place, a constant without bugs that exchange one with the next.
template <class K>
constexpr NsLink stage_at(const Cpu<K>& cpu, std::size_t place) {
  constexpr std::array exchanged = {Bug::kUtsBeforeMnt,    Bug::kIpcBeforeUts,
                                    Bug::kPidBeforeIpc,    Bug::kCgroupBeforePid,
                                    Bug::kNetBeforeCgroup, Bug::kTimeBeforeNet};
  const auto with_next = [&](std::size_t i) {
    return i < exchanged.size() && cpu.bug(exchanged[i]);
  };
  if (with_next(place)) return kStages[place + 1];
  return place > 0 && with_next(place - 1) ? kStages[place - 1] : kStages[place];
}

// The bug that forgets one stage when a later one fails.
constexpr Bug forgotten_by_rollback(NsLink stage) {
  constexpr std::array<Bug, abi::kNsproxySlots> bugs = {Bug::kRollbackForgetsMnt,
                                                        Bug::kRollbackForgetsUts,
                                                        Bug::kRollbackForgetsIpc,
                                                        Bug::kRollbackForgetsPid,
                                                        Bug::kRollbackForgetsCgroup,
                                                        Bug::kRollbackForgetsNet,
                                                        Bug::kNone,  // nothing can fail after it
                                                        Bug::kNone};
  return bugs[abi::index(stage)];
}

// NSP-02: what the stages before the failed one took or made is put back in reverse order.
template <class K>
void roll_back(Cpu<K>& cpu, Nsproxy<K>* ns, std::size_t failed) {
  for (std::size_t place = failed; place-- > 0;) {
    const NsLink stage = stage_at(cpu, place);
    if (!cpu.bug(forgotten_by_rollback(stage))) put_slot(cpu, *ns, stage);
  }
  if (cpu.bug(Bug::kRollbackLeaksNsproxy)) return;
  if (cpu.put(ns)) cpu.free_after_readers(ns);
}

// NSP-01: a new nsproxy with one reference, which transfers to the caller. Each slot holds one of
// its own; with Keep::lend, those that did not change are still the task's nsproxy's, until
// switch_task_namespaces() settles whose they are.
template <class K>
Fallible<Nsproxy<K>> create_new_namespaces(Cpu<K>& cpu, typename K::Word flags, Task<K>& task,
                                           UserNs<K>* user_ns, Fs<K>* new_fs, Keep keep) {
  using enum NsLink;
  const auto made = create_nsproxy(cpu);
  if (made.failed()) return made;
  Nsproxy<K>* const ns = made.value;
  const Nsproxy<K>& old = *cpu.m.own(task.nsproxy);
  const auto fill = [&]<class Ns>(NsLink link, Ns*& slot, const Ns* kept, Fallible<Ns> now) {
    if (now.failed()) return now.error;
    slot = now.value;
    if (keep == Keep::lend && slot == kept) {
      ns->lent |= static_cast<std::uint8_t>(1u << abi::index(link));
    }
    return Errno::kOk;
  };
  // Inlined, so that the stage is a constant and what is left of the switch is one case.
  const auto copy = [&](NsLink stage) __attribute__((always_inline))->Errno {
    switch (stage) {
      case mnt:
        return fill(stage, ns->mnt_ns, old.mnt_ns,
                    copy_mnt_ns(cpu, flags, old.mnt_ns, user_ns, new_fs, keep));
      case uts:
        return fill(stage, ns->uts_ns, old.uts_ns,
                    copy_utsname(cpu, flags, user_ns, old.uts_ns, keep));
      case ipc:
        return fill(stage, ns->ipc_ns, old.ipc_ns,
                    copy_ipcs(cpu, flags, user_ns, old.ipc_ns, keep));
      case pid_for_children:
        return fill(stage, ns->pid_ns_for_children, old.pid_ns_for_children,
                    copy_pid_ns(cpu, flags, user_ns, old.pid_ns_for_children, keep));
      case cgroup:
        return fill(stage, ns->cgroup_ns, old.cgroup_ns,
                    copy_cgroup_ns(cpu, flags, user_ns, old.cgroup_ns, keep));
      case net:
        return fill(stage, ns->net_ns, old.net_ns,
                    copy_net_ns(cpu, flags, user_ns, old.net_ns, keep));
      case time_for_children:
        return fill(stage, ns->time_ns_for_children, old.time_ns_for_children,
                    copy_time_ns(cpu, flags, user_ns, old.time_ns_for_children, keep));
      case time:
        return fill(stage, ns->time_ns, old.time_ns,
                    Fallible(cpu.bug(Bug::kCreateForgetsTime) ? old.time_ns
                                                              : keep_ns(cpu, old.time_ns, keep)));
      case pid:
      case user:
        break;  // not in a nsproxy
    }
    return Errno::kOk;
  };
  Errno error = Errno::kOk;
  std::size_t place = 0;
  const auto fill_all = [&]<std::size_t... i>(std::index_sequence<i...>) {
    return ((place = i, error = copy(stage_at(cpu, i)), error == Errno::kOk) && ...);
  };
  if (!fill_all(std::make_index_sequence<kStages.size()>())) {
    roll_back(cpu, ns, place);
    return error;
  }
  return ns;
}

// -- exchanging ----------------------------------------------------------------------------------

// kTakeOver: the references that `ns` had lent become its own. They are the old nsproxy's if that
// dies here, and new ones if somebody else holds it.
template <class K>
void settle_lent(Cpu<K>& cpu, Nsproxy<K>* old, Nsproxy<K>* ns) {
  const std::uint8_t lent = ns->lent;
  cpu.touch(*old);
  if (cpu.bug(Bug::kTakeOverFromShared) || cpu.m.retire(*old)) {
    // Nobody holds it and nobody can get it. What was lent transfers; the rest goes.
    const auto each_left = [&](auto&& f) {
      for (std::size_t i = 0; i < abi::kNsproxySlots; ++i) {
        if ((lent >> i & 1) == 0) f(static_cast<NsLink>(i));
      }
    };
    ns->lent = 0;
    if (!cpu.bug(Bug::kTakeOverKeepsUse)) {
      each_left([&](NsLink link) { ns_ref_active_put(cpu, old->slot(link)); });
    }
    if (!cpu.bug(Bug::kTakeOverKeepsRest)) {
      each_left([&](NsLink link) { put_slot(cpu, *old, link); });
    }
    cpu.free_after_readers(old);
    return;
  }
  for (std::size_t i = 0; i < abi::kNsproxySlots; ++i) {
    if ((lent >> i & 1) == 0) continue;
    NsHead<K>* const kept = ns->slot(static_cast<NsLink>(i));
    if (!cpu.bug(Bug::kLentNotCounted)) ns_get(cpu, kept);
    if (!cpu.bug(Bug::kLentNotActivated)) ns_ref_active_get(cpu, kept);
  }
  ns->lent = 0;
  if (!cpu.bug(Bug::kTakeOverKeepsOld)) put_nsproxy(cpu, old);
}

// The task's namespaces from now on: the reference on `ns` transfers to the task (null: none any
// more), the old one is dropped. Only the task's carrier may do this.
template <class K>
void switch_task_namespaces(Cpu<K>& cpu, Task<K>& task, Nsproxy<K>* ns) {
  Nsproxy<K>* const old = cpu.m.own(task.nsproxy);
  if (ns != nullptr && !cpu.bug(Bug::kSwitchNotActivated)) nsproxy_ns_active_get(cpu, *ns);
  cpu.publish(task.nsproxy, ns);
  cpu.touch_task(task);
  if (ns != nullptr && ns->lent != 0) return settle_lent(cpu, old, ns);
  if (old != nullptr && !cpu.bug(Bug::kSwitchForgetsOld)) put_nsproxy(cpu, old);
}

// EXIT-01: before the parent can see the zombie.
template <class K>
void exit_task_namespaces(Cpu<K>& cpu, Task<K>& task) {
  switch_task_namespaces<K>(cpu, task, nullptr);
}

// Whether this kernel's own switches may have references lent (see Keep).
template <class K>
constexpr Keep keep_for_switch(const Cpu<K>& cpu) {
  constexpr std::array in_take_over = {Bug::kLentNotCounted,    Bug::kTakeOverFromShared,
                                       Bug::kTakeOverKeepsRest, Bug::kTakeOverKeepsUse,
                                       Bug::kTakeOverKeepsOld,  Bug::kLentNotActivated,
                                       Bug::kRetireRelaxed};
  bool lend = Cpu<K>::optimized(kTakeOver);
  for (const Bug bug : in_take_over) lend |= cpu.bug(bug);
  return lend ? Keep::lend : Keep::count;
}

// EXEC-01: the pending time namespace becomes the one in use. Past the point of no return: a
// failure kills the caller.
template <class K>
Errno exec_task_namespaces(Cpu<K>& cpu) {
  Task<K>& task = *cpu.current;
  const Nsproxy<K>& now = *cpu.nsproxy();
  if (now.time_ns_for_children == now.time_ns) return Errno::kOk;
  if (cpu.bug(Bug::kExecSwitchesInPlace)) {
    timens_on_fork(cpu, const_cast<Nsproxy<K>&>(now));
    return Errno::kOk;
  }
  const auto made = create_new_namespaces(cpu, typename K::Word{0}, task, cpu.cred()->user_ns,
                                          cpu.m.own(task.fs), keep_for_switch(cpu));
  if (made.failed()) return made.error;
  timens_on_fork(cpu, *made.value);
  switch_task_namespaces(cpu, task, made.value);  // transfers
  return Errno::kOk;
}

// UNSHARE-41. `user_ns` is the new user namespace, or null for the caller's own; the result is null
// if no flag asks for a new nsproxy.
template <class K>
Fallible<Nsproxy<K>> unshare_nsproxy_namespaces(Cpu<K>& cpu, typename K::Word flags,
                                                UserNs<K>* new_user_ns, Fs<K>* new_fs) {
  if (!cpu.has(flags, flag::NSPROXY)) return Fallible<Nsproxy<K>>(nullptr);
  UserNs<K>* const asked_of = new_user_ns != nullptr ? new_user_ns : cpu.cred()->user_ns;
  UserNs<K>* const user_ns =
      cpu.bug(Bug::kUnshareOwnedByOldUserNs) ? cpu.cred()->user_ns : asked_of;
  if (!cpu.bug(Bug::kUnshareNotCapable) && !ns_capable(cpu, asked_of, abi::cap::SYS_ADMIN)) {
    return Errno::kEPERM;
  }
  Task<K>& task = *cpu.current;
  return create_new_namespaces(cpu, flags, task, user_ns,
                               new_fs != nullptr ? new_fs : cpu.m.own(task.fs),
                               keep_for_switch(cpu));
}

// -- forking -------------------------------------------------------------------------------------

// CLONE-30: the child can share its parent's nsproxy.
template <class K>
bool shares_nsproxy(Cpu<K>& cpu, typename K::Word flags, const Nsproxy<K>& old) {
  if (cpu.has(flags, flag::NSPROXY)) return false;
  if (old.time_ns_for_children == old.time_ns) return true;
  if (cpu.bug(Bug::kFastPathIgnoresTime)) return true;
  if (!cpu.kernel.rules.time_moves_at_exec) return false;
  return static_cast<bool>(cpu.has(flags, flag::VM)) && !cpu.bug(Bug::kFastPathIgnoresVm);
}

// CLONE-30 to 41, for a child that nobody can see yet; `user_ns` is the child's. On success the
// child holds a reference of its own; on failure its pointer is null.
template <class K>
Errno copy_namespaces(Cpu<K>& cpu, typename K::Word flags, Task<K>& child, UserNs<K>* user_ns) {
  Nsproxy<K>* const old = cpu.nsproxy();
  if (shares_nsproxy(cpu, flags, *old)) {
    cpu.m.init(child.nsproxy, cpu.bug(Bug::kForkForgetsGet) ? old : get_nsproxy(cpu, old));
    return Errno::kOk;
  }
  const bool asks = static_cast<bool>(cpu.has(flags, flag::NSPROXY));
  if (cpu.bug(Bug::kSysvsemBeforeCapable) && cpu.has(flags, flag::NEWIPC) &&
      cpu.has(flags, flag::SYSVSEM)) {
    return Errno::kEINVAL;
  }
  if (asks && !cpu.bug(Bug::kCloneNotCapable) && !ns_capable(cpu, user_ns, abi::cap::SYS_ADMIN)) {
    return Errno::kEPERM;
  }
  if (cpu.has(flags, flag::NEWIPC) && cpu.has(flags, flag::SYSVSEM) &&
      !cpu.bug(Bug::kNewipcWithSysvsem)) {
    return Errno::kEINVAL;
  }
  UserNs<K>* const owner = cpu.bug(Bug::kCloneOwnedByOldUserNs) ? cpu.cred()->user_ns : user_ns;
  const auto made =
      create_new_namespaces(cpu, flags, *cpu.current, owner, cpu.m.own(child.fs), Keep::count);
  if (made.failed()) return made.error;
  // CLONE-41. Before 6.2 whatever VM says (BUG-17).
  const bool keeps_time = cpu.kernel.rules.time_moves_at_exec &&
                          static_cast<bool>(cpu.has(flags, flag::VM)) &&
                          !cpu.bug(Bug::kVmCloneMovesTime);
  if (!keeps_time && !cpu.bug(Bug::kForkDoesNotMoveTime)) timens_on_fork(cpu, *made.value);
  if (!cpu.bug(Bug::kCloneNotActivated)) nsproxy_ns_active_get(cpu, *made.value);
  cpu.m.init(child.nsproxy, made.value);  // transfers
  return Errno::kOk;
}

}  // namespace impl
