// setns in two phases: everything that can fail happens to a nsset, then it is committed.
//
// Mirrors kernel/nsproxy.c (6.18): check_setns_flags, prepare_nsset, validate_ns, validate_nsset,
// commit_nsset, put_nsset; and each type's install function (mntns_install in fs/namespace.c,
// userns_install, pidns_install, timens_install, and the like). Path lookup in the target mount
// namespace cannot fail here. Nothing else is left out.
#pragma once

#include "impl/nsproxy/nsproxy.h"
#include "impl/syscalls/exit_sem.h"
#include "impl/task/cred.h"
#include "impl/task/pid.h"
#include "impl/task/ptrace.h"
#include "impl/task/threads.h"

namespace impl {

template <class K>
struct Nsset {
  typename K::Word flags{};
  Nsproxy<K>* nsproxy = nullptr;  // one reference, until it is committed
  Cred<K>* cred = nullptr;        // one reference with NEWUSER, until it is committed
  Fs<K>* fs = nullptr;            // one reference if fs_copied
  bool cred_copied = false;
  bool fs_copied = false;
};

// SETNS-05: what a pidfd may be asked for.
template <class K>
Errno check_setns_flags(Cpu<K>& cpu, typename K::Word flags) {
  if ((!cpu.has(flags, flag::NAMESPACES) && !cpu.bug(Bug::kSetnsTakesNoFlags)) ||
      (cpu.m.has_bits(flags, ~flag::NAMESPACES.bits()) && !cpu.bug(Bug::kSetnsTakesUnknownFlags))) {
    return Errno::kEINVAL;
  }
  for (const abi::NsType type : abi::kAllNsTypes) {
    if (cpu.has(flags, abi::flag_of(type)) && !configured(cpu, type) &&
        !cpu.bug(Bug::kSetnsUnconfigured)) {
      return Errno::kEINVAL;
    }
  }
  return Errno::kOk;
}

// SETNS-72.
template <class K>
void put_nsset(Cpu<K>& cpu, Nsset<K>& set) {
  if (set.cred_copied && set.cred != nullptr && !cpu.bug(Bug::kNssetLeaksCred)) {
    put_cred(cpu, set.cred);
  }
  if (set.fs_copied && !cpu.bug(Bug::kNssetLeaksFs)) put_fs(cpu, set.fs);
  if (set.nsproxy != nullptr && !cpu.bug(Bug::kNssetLeaksNsproxy)) {
    discard_nsproxy(cpu, set.nsproxy);
  }
}

// SETNS-06. On failure nothing is held.
template <class K>
Errno prepare_nsset(Cpu<K>& cpu, typename K::Word flags, Nsset<K>& set) {
  Fs<K>* const fs = cpu.m.own(cpu.current->fs);
  const auto made = create_new_namespaces(cpu, typename K::Word{0}, *cpu.current,
                                          cpu.cred()->user_ns, fs, keep_for_switch(cpu));
  if (made.failed()) return made.error;
  set.flags = flags;
  set.nsproxy = made.value;
  const auto fail = [&](Errno error) {
    if (!cpu.bug(Bug::kPrepareLeaksNsproxy)) put_nsset(cpu, set);
    return error;
  };
  set.cred = cpu.cred();
  if (cpu.has(flags, flag::NEWUSER)) {
    const auto cred = prepare_creds(cpu);
    if (cred.failed()) {
      set.cred = nullptr;
      return fail(cred.error);
    }
    set.cred = cred.value;
    set.cred_copied = true;
  }
  if (cpu.has(flags, flag::NEWNS)) {
    set.fs = fs;
    // SETNS-44: with other types a private copy, whose users nobody else is.
    if (cpu.m.has_bits(flags, ~flag::NEWNS.bits())) {
      const auto copy = copy_fs_struct(cpu, *fs);
      if (copy.failed()) {
        set.fs = nullptr;
        return fail(copy.error);
      }
      set.fs = copy.value;
      set.fs_copied = true;
    }
  }
  return Errno::kOk;
}

// -- install -------------------------------------------------------------------------------------

// The two questions of SETNS-30: over the namespace's owner, and over the user namespace that the
// caller will be in.
template <class K>
bool may_install(Cpu<K>& cpu, const Nsset<K>& set, const NsHead<K>& ns) {
  const UserNs<K>* const mine =
      cpu.bug(Bug::kInstallAsksOldUserNs) ? cpu.cred()->user_ns : set.cred->user_ns;
  if (cpu.bug(Bug::kInstallAsksNewCred)) {
    return cap_capable(cpu, *set.cred, ns.owner, abi::cap::SYS_ADMIN) &&
           cap_capable(cpu, *set.cred, mine, abi::cap::SYS_ADMIN);
  }
  if (!cpu.bug(Bug::kInstallIgnoresOwner) && !ns_capable(cpu, ns.owner, abi::cap::SYS_ADMIN)) {
    return false;
  }
  return cpu.bug(Bug::kInstallIgnoresOwnUserNs) || ns_capable(cpu, mine, abi::cap::SYS_ADMIN);
}

// Puts a namespace into a slot: takes a reference for it and drops the one of what was there, in
// this order, for they may be the same.
template <class K, class Ns>
void replace_slot(Cpu<K>& cpu, Nsproxy<K>& nsproxy, NsLink link, Ns*& slot, Ns* ns) {
  Ns* const old = cpu.bug(Bug::kInstallNotCounted) ? ns : ns_get(cpu, ns);
  const bool held = !cpu.bug(Bug::kInstallForgetsOld);
  if (held) put_slot(cpu, nsproxy, link);
  slot = old;  // transfers
  nsproxy.lent &= static_cast<std::uint8_t>(~(1u << abi::index(link)));
}

template <class K>
Errno mntns_install(Cpu<K>& cpu, Nsset<K>& set, MntNs<K>* ns) {
  const UserNs<K>* const mine = set.cred->user_ns;
  const bool may =
      ns_capable(cpu, ns->owner, abi::cap::SYS_ADMIN) &&
      (cpu.bug(Bug::kMntInstallIgnoresChrootCap) || ns_capable(cpu, mine, abi::cap::SYS_CHROOT)) &&
      ns_capable(cpu, mine, abi::cap::SYS_ADMIN);
  const bool own = static_cast<bool>(cpu.kernel.rules.setns_asks_own_fs);
  const bool fs_shared = static_cast<bool>(cpu.shared(own ? cpu.m.own(cpu.current->fs) : set.fs));
  if (fs_shared && cpu.bug(Bug::kMntInstallSharedFirst)) return Errno::kEINVAL;
  if (!may) return Errno::kEPERM;
  if (fs_shared && !cpu.bug(Bug::kMntInstallSharedFs)) return Errno::kEINVAL;  // SETNS-43
  replace_slot(cpu, *set.nsproxy, NsLink::mnt, set.nsproxy->mnt_ns, ns);
  // SETNS-45. For NEWNS alone this is the live one; nothing fails from here on.
  set_fs_root(cpu, *set.fs, Root::top_of(ns->ns_id));
  return Errno::kOk;
}

template <class K>
Errno utsns_install(Cpu<K>& cpu, Nsset<K>& set, UtsNs<K>* ns) {
  if (!may_install(cpu, set, *ns)) return Errno::kEPERM;
  replace_slot(cpu, *set.nsproxy, NsLink::uts, set.nsproxy->uts_ns, ns);
  return Errno::kOk;
}

template <class K>
Errno ipcns_install(Cpu<K>& cpu, Nsset<K>& set, IpcNs<K>* ns) {
  if (!may_install(cpu, set, *ns)) return Errno::kEPERM;
  replace_slot(cpu, *set.nsproxy, NsLink::ipc, set.nsproxy->ipc_ns, ns);
  return Errno::kOk;
}

// SETNS-60: only the one for children changes, and only downwards from the active one.
template <class K>
Errno pidns_install(Cpu<K>& cpu, Nsset<K>& set, PidNs<K>* ns) {
  const PidNs<K>* const active = task_active_pid_ns(cpu, *cpu.current);
  const bool below = is_pid_ns_ancestor(active, ns) ||
                     (cpu.bug(Bug::kPidInstallAcceptsAncestors) && is_pid_ns_ancestor(ns, active));
  if (!below && cpu.bug(Bug::kPidInstallEinvalFirst)) return Errno::kEINVAL;
  if (!may_install(cpu, set, *ns)) return Errno::kEPERM;
  if (!below) return Errno::kEINVAL;
  replace_slot(cpu, *set.nsproxy, NsLink::pid_for_children, set.nsproxy->pid_ns_for_children, ns);
  return Errno::kOk;
}

template <class K>
Errno cgroupns_install(Cpu<K>& cpu, Nsset<K>& set, CgroupNs<K>* ns) {
  if (!may_install(cpu, set, *ns)) return Errno::kEPERM;
  if (ns == set.nsproxy->cgroup_ns) return Errno::kOk;
  replace_slot(cpu, *set.nsproxy, NsLink::cgroup, set.nsproxy->cgroup_ns, ns);
  return Errno::kOk;
}

template <class K>
Errno netns_install(Cpu<K>& cpu, Nsset<K>& set, NetNs<K>* ns) {
  if (!may_install(cpu, set, *ns)) return Errno::kEPERM;
  replace_slot(cpu, *set.nsproxy, NsLink::net, set.nsproxy->net_ns, ns);
  return Errno::kOk;
}

// SETNS-90: both slots.
template <class K>
Errno timens_install(Cpu<K>& cpu, Nsset<K>& set, TimeNs<K>* ns) {
  const bool single = static_cast<bool>(current_is_single_threaded(cpu));
  if (!single && !cpu.bug(Bug::kTimeInstallThreaded) && !cpu.bug(Bug::kTimeInstallEpermFirst)) {
    return Errno::kEUSERS;
  }
  if (!may_install(cpu, set, *ns)) return Errno::kEPERM;
  if (!single && !cpu.bug(Bug::kTimeInstallThreaded)) return Errno::kEUSERS;
  replace_slot(cpu, *set.nsproxy, NsLink::time, set.nsproxy->time_ns, ns);
  if (cpu.bug(Bug::kTimeInstallOnlyCurrent)) return Errno::kOk;
  replace_slot(cpu, *set.nsproxy, NsLink::time_for_children, set.nsproxy->time_ns_for_children, ns);
  if (cpu.bug(Bug::kTimeInstallSwapsPutAndGet)) put_time_ns(cpu, ns);  // MUT-01
  return Errno::kOk;
}

// What userns_install() asks, in this order: SETNS-80 to 83.
template <class K>
struct UserInstallFacts {
  typename K::Bool same;         // the target is the caller's
  typename K::Bool group_empty;  // TEST-A
  typename K::Bool fs_shared;    // TEST-C, always the real fs
  typename K::Bool capable;      // CAP_SYS_ADMIN over the target
};

template <class K>
Errno validate_user_install(const Cpu<K>& cpu, const UserInstallFacts<K>& facts) {
  const bool early = cpu.bug(Bug::kUserInstallEpermFirst);
  if (early && !facts.capable) return Errno::kEPERM;
  if (facts.same && !cpu.bug(Bug::kUserInstallSame)) return Errno::kEINVAL;
  if (!facts.group_empty && !cpu.bug(Bug::kUserInstallThreaded)) return Errno::kEINVAL;
  if (facts.fs_shared && !cpu.bug(Bug::kUserInstallSharedFs)) return Errno::kEINVAL;
  if (!facts.capable && !cpu.bug(Bug::kUserInstallNotCapable)) return Errno::kEPERM;
  return Errno::kOk;
}

template <class K>
Errno userns_install(Cpu<K>& cpu, Nsset<K>& set, UserNs<K>* ns) {
  const UserInstallFacts<K> facts{
      .same = ns == cpu.cred()->user_ns,
      .group_empty = thread_group_empty(cpu),
      .fs_shared = cpu.shared(cpu.m.own(cpu.current->fs)),
      .capable = ns_capable(cpu, ns, abi::cap::SYS_ADMIN),
  };
  if (const Errno e = validate_user_install(cpu, facts); e != Errno::kOk) return e;
  UserNs<K>* const old = set.cred->user_ns;
  set_cred_user_ns(cpu, *set.cred,
                   cpu.bug(Bug::kUserInstallNotCounted) ? ns : get_user_ns(cpu, ns));  // transfers
  if (!cpu.bug(Bug::kUserInstallKeepsOld)) put_user_ns(cpu, old);
  if (set_cred_ucounts(cpu, *set.cred) != Errno::kOk) return Errno::kEINVAL;
  return Errno::kOk;
}

// -- validate ------------------------------------------------------------------------------------

// A namespace of any type.
template <class K>
Errno validate_ns(Cpu<K>& cpu, Nsset<K>& set, NsHead<K>& ns) {
  switch (ns.type) {
    case abi::NsType::mnt:
      return mntns_install(cpu, set, static_cast<MntNs<K>*>(&ns));
    case abi::NsType::uts:
      return utsns_install(cpu, set, static_cast<UtsNs<K>*>(&ns));
    case abi::NsType::ipc:
      return ipcns_install(cpu, set, static_cast<IpcNs<K>*>(&ns));
    case abi::NsType::pid:
      return pidns_install(cpu, set, static_cast<PidNs<K>*>(&ns));
    case abi::NsType::cgroup:
      return cgroupns_install(cpu, set, static_cast<CgroupNs<K>*>(&ns));
    case abi::NsType::net:
      return netns_install(cpu, set, static_cast<NetNs<K>*>(&ns));
    case abi::NsType::time:
      return timens_install(cpu, set, static_cast<TimeNs<K>*>(&ns));
    case abi::NsType::user:
      return userns_install(cpu, set, static_cast<UserNs<K>*>(&ns));
  }
  return Errno::kEINVAL;
}

// The target's nsproxy with a reference for the caller, or null if it has none any more. A reader
// that takes no lock: what it finds may be dying, then the target has another one or none by now.
template <class K>
Nsproxy<K>* get_task_nsproxy(Cpu<K>& cpu, const Task<K>& target) {
  for (;;) {
    Nsproxy<K>* const ns = cpu.m.load(target.nsproxy);
    if (ns == nullptr) return nullptr;
    if (cpu.bug(Bug::kSnapshotWithoutTryGet)) return cpu.get(ns);
    if (cpu.bug(Bug::kTargetNotCounted)) return ns;
    if (cpu.try_get(ns) || !cpu.retry()) return ns;
  }
}

// What setns takes from a pidfd's target, before it asks about any of it.
template <class K>
struct NssetTarget {
  Nsproxy<K>* nsproxy = nullptr;  // each: one reference
  PidNs<K>* pid_ns = nullptr;     // the active one
  UserNs<K>* user_ns = nullptr;
};

template <class K>
void put_nsset_target(Cpu<K>& cpu, const NssetTarget<K>& target) {
  if (target.pid_ns != nullptr && !cpu.bug(Bug::kTargetKeepsPidNs)) put_pid_ns(cpu, target.pid_ns);
  if (target.user_ns != nullptr && !cpu.bug(Bug::kTargetKeepsUserNs))
    put_user_ns(cpu, target.user_ns);
  if (!cpu.bug(Bug::kSnapshotLeaksNsproxy)) put_nsproxy(cpu, target.nsproxy);
}

// SETNS-10 to 13. On failure nothing is held.
template <class K>
Errno snapshot_nsset_target(Cpu<K>& cpu, typename K::Word flags, const Pid<K>& pid,
                            NssetTarget<K>& out) {
  const ReadGuard guard(cpu);
  const Task<K>* const task = cpu.m.load(pid.task);
  if (task == nullptr) return Errno::kESRCH;
  const bool zombie = cpu.m.load(task->nsproxy) == nullptr;
  if (zombie && cpu.bug(Bug::kZombieEsrchBeforePtrace)) return Errno::kESRCH;
  if (!ptrace_may_access(cpu, *task, PtraceMode::real_creds)) return Errno::kEPERM;
  out.nsproxy = get_task_nsproxy(cpu, *task);
  if (out.nsproxy == nullptr) return Errno::kESRCH;
  if (cpu.has(flags, flag::NEWPID)) {
    PidNs<K>* const ns = cpu.bug(Bug::kPidfdTakesPidForChildren) ? out.nsproxy->pid_ns_for_children
                                                                 : task_active_pid_ns(cpu, *task);
    if (!cpu.bug(Bug::kTargetPidNsNotCounted) && !ns_try_get(cpu, ns)) {  // reaped meanwhile
      put_nsproxy(cpu, out.nsproxy);
      return Errno::kESRCH;
    }
    out.pid_ns = ns;
  }
  if (cpu.has(flags, flag::NEWUSER)) {
    // The credentials may be exchanged and die meanwhile; then there are others.
    UserNs<K>* ns = cpu.m.load(task->cred)->user_ns;
    while (!cpu.bug(Bug::kTargetUserNsNotCounted) && !ns_try_get(cpu, ns) && cpu.retry()) {
      ns = cpu.m.load(task->cred)->user_ns;
    }
    out.user_ns = ns;
  }
  return Errno::kOk;
}

// SETNS-20, 22: user first, so that the others are asked about in the new user namespace; then the
// order of the nsproxy.
template <class K>
Errno install_all(Cpu<K>& cpu, Nsset<K>& set, const NssetTarget<K>& target) {
  const Nsproxy<K>& from = *target.nsproxy;
  TimeNs<K>* const time =
      cpu.bug(Bug::kPidfdTakesTimeForChildren) ? from.time_ns_for_children : from.time_ns;
  struct Stage {
    Flags flag;
    NsHead<K>* ns;
  };
  std::array<Stage, abi::kNsTypes> stages = {{{flag::NEWUSER, target.user_ns},
                                              {flag::NEWNS, from.mnt_ns},
                                              {flag::NEWUTS, from.uts_ns},
                                              {flag::NEWIPC, from.ipc_ns},
                                              {flag::NEWPID, target.pid_ns},
                                              {flag::NEWCGROUP, from.cgroup_ns},
                                              {flag::NEWNET, from.net_ns},
                                              {flag::NEWTIME, time}}};
  if (cpu.bug(Bug::kInstallTimeBeforeUts)) std::swap(stages[2], stages[7]);
  if (cpu.bug(Bug::kInstallUserLast)) std::swap(stages[0], stages[7]);
  for (const Stage& stage : stages) {
    if (!cpu.has(set.flags, stage.flag)) continue;
    if (const Errno e = validate_ns(cpu, set, *stage.ns); e != Errno::kOk) return e;
    if (cpu.bug(Bug::kInstallCommitsAtOnce) && stage.ns->type == abi::NsType::uts) {
      const Nsproxy<K>* const now = cpu.nsproxy();
      UtsNs<K>* const old = now->uts_ns;
      const_cast<Nsproxy<K>*>(now)->uts_ns = ns_get(cpu, set.nsproxy->uts_ns);  // MUT-22
      put_uts_ns(cpu, old);
    }
  }
  return Errno::kOk;
}

template <class K>
Errno validate_nsset(Cpu<K>& cpu, Nsset<K>& set, const Pid<K>& pid) {
  NssetTarget<K> target;
  const Errno found = snapshot_nsset_target(cpu, set.flags, pid, target);
  if (found != Errno::kOk) return found;
  const Errno e = install_all(cpu, set, target);
  put_nsset_target(cpu, target);
  return e;
}

// -- commit --------------------------------------------------------------------------------------

// SETNS-71: cannot fail.
template <class K>
void commit_nsset(Cpu<K>& cpu, Nsset<K>& set) {
  Task<K>& me = *cpu.current;
  if (cpu.has(set.flags, flag::NEWUSER)) {
    commit_creds(cpu, me, set.cred);  // transfers
    set.cred = nullptr;
  }
  if (set.fs_copied && !cpu.bug(Bug::kCommitForgetsRoot)) {
    set_fs_root(cpu, *cpu.m.own(me.fs), set.fs->root.get());
  }
  if (cpu.has(set.flags, flag::NEWIPC) && !cpu.bug(Bug::kSetnsIpcKeepsUndo)) exit_sem(cpu, me);
  if (cpu.has(set.flags, flag::NEWTIME)) timens_commit(cpu, set.nsproxy->time_ns);
  switch_task_namespaces(cpu, me, set.nsproxy);  // transfers
  set.nsproxy = nullptr;
}

}  // namespace impl
