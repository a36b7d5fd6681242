// Three different tests of being alone (semantics.md section 9).
//
// Mirrors thread_group_empty() of include/linux/sched/signal.h and current_is_single_threaded() of
// lib/is_single_threaded.c (6.18). The third test, fs->users, is Cpu::shared(fs).
#pragma once

#include "impl/kernel/state.h"

namespace impl {

// TEST-A: no other entry in the thread list; a dead leader that is not reaped is one.
template <class K>
typename K::Bool thread_group_empty(Cpu<K>& cpu) {
  if (cpu.bug(Bug::kGroupEmptyAsksLiveThreads)) return cpu.current->signal->alive.get() == 1;
  return cpu.current->signal->threads.get() == 1;
}

// TEST-B: no other live thread, and nobody else uses the mm. Each live task uses its mm once, so
// that with one thread left a shared mm is another process's.
template <class K>
typename K::Bool current_is_single_threaded(Cpu<K>& cpu) {
  if (cpu.current->signal->alive.get() != 1) return false;
  if (cpu.bug(Bug::kSingleThreadedIgnoresMm)) return true;
  return !cpu.shared(cpu.m.own(cpu.current->mm));
}

}  // namespace impl
