// execve of an ordinary program.
//
// Mirrors fs/exec.c (6.18): bprm_execve, begin_new_exec, de_thread, exec_mmap, and
// cap_bprm_creds_from_file() of security/commoncap.c without file capabilities. The program exists
// and can be run; its file is not looked at.
#pragma once

#include "impl/nsproxy/nsproxy.h"
#include "impl/syscalls/exit.h"

namespace impl {

// CRED-08. `cred` is a copy of the caller's; `unsafe`: another process shares its fs_struct
// (LSM_UNSAFE_SHARE of check_unsafe_exec()), so that it must not gain anything.
template <class K>
void creds_from_program(Cpu<K>& cpu, Cred<K>& cred, bool unsafe) {
  using C = Cred<K>;
  const Cred<K>& old = *cpu.cred();
  const auto root = map_id_down(cpu, *cred.user_ns, abi::MapKind::uid, 0);
  const bool effective_root = root && cred.euid() == *root;
  const bool any_root = effective_root || (root && cred.uid[C::kReal] == *root);
  cred.permitted = any_root ? cred.bounding | cred.inheritable : 0;
  // Before 6.17 an effective id that is not the real one counted as set by the program.
  const bool setid = cpu.kernel.rules.setid_by_real_ids &&
                     (cred.euid() != cred.uid[C::kReal] || cred.egid() != cred.gid[C::kReal]);
  if (unsafe && (setid || (cred.permitted & ~old.permitted) != 0)) {
    if (!ns_capable(cpu, cred.user_ns, abi::cap::SETUID)) {
      cred.uid[C::kEffective] = cred.uid[C::kReal];
      cred.gid[C::kEffective] = cred.gid[C::kReal];
    }
    cred.permitted &= old.permitted;
  }
  if (setid) cred.ambient = 0;
  cred.permitted |= cred.ambient;
  const bool keeps = cpu.bug(Bug::kExecKeepsCaps);
  if (!keeps) cred.effective = typename K::Word{effective_root ? cred.permitted : cred.ambient};
  cred.uid[C::kSaved] = cred.euid();
  cred.gid[C::kSaved] = cred.egid();
  cred.keep_caps = false;
}

// Under tasklist_lock: the caller becomes the leader that it replaces (TASK-08). Their struct pids
// are exchanged, each task's own reference with them; then the old leader is reaped.
template <class K>
void take_leadership(Cpu<K>& cpu, Task<K>& me) {
  Task<K>& leader = *me.signal->leader;
  Pid<K>* const mine = cpu.m.own(me.pid);
  Pid<K>* const theirs = cpu.m.own(leader.pid);
  cpu.publish(me.pid, theirs);
  cpu.publish(leader.pid, mine);
  cpu.publish(theirs->task, &me);
  cpu.publish(mine->task, &leader);
  replace_child(leader, me);
  me.signal->leader = &me;
  leader.sibling_prev = leader.sibling_next = nullptr;
  release_one(cpu, leader);
}

// Ends the other threads of the group. False if the caller is being killed instead.
template <class K>
bool de_thread(Cpu<K>& cpu) {
  Task<K>& me = *cpu.current;
  Signal<K>& group = *me.signal;
  if (group.threads.get() == 1) return true;
  {
    const Guard guard(cpu, cpu.kernel.tasklist_lock);
    // Somebody else ends the group, or another thread's execve was first.
    if (cpu.m.killed(me.claim)) return false;
    kill_group(cpu, group, &me);
  }
  run_exits(cpu);
  for (;;) {
    {
      const Guard guard(cpu, cpu.kernel.tasklist_lock);
      const bool led_by_me = is_leader(me);
      if (group.threads.get() == (led_by_me ? 1u : 2u)) {
        if (led_by_me) return true;
        if (group.leader->state.get() == TaskState::zombie) {
          take_leadership(cpu, me);
          return true;
        }
      }
    }
    if (cpu.m.killed(me.claim)) return false;
    cpu.m.pause();  // threads busy in calls end at their calls' ends
  }
}

// TASK-09: the new program's mm; the caller's user namespace is the one that it is made in.
template <class K>
void exec_mmap(Cpu<K>& cpu, Mm<K>* mm) {
  Task<K>& me = *cpu.current;
  complete_vfork_done(cpu, me);
  Mm<K>* const old = cpu.m.own(me.mm);
  cpu.publish(me.mm, mm);  // transfers
  if (!cpu.bug(Bug::kExecForgetsOldMm)) put_mm(cpu, old);
}

template <class K>
abi::Result sys_execve(Cpu<K>& cpu) {
  using C = Cred<K>;
  Task<K>& me = *cpu.current;
  const auto prepared = prepare_creds(cpu);
  if (prepared.failed()) return abi::Result::failure(prepared.error);
  Cred<K>* const cred = prepared.value;
  if (cpu.fails(Step::alloc_mm)) {
    if (!cpu.bug(Bug::kExecFailureLeaksCred)) put_cred(cpu, cred);
    return abi::Result::failure(errno_of(Step::alloc_mm));
  }
  auto* const mm = cpu.template alloc<Mm<K>>();
  mm->user_ns =
      cpu.bug(Bug::kExecMmUserNsNotCounted) ? cred->user_ns : get_user_ns(cpu, cred->user_ns);
  // As the old one (mm_init), until the last step that can fail is behind.
  mm->dumpable.set(cpu.m.own(me.mm)->dumpable.get());

  if (!de_thread(cpu)) {
    put_mm(cpu, mm);
    put_cred(cpu, cred);
    return abi::Result::failure(Errno::kEAGAIN);
  }
  // The point of no return. The other threads no longer share its fs_struct.
  const bool plain = cred->euid() == cred->uid[C::kReal] && cred->egid() == cred->gid[C::kReal];
  creds_from_program(cpu, *cred, static_cast<bool>(cpu.shared(cpu.m.own(me.fs))));
  if (cpu.shared(me.files)) {
    Files<K>* const old = std::exchange(me.files, cpu.template alloc<Files<K>>());
    if (!cpu.bug(Bug::kExecKeepsFiles)) put_files_struct(cpu, old);
  }
  exec_mmap(cpu, mm);
  if ((cpu.kernel.rules.time_moves_at_exec || cpu.bug(Bug::kExecMovesTimeAlways)) &&
      !cpu.bug(Bug::kExecDoesNotMoveTime)) {
    const Errno e = exec_task_namespaces(cpu);
    if (e != Errno::kOk) {  // TASK-10
      if (!cpu.bug(Bug::kLateExecFailureKeepsCred)) put_cred(cpu, cred);
      const Guard guard(cpu, cpu.kernel.tasklist_lock);
      kill_group<K>(cpu, *me.signal, nullptr);
      return abi::Result::failure(e);
    }
  }
  if (cpu.shared(me.sighand)) {
    Sighand<K>* const old = std::exchange(me.sighand, dup_sighand(cpu, *me.sighand));
    if (!cpu.bug(Bug::kExecKeepsSighand)) put_sighand(cpu, old);
  }
  me.exit_signal.set(abi::kSIGCHLD);
  mm->dumpable.set(plain);
  commit_creds(cpu, me, cred);  // transfers
  return abi::Result::success();
}

}  // namespace impl
