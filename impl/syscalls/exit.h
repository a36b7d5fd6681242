// The end of tasks: exit, reparenting, reaping, the end of a pid namespace, kill, wait.
//
// Mirrors kernel/exit.c (do_exit, exit_notify, forget_original_parent, find_new_reaper,
// release_task), zap_pid_ns_processes() of kernel/pid_namespace.c, and of kernel/signal.c what
// SIGKILL does (6.18). Where Linux wakes a killed task so that it exits by itself, whoever kills a
// task that nobody is carrying out carries out its exit; a task busy in a call exits at its end.
// Where an init sleeps until its namespace is empty, it is left in state `dying` and whoever frees
// the last number finishes it. Left out: ptrace, stopped tasks, signal handlers, process groups.
#pragma once

#include <algorithm>
#include <vector>

#include "impl/file/file.h"
#include "impl/nsproxy/nsproxy.h"
#include "impl/syscalls/exit_sem.h"
#include "impl/task/cred.h"
#include "impl/task/family.h"
#include "impl/task/pid.h"

namespace impl {

using abi::TaskState;

// -- dropping what a task has

template <class K>
void put_mm(Cpu<K>& cpu, Mm<K>* mm) {
  if (!cpu.put(mm)) return;
  UserNs<K>* const user_ns = mm->user_ns;
  cpu.free_after_readers(mm);
  if (!cpu.bug(Bug::kMmForgetsUserNs)) put_user_ns(cpu, user_ns);
}

template <class K>
void put_files_struct(Cpu<K>& cpu, Files<K>* files) {
  if (cpu.put_private(files)) cpu.free(files);
}

template <class K>
void put_sighand(Cpu<K>& cpu, Sighand<K>* sighand) {
  if (cpu.put_private(sighand)) cpu.free(sighand);
}

template <class K>
Sighand<K>* dup_sighand(Cpu<K>& cpu, const Sighand<K>& of) {
  auto* const copy = cpu.template alloc<Sighand<K>>();
  copy->ignores_children.set(of.ignores_children.get());
  return copy;
}

template <class K>
void put_signal(Cpu<K>& cpu, Signal<K>* signal) {
  if (cpu.put_private(signal)) cpu.free_after_readers(signal);
}

// Under tasklist_lock.
template <class K>
void set_state(Cpu<K>& cpu, Task<K>& task, TaskState state) {
  task.state.set(state);
  cpu.touch_task(task);
}

// TASK-02: the task no longer uses the mm of the one who waits for that.
template <class K>
void complete_vfork_done(Cpu<K>& cpu, Task<K>& task) {
  if (!task.is_vforked.get()) return;
  const Guard guard(cpu, cpu.kernel.tasklist_lock);
  Task<K>* const parent = task.vfork_parent;
  task.vfork_parent = nullptr;
  task.is_vforked.set(false);
  if (parent == nullptr) return;
  parent->vfork_child = nullptr;
  set_state(cpu, *parent, TaskState::running);
}

// -- reaping

// Under tasklist_lock: nothing is left of the task but what others hold.
template <class K>
void release_one(Cpu<K>& cpu, Task<K>& task) {
  if (is_leader(task)) remove_child(task);
  remove_thread(task);
  set_state(cpu, task, TaskState::none);
  cpu.kernel.tasks.at(cpu.m, task.name.n).set_gone(cpu.m);
  Pid<K>* const pid = cpu.m.own(task.pid);
  cpu.publish(pid->task, static_cast<Task<K>*>(nullptr));
  free_pid(cpu, pid);
  if (cpu.bug(Bug::kExitKeepsNsproxy)) {
    if (Nsproxy<K>* const ns = cpu.m.own(task.nsproxy)) put_nsproxy(cpu, ns);  // MUT-16
  }
  Cred<K>* const cred = cpu.m.own(task.cred);
  if (!cpu.bug(Bug::kReapKeepsActiveUser)) {
    ns_ref_active_put(cpu, static_cast<NsHead<K>*>(cred->user_ns));
  }
  if (!cpu.bug(Bug::kReapForgetsCred)) put_cred(cpu, cred);
  if (!cpu.bug(Bug::kReapForgetsSighand)) put_sighand(cpu, task.sighand);
  if (!cpu.bug(Bug::kReapForgetsSignal)) put_signal(cpu, task.signal);
  cpu.free_after_readers(&task);
}

// TASK-01, TASK-06: a parent that never waits for its children, because it has gone or is going, or
// does not want to hear of this one.
template <class K>
bool parent_reaps_at_once(const Task<K>& task) {
  const Task<K>* const parent = task.real_parent;
  if (parent == nullptr || parent->state.get() == TaskState::dying) return true;
  return parent->sighand->ignores_children.get() && task.exit_signal.get() == abi::kSIGCHLD;
}

// Under tasklist_lock. The last thread takes its dead leader along if the leader's parent reaps at
// once.
template <class K>
void release_task(Cpu<K>& cpu, Task<K>& task) {
  Task<K>* const leader = task.signal->leader;
  const bool last_thread = leader != &task && task.signal->threads.get() == 2;
  release_one(cpu, task);
  if (last_thread && is_reapable(*leader) && parent_reaps_at_once(*leader)) {
    release_one(cpu, *leader);
  }
}

// -- killing

// Under tasklist_lock: SIGKILL to a thread. If nobody carries it out, the caller must end it.
template <class K>
void kill_thread(Cpu<K>& cpu, Task<K>& task) {
  const bool ours = static_cast<bool>(cpu.m.kill(task.claim));
  const bool myself = &task == cpu.current && !cpu.current_ends;
  if (myself) cpu.current_ends = true;
  if (ours || myself) cpu.to_exit.push_back(&task);
}

// Under tasklist_lock: the whole group but `spared`. The leader last, so that a pid namespace's
// init is what its namespace's end waits in.
template <class K>
void kill_group(Cpu<K>& cpu, const Signal<K>& group, const Task<K>* spared) {
  for_each_thread(group, [&](Task<K>& t) {
    if (&t != spared && !is_leader(t)) kill_thread(cpu, t);
  });
  if (group.leader != spared) kill_thread(cpu, *group.leader);
}

// Under tasklist_lock: who has a number in the namespace, in the order of these numbers.
template <class K>
std::vector<const Pid<K>*> members_of(const PidNs<K>& ns) {
  std::vector<const Pid<K>*> members;
  ns.numbers.for_each([&](const Pid<K>& pid) { members.push_back(&pid); });
  std::sort(members.begin(), members.end(), [&](const Pid<K>* a, const Pid<K>* b) {
    return a->numbers[ns.level] < b->numbers[ns.level];
  });
  return members;
}

// EXIT-04, under tasklist_lock: the namespace's init, of which this is the last thread, is gone.
// False if its members must go first: then the init is dying.
template <class K>
bool zap_pid_ns_processes(Cpu<K>& cpu, PidNs<K>& ns, Task<K>& init) {
  if (!cpu.bug(Bug::kZapKeepsAdding)) ns.adding = false;
  ns.ending_at = is_leader(init) ? 1 : 2;
  init.sighand->ignores_children.set(true);  // also for those who share it
  set_state(cpu, init, TaskState::dying);
  // Linux's members die at once: the first thing that happens is what nested inits do first.
  const std::vector<const Pid<K>*> members = members_of(ns);
  for (const Pid<K>* const pid : members) {
    const Task<K>* const member = cpu.m.load(pid->task);
    if (member == nullptr || pid->ns->child_reaper != member) continue;
    member->sighand->ignores_children.set(true);
  }
  for (const Pid<K>* const pid : members) {
    const Task<K>* const member = cpu.m.load(pid->task);
    if (member == nullptr || member->signal == init.signal) continue;
    if (cpu.bug(Bug::kZapSparesNested) && pid->ns != &ns) continue;
    kill_group<K>(cpu, *member->signal, nullptr);
  }
  for (Task<K>* child = init.children; child != nullptr;) {
    Task<K>* const next = child->sibling_next;
    if (is_reapable(*child)) release_one(cpu, *child);
    child = next;
  }
  ns.ending = ns.allocated != ns.ending_at && !cpu.bug(Bug::kZapDoesNotWait);
  return !ns.ending;
}

// -- reparenting

// TASK-05, PIDNS-21: who gets the children of `father`, whose pid namespace's reaper is `reaper`.
template <class K>
Task<K>* find_new_reaper(Cpu<K>& cpu, const Task<K>& father, Task<K>* reaper) {
  if (Task<K>* const thread = find_alive_thread(*father.signal)) return thread;
  const std::uint32_t level = cpu.m.load(father.pid)->level;
  for (Task<K>* t = father.real_parent; t != nullptr && cpu.m.load(t->pid)->level == level;
       t = t->real_parent) {
    if (!t->signal->subreaper.get() || cpu.bug(Bug::kSubreaperIgnored)) continue;
    if (Task<K>* const thread = find_alive_thread(*t->signal)) return thread;
  }
  return reaper;
}

template <class K>
void forget_original_parent(Cpu<K>& cpu, Task<K>& father) {
  if (father.children == nullptr) return;
  Task<K>* const ns_reaper = task_active_pid_ns(cpu, father)->child_reaper;
  Task<K>* const reaper = find_new_reaper(cpu, father, ns_reaper);
  while (Task<K>* const child = father.children) {
    remove_child(*child);
    add_child(reaper, *child);
    for_each_thread(*child->signal, [&](Task<K>& t) { t.real_parent = reaper; });
    if (reaper != nullptr && reaper->signal == father.signal) continue;
    child->exit_signal.set(abi::kSIGCHLD);
    if (is_reapable(*child) && parent_reaps_at_once(*child)) release_one(cpu, *child);
  }
}

// -- exiting

// Under tasklist_lock: the parent may see it now.
template <class K>
void become_zombie(Cpu<K>& cpu, Task<K>& task) {
  forget_original_parent(cpu, task);
  set_state(cpu, task, TaskState::zombie);
  if (!is_leader(task) || (is_reapable(task) && parent_reaps_at_once(task))) {
    release_task(cpu, task);
  }
}

template <class K>
void exit_notify(Cpu<K>& cpu, Task<K>& task) {
  const Guard guard(cpu, cpu.kernel.tasklist_lock);
  if (task.vfork_child != nullptr) {  // it was killed while it waited
    task.vfork_child->vfork_parent = nullptr;
    task.vfork_child = nullptr;
  }
  PidNs<K>& ns = *task_active_pid_ns(cpu, task);
  if (ns.child_reaper == &task) {
    if (Task<K>* const thread = find_alive_thread(*task.signal)) {
      ns.child_reaper = thread;
    } else if (!zap_pid_ns_processes(cpu, ns, task)) {
      return;
    } else {
      ns.child_reaper = nullptr;
    }
  }
  become_zombie(cpu, task);
}

// The namespace of a dying init is empty.
template <class K>
void finish_zap(Cpu<K>& cpu, Task<K>& init) {
  const Guard guard(cpu, cpu.kernel.tasklist_lock);
  PidNs<K>& ns = *task_active_pid_ns(cpu, init);
  ns.ending = false;
  ns.child_reaper = nullptr;
  become_zombie(cpu, init);
}

// From here on nobody gives it children. Alone in its group it needs no lock: whoever overlooks
// this for a moment gives it a child that exit_notify() then passes on.
template <class K>
void begin_exit(Cpu<K>& cpu, Task<K>& task) {
  Signal<K>& group = *task.signal;
  if (group.threads.get() == 1) {
    task.exiting.set(true);
    group.alive.set(0);
    return;
  }
  const Guard guard(cpu, cpu.kernel.tasklist_lock);
  task.exiting.set(true);
  group.alive.set(group.alive.get() - 1);
}

// EXIT-01. The task is claimed by the caller and stays so.
template <class K>
void do_exit(Cpu<K>& cpu, Task<K>& task) {
  begin_exit(cpu, task);
  complete_vfork_done(cpu, task);
  Mm<K>* const mm = cpu.m.own(task.mm);
  task.was_dumpable.set(mm->dumpable.get());
  cpu.publish(task.mm, static_cast<Mm<K>*>(nullptr));
  if (!cpu.bug(Bug::kExitForgetsMm)) put_mm(cpu, mm);
  exit_sem(cpu, task);
  if (!cpu.bug(Bug::kExitForgetsFiles)) put_files_struct(cpu, task.files);
  Fs<K>* const fs = cpu.m.own(task.fs);
  cpu.publish(task.fs, static_cast<Fs<K>*>(nullptr));
  if (!cpu.bug(Bug::kExitForgetsFs)) put_fs(cpu, fs);
  if (!cpu.bug(Bug::kExitKeepsNsproxy)) exit_task_namespaces(cpu, task);
  exit_notify(cpu, task);
}

// Ends what has been claimed for it; no lock is held.
template <class K>
void run_exits(Cpu<K>& cpu) {
  while (!cpu.to_exit.empty() || !cpu.to_finish.empty()) {
    // First the members, then the init that waits for them; in order.
    auto& queue = cpu.to_exit.empty() ? cpu.to_finish : cpu.to_exit;
    std::vector<Task<K>*> batch;
    batch.swap(queue);
    for (Task<K>* const task : batch) {
      if (&queue == &cpu.to_exit) {
        do_exit(cpu, *task);
      } else {
        finish_zap(cpu, *task);
      }
    }
    if (queue.empty()) {  // keep the memory
      batch.clear();
      queue.swap(batch);
    }
  }
}

// -- system calls

template <class K>
abi::Result sys_exit(Cpu<K>& cpu, const abi::Exit& call) {
  if (cpu.current->signal->threads.get() == 1) {  // nobody else can be in its list
    kill_thread(cpu, *cpu.current);
    return abi::Result::success();
  }
  const Guard guard(cpu, cpu.kernel.tasklist_lock);
  const bool killed = cpu.current->state.get() == abi::TaskState::blocked;  // a call cannot be made
  if (call.group || killed) {
    kill_group<K>(cpu, *cpu.current->signal, nullptr);
  } else {
    kill_thread(cpu, *cpu.current);
  }
  return abi::Result::success();
}

// WAIT-01, WAIT-02.
template <class K>
abi::Result sys_wait(Cpu<K>& cpu, const abi::Wait& call) {
  const Guard guard(cpu, cpu.kernel.tasklist_lock);
  Task<K>* const child = cpu.find(call.child);
  if (child == nullptr || child->real_parent == nullptr || !is_leader(*child) ||
      child->real_parent->signal != cpu.current->signal) {
    return abi::Result::failure(Errno::kECHILD);
  }
  if (!is_reapable(*child)) return abi::Result::success(0);
  release_one(cpu, *child);
  return abi::Result::success(1);
}

// KILL-02.
template <class K>
bool kill_ok_by_cred(Cpu<K>& cpu, const Task<K>& target) {
  if (target.signal == cpu.current->signal) return true;
  const Cred<K>& mine = *cpu.cred();
  const Cred<K>& theirs = *cpu.m.load(target.cred);
  for (const abi::Id id : {mine.euid(), mine.uid[Cred<K>::kReal]}) {
    if (id == theirs.uid[Cred<K>::kReal] || id == theirs.uid[Cred<K>::kSaved]) return true;
  }
  return static_cast<bool>(ns_capable(cpu, theirs.user_ns, abi::cap::KILL));
}

template <class K>
abi::Result sys_kill(Cpu<K>& cpu, const abi::Kill& call) {
  const Guard guard(cpu, cpu.kernel.tasklist_lock);
  const PidNs<K>* const mine = task_active_pid_ns(cpu, *cpu.current);
  Task<K>* const target = cpu.find(call.target);
  if (target == nullptr || pid_nr_ns(*cpu.m.load(target->pid), *mine) == 0) {
    return abi::Result::failure(Errno::kESRCH);
  }
  if (cpu.bug(Bug::kInitIgnoresFirst) && target->signal->unkillable.get()) {
    return abi::Result::success();
  }
  if (!kill_ok_by_cred(cpu, *target) && !cpu.bug(Bug::kKillNotCapable))
    return abi::Result::failure(Errno::kEPERM);
  // PIDNS-20: from inside, an init does not even notice.
  const PidNs<K>* const theirs = task_active_pid_ns(cpu, *target);
  const bool from_above = mine != theirs && is_pid_ns_ancestor(mine, theirs);
  if (target->signal->unkillable.get() && !from_above && !cpu.bug(Bug::kInitKillable)) {
    return abi::Result::success();
  }
  kill_group<K>(cpu, *target->signal, nullptr);
  return abi::Result::success();
}

}  // namespace impl
