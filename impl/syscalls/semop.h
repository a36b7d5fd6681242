// semop(+1, SEM_UNDO).
//
// Mirrors find_alloc_undo() and do_semtimedop() of ipc/sem.c (6.18) for one operation that never
// blocks. The semaphore's maximum is left out.
#pragma once

#include "impl/syscalls/exit_sem.h"

namespace impl {

template <class K>
abi::Result sys_semop(Cpu<K>& cpu) {
  Task<K>& me = *cpu.current;
  if (me.undo == nullptr) {
    const auto made = make_undo(cpu);
    if (made.failed()) return abi::Result::failure(made.error);
    me.undo = made.value;
  }
  raise_semaphore(cpu, me, *me.undo, 1);
  return abi::Result::success();
}

}  // namespace impl
