// SEM_UNDO lists: shared by CLONE_SYSVSEM, applied when the last sharer leaves.
//
// Mirrors copy_semundo() and exit_sem() of ipc/sem.c (6.18), for the one semaphore that an ipc
// namespace has here.
#pragma once

#include "impl/kernel/state.h"

namespace impl {

// The undo list of a task that has none: one reference, which transfers to the caller.
template <class K>
Fallible<Undo<K>> make_undo(Cpu<K>& cpu) {
  if (cpu.fails(Step::undo_list)) return errno_of(Step::undo_list);
  auto* const undo = cpu.template alloc<Undo<K>>();
  undo->adjust = 0;
  return undo;
}

// Leaves the list. The last one to leave takes the adjustments back, in the ipc namespace that it
// is in now: callers that change it do this first.
template <class K>
void exit_sem(Cpu<K>& cpu, Task<K>& task) {
  Undo<K>* const undo = task.undo;
  if (undo == nullptr) return;
  task.undo = nullptr;
  if (cpu.bug(Bug::kUndoForgotten) || !cpu.put_private(undo)) return;
  if (undo->adjust != 0) {
    IpcNs<K>* const ipc = cpu.m.own(task.nsproxy)->ipc_ns;
    cpu.touch(*ipc);
    const Guard guard(cpu, cpu.kernel.sem_lock);
    ipc->semaphore.set(ipc->semaphore.get() - undo->adjust);
  }
  cpu.free(undo);
}

}  // namespace impl
