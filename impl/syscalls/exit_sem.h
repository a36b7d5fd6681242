// SEM_UNDO lists: shared by CLONE_SYSVSEM, applied when the last sharer leaves.
//
// Mirrors copy_semundo() and exit_sem() of ipc/sem.c and ipc_update_pid() of ipc/util.h (6.18), for
// the one semaphore that an ipc namespace has here.
#pragma once

#include <utility>

#include "impl/kernel/state.h"
#include "impl/task/pid.h"

namespace impl {

// The undo list of a task that has none: one reference, which transfers to the caller.
template <class K>
Fallible<Undo<K>> make_undo(Cpu<K>& cpu) {
  if (cpu.fails(Step::undo_list)) return errno_of(Step::undo_list);
  auto* const undo = cpu.template alloc<Undo<K>>();
  undo->adjust = 0;
  return undo;
}

// SEM-02, under sem_lock: the task's thread group has used the semaphore last. The reference on the
// struct pid of the one before, or null, transfers to the caller. The group's leader stays what it
// is while the task is in the group.
template <class K>
Pid<K>* ipc_update_pid(Cpu<K>& cpu, IpcNs<K>& ipc, const Task<K>& task) {
  Pid<K>* const now = cpu.m.load(task.signal->leader->pid);
  if (ipc.sempid == now) return nullptr;
  if (!cpu.bug(Bug::kSempidNotCounted)) cpu.get(now);
  return std::exchange(ipc.sempid, now);
}

// Adds to the semaphore of the ipc namespace that the task is in, and to its undo list.
template <class K>
void raise_semaphore(Cpu<K>& cpu, const Task<K>& task, Undo<K>& undo, std::int64_t by) {
  IpcNs<K>* const ipc = cpu.m.own(task.nsproxy)->ipc_ns;
  cpu.touch(*ipc);
  Pid<K>* before;
  {
    const Guard guard(cpu, cpu.kernel.sem_lock);
    ipc->semaphore.set(ipc->semaphore.get() + by);
    undo.adjust += by;
    before = ipc_update_pid(cpu, *ipc, task);
  }
  if (before != nullptr && !cpu.bug(Bug::kSempidKeepsFormer)) put_pid(cpu, before);
}

// Leaves the list. The last one to leave takes the adjustments back, in the ipc namespace that it
// is in now: callers that change it do this first.
template <class K>
void exit_sem(Cpu<K>& cpu, Task<K>& task) {
  Undo<K>* const undo = task.undo;
  if (undo == nullptr) return;
  task.undo = nullptr;
  if (cpu.bug(Bug::kUndoForgotten) || !cpu.put_private(undo)) return;
  if (undo->adjust != 0) raise_semaphore(cpu, task, *undo, -undo->adjust);
  cpu.free(undo);
}

}  // namespace impl
