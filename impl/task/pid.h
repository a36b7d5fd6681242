// struct pid: a process number at each level of the pid namespace hierarchy.
//
// Mirrors kernel/pid.c (6.18): alloc_pid, free_pid, put_pid, find_pid_ns, pid_nr_ns. Numbers are
// given and taken back under tasklist_lock, which here is pidmap_lock too. Left out: pid_max, and
// with it running out of numbers, other than by fault.
#pragma once

#include <span>

#include "impl/ns/pid_ns.h"

namespace impl {

inline constexpr std::int32_t kPidMax = 4194304;

template <class K>
void put_pid(Cpu<K>& cpu, Pid<K>* pid) {
  if (!cpu.put(pid)) return;
  PidNs<K>* const ns = pid->ns;
  cpu.free_after_readers(pid);
  if (!cpu.bug(Bug::kPidForgetsNs)) put_pid_ns(cpu, ns);
}

// The number in that namespace; 0 if it has none there.
template <class K>
std::int32_t pid_nr_ns(const Pid<K>& pid, const PidNs<K>& ns) {
  if (ns.level > pid.level) return 0;
  const PidNs<K>* at = pid.ns;
  while (at->level > ns.level) at = at->parent;
  return at == &ns ? pid.numbers[ns.level] : 0;
}

// The task with that number, dead ones that are not reaped included. Under tasklist_lock.
template <class K>
Task<K>* find_task_by_pid_ns(Cpu<K>& cpu, std::int32_t number, const PidNs<K>& ns) {
  if (number <= 0) return nullptr;
  const Pid<K>* const pid = ns.numbers.find(number);
  return pid == nullptr ? nullptr : cpu.m.load(pid->task);
}

// A namespace's first process. The initial one's is the task outside, whatever number 1 is.
template <class K>
bool is_child_reaper(const Pid<K>& pid) {
  return pid.numbers[pid.level] == 1 && !pid.ns->initial;
}

// What alloc_pid() asks about a number that was asked for, before it looks whether it is free.
template <class K>
Errno check_tid(Cpu<K>& cpu, std::int32_t tid, const PidNs<K>& ns) {
  if (cpu.bug(Bug::kTidCapableFirst) && !ns_capable(cpu, ns.owner, abi::cap::SYS_ADMIN)) {
    return Errno::kEPERM;
  }
  if (tid < 1 || tid >= kPidMax) return Errno::kEINVAL;
  const bool no_init = !ns.had_reaper.get();
  if (tid != 1 && no_init && !cpu.bug(Bug::kTidWithoutInit)) return Errno::kEINVAL;
  if (cpu.bug(Bug::kTidNotCapable)) return Errno::kOk;
  if (ns_capable(cpu, ns.owner, abi::cap::SYS_ADMIN)) return Errno::kOk;
  if (cpu.kernel.rules.set_tid_checkpoint &&
      ns_capable(cpu, ns.owner, abi::cap::CHECKPOINT_RESTORE)) {
    return Errno::kOk;
  }
  return Errno::kEPERM;
}

// Under tasklist_lock: picks and takes the number at the level of `ns`.
template <class K>
Errno take_number(Cpu<K>& cpu, Pid<K>& pid, PidNs<K>& ns, const std::int32_t* tid) {
  std::int32_t number = 0;
  if (tid != nullptr) {
    if (cpu.bug(Bug::kTidTakenFirst) && ns.numbers.find(*tid) != nullptr) return Errno::kEEXIST;
    if (const Errno e = check_tid(cpu, *tid, ns); e != Errno::kOk) return e;
    number = *tid;
    if (ns.numbers.find(number) != nullptr) return Errno::kEEXIST;
  } else {
    if (cpu.fails(Step::pid_number)) return errno_of(Step::pid_number);
    number = ns.last + 1;
    while (ns.numbers.find(number) != nullptr) ++number;
    ns.last = number;  // also if the clone fails later
  }
  ns.numbers.insert(number, &pid);
  pid.numbers[ns.level] = number;
  return Errno::kOk;
}

// CLONE-50 to 55. The reference transfers to the caller, and the numbers are its until free_pid().
// `set_tid` asks for numbers from the innermost level outwards.
template <class K>
Fallible<Pid<K>> alloc_pid(Cpu<K>& cpu, PidNs<K>* ns, std::span<const std::int32_t> set_tid) {
  const bool too_many = set_tid.size() > ns->level + 1;
  if (too_many && !cpu.bug(Bug::kTidCountAfterAlloc)) return Errno::kEINVAL;
  if (cpu.fails(Step::alloc_pid)) return errno_of(Step::alloc_pid);
  if (too_many) return Errno::kEINVAL;
  auto* const pid = cpu.template alloc<Pid<K>>();
  pid->level = ns->level;
  pid->ns = ns;
  cpu.m.init(pid->task, static_cast<Task<K>*>(nullptr));

  const Guard guard(cpu, cpu.kernel.tasklist_lock);
  const auto give_up = [&](PidNs<K>* untaken, Errno error) {
    for (PidNs<K>* at = ns; at != untaken; at = at->parent) {
      if (cpu.bug(Bug::kPidFailureKeepsNumbers)) break;
      at->numbers.erase(pid->numbers[at->level]);
      if (cpu.bug(Bug::kFailedNumberIsDrawnAgain)) at->last = pid->numbers[at->level] - 1;
    }
    if (ns->adding && ns->allocated == 0) ns->last = 0;  // no first process: the next one is
    cpu.m.init_count(*pid, 0);
    if (!cpu.bug(Bug::kPidFailureLeaksPid)) cpu.free(pid);
    return error;
  };
  std::size_t depth = 0;
  for (PidNs<K>* at = ns; at != nullptr; at = at->parent, ++depth) {
    const std::int32_t* const tid = depth < set_tid.size() ? &set_tid[depth] : nullptr;
    const Errno e = take_number(cpu, *pid, *at, tid);
    if (e != Errno::kOk) return give_up(at, e);
  }
  // CLONE-55, PIDNS-10.
  if (!ns->adding && !cpu.bug(Bug::kForkIntoDeadPidNs)) {
    return give_up(nullptr, cpu.bug(Bug::kDeadPidNsKeepsEperm) && !set_tid.empty()
                                ? Errno::kEPERM
                                : Errno::kENOMEM);
  }
  if (!cpu.bug(Bug::kAllocPidNotCounted)) ns_get(cpu, ns);
  if (!cpu.bug(Bug::kAllocPidNotActivated)) {
    ns_ref_active_get(cpu, static_cast<NsHead<K>*>(ns));
  }
  for (PidNs<K>* at = ns; at != nullptr; at = at->parent) ++at->allocated;
  return pid;
}

// Under tasklist_lock: the task exists.
template <class K>
void attach_pid(Cpu<K>& cpu, Task<K>& task, Pid<K>* pid) {
  cpu.m.init(task.pid, pid);  // transfers
  cpu.publish(pid->task, &task);
}

// Under tasklist_lock: the numbers may be given again. The struct pid lives on while it is held.
template <class K>
void free_pid(Cpu<K>& cpu, Pid<K>* pid) {
  for (PidNs<K>* at = pid->ns; at != nullptr; at = at->parent) {
    at->numbers.erase(pid->numbers[at->level]);
    --at->allocated;
    // PIDNS-11: the first process failed after it had its number. Known, and as Linux has it.
    if (at->adding && at->allocated == 0 && !cpu.bug(Bug::kFirstForkFailureHarmless)) {
      at->adding = false;
    }
    if (at->ending && at->allocated == at->ending_at) cpu.to_finish.push_back(at->child_reaper);
  }
  if (!cpu.bug(Bug::kFreePidKeepsActive)) {
    ns_ref_active_put(cpu, static_cast<NsHead<K>*>(pid->ns));
  }
  if (!cpu.bug(Bug::kFreePidForgetsRef)) put_pid(cpu, pid);
}

}  // namespace impl
