// unshare.
//
// Mirrors ksys_unshare() of kernel/fork.c (6.18), with the cure of unshare_fs() (BUG-01) and of the
// leaked nsproxy (BUG-02) in every version: check, then make everything that can fail, then commit.
// exit_shm() is left out, for there are no shared memory segments.
#pragma once

#include "impl/nsproxy/nsproxy.h"
#include "impl/syscalls/clone_flags.h"
#include "impl/syscalls/exit.h"
#include "impl/syscalls/exit_sem.h"

namespace impl {

// What unshare has made and not yet installed: one reference each, or null.
template <class K>
struct Unshared {
  Fs<K>* fs = nullptr;
  Files<K>* files = nullptr;
  Cred<K>* cred = nullptr;
  Nsproxy<K>* nsproxy = nullptr;
};

template <class K>
void put_unshared(Cpu<K>& cpu, Unshared<K>& made) {
  if (made.nsproxy != nullptr && !cpu.bug(Bug::kUnshareLeaksNsproxy)) {
    discard_nsproxy(cpu, made.nsproxy);
  }
  if (made.cred != nullptr && !cpu.bug(Bug::kUnshareLeaksCred)) put_cred(cpu, made.cred);
  if (made.files != nullptr && !cpu.bug(Bug::kUnshareLeaksFiles)) {
    put_files_struct(cpu, made.files);
  }
  if (made.fs != nullptr && !cpu.bug(Bug::kUnshareLeaksFs)) put_fs(cpu, made.fs);
}

// UNSHARE-10: copied whenever the mount namespace is, because copy_mnt_ns() writes to it.
template <class K>
Errno unshare_fs(Cpu<K>& cpu, typename K::Word flags, Unshared<K>& made) {
  Fs<K>* const fs = cpu.m.own(cpu.current->fs);
  const bool newns =
      static_cast<bool>(cpu.has(flags, flag::NEWNS)) && !cpu.bug(Bug::kUnshareFsNotCopiedAlone);
  if (!cpu.has(flags, flag::FS)) return Errno::kOk;
  if (!newns && !cpu.shared(fs)) return Errno::kOk;
  const auto copy = copy_fs_struct(cpu, *fs);
  made.fs = copy.value;
  return copy.error;
}

template <class K>
Errno unshare_fd(Cpu<K>& cpu, typename K::Word flags, Unshared<K>& made) {
  if (!cpu.has(flags, flag::FILES) || !cpu.shared(cpu.current->files)) return Errno::kOk;
  if (cpu.fails(Step::copy_files)) return errno_of(Step::copy_files);
  made.files = cpu.template alloc<Files<K>>();
  return Errno::kOk;
}

template <class K>
Errno unshare_userns(Cpu<K>& cpu, typename K::Word flags, Unshared<K>& made) {
  if (!cpu.has(flags, flag::NEWUSER)) return Errno::kOk;
  if (!configured(cpu, abi::NsType::user)) return Errno::kEINVAL;
  const auto cred = prepare_creds(cpu);
  if (cred.failed()) return cred.error;
  const Errno e = create_user_ns(cpu, *cred.value);
  if (e != Errno::kOk) {
    if (!cpu.bug(Bug::kUnshareUserKeepsCred)) put_cred(cpu, cred.value);
    return e;
  }
  made.cred = cred.value;
  return Errno::kOk;
}

// Everything that can fail, in the kernel's order.
template <class K>
Errno make_unshared(Cpu<K>& cpu, typename K::Word flags, Unshared<K>& made) {
  if (const Errno e = unshare_fs(cpu, flags, made); e != Errno::kOk) return e;
  if (const Errno e = unshare_fd(cpu, flags, made); e != Errno::kOk) return e;
  const bool nsproxy_first = cpu.bug(Bug::kUnshareNsproxyBeforeUser);
  if (!nsproxy_first) {
    if (const Errno e = unshare_userns(cpu, flags, made); e != Errno::kOk) return e;
  }
  if (made.cred != nullptr && cpu.bug(Bug::kUnshareCommitsCredEarly)) {  // MUT-23
    commit_creds(cpu, *cpu.current, cpu.get(made.cred));
  }
  UserNs<K>* const user_ns = made.cred != nullptr ? made.cred->user_ns : nullptr;
  const auto nsproxy = unshare_nsproxy_namespaces(cpu, flags, user_ns, made.fs);
  if (nsproxy.failed()) return nsproxy.error;
  made.nsproxy = nsproxy.value;
  if (nsproxy_first) {
    if (const Errno e = unshare_userns(cpu, flags, made); e != Errno::kOk) return e;
  }
  if (made.cred == nullptr) return Errno::kOk;
  const Errno e = set_cred_ucounts(cpu, *made.cred);  // UNSHARE-44
  if (e != Errno::kOk && cpu.bug(Bug::kUnshareUcountsLeaksNsproxy)) made.nsproxy = nullptr;
  return e;
}

// UNSHARE-50 to 54: cannot fail. Everything made transfers to the task.
template <class K>
void commit_unshared(Cpu<K>& cpu, typename K::Word flags, const Unshared<K>& made) {
  Task<K>& me = *cpu.current;
  const bool late = cpu.bug(Bug::kSemUndoAfterSwitch);
  const bool leaves_sem = static_cast<bool>(cpu.has(flags, flag::NEWIPC | flag::SYSVSEM)) &&
                          !cpu.bug(Bug::kUnshareIpcKeepsUndo);
  if (leaves_sem && !late) exit_sem(cpu, me);
  if (made.nsproxy != nullptr) switch_task_namespaces(cpu, me, made.nsproxy);
  if (leaves_sem && late) exit_sem(cpu, me);
  if (made.fs != nullptr) {
    Fs<K>* const old = cpu.m.own(me.fs);
    cpu.publish(me.fs, made.fs);
    if (!cpu.bug(Bug::kUnshareForgetsOldFs)) put_fs(cpu, old);
    cpu.touch_task(me);
  }
  if (made.files != nullptr) {
    Files<K>* const old = std::exchange(me.files, made.files);
    if (!cpu.bug(Bug::kUnshareForgetsOldFiles)) put_files_struct(cpu, old);
  }
  if (made.cred != nullptr) commit_creds(cpu, me, made.cred);
}

template <class K>
abi::Result sys_unshare(Cpu<K>& cpu, typename K::Word asked) {
  const auto flags = imply_unshare_flags(cpu, asked);
  if (cpu.bug(Bug::kUnshareUsernsOffLast)) {
    const Errno early = check_unshare_flags(cpu, flags, unshare_facts(cpu));
    if (early != Errno::kOk) return abi::Result::failure(early);
  }
  if (cpu.kernel.rules.userns_off && cpu.has(flags, flag::NEWUSER) &&
      !capable(cpu, abi::cap::SYS_ADMIN) && !cpu.bug(Bug::kUsernsOffIgnored)) {
    return abi::Result::failure(Errno::kEPERM);  // CLONE-19
  }
  const Errno invalid = check_unshare_flags(cpu, flags, unshare_facts(cpu));
  if (invalid != Errno::kOk) return abi::Result::failure(invalid);
  if (cpu.bug(Bug::kSemUndoOnFailure) && cpu.has(flags, flag::NEWIPC)) exit_sem(cpu, *cpu.current);
  Unshared<K> made;
  const Errno e = make_unshared(cpu, flags, made);
  if (e != Errno::kOk) {
    put_unshared(cpu, made);
    return abi::Result::failure(e);
  }
  commit_unshared(cpu, flags, made);
  return abi::Result::success();
}

}  // namespace impl
