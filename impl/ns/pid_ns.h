// Pid namespaces as objects: making, holding, and their place in the hierarchy.
//
// Mirrors kernel/pid_namespace.c (6.18): copy_pid_ns, create_pid_namespace, put_pid_ns. Their
// numbers are in task/pid.h, their end in syscalls/exit.h. Left out: pid_max per namespace (never
// reached), the procfs mount.
#pragma once

#include "impl/ns/simple_ns.h"
#include "impl/ns/user_ns.h"

namespace impl {

template <class K>
PidNs<K>* task_active_pid_ns(Cpu<K>& cpu, const Task<K>& task) {
  return cpu.m.load(task.pid)->ns;
}

template <class K>
bool is_pid_ns_ancestor(const PidNs<K>* ancestor, const PidNs<K>* ns) {
  while (ns->level > ancestor->level) ns = ns->parent;
  return ns == ancestor;
}

// Each dead namespace drops its parent in turn.
template <class K>
void put_pid_ns(Cpu<K>& cpu, PidNs<K>* ns) {
  while (ns_put(cpu, ns)) {
    PidNs<K>* const parent = ns->parent;
    ns->numbers.clear();
    free_ns(cpu, ns);
    if (cpu.bug(Bug::kPidNsForgetsParent)) return;
    ns = parent;
  }
}

// What copy_pid_ns() asks before it charges anything.
template <class K>
struct PidNsFacts {
  typename K::Bool pending;        // PIDNS-01: the active one is not the one for children
  typename K::Bool foreign_owner;  // PIDNS-01: the parent's owner is not above the new owner
  typename K::Bool too_deep;       // PIDNS-02
};

template <class K>
PidNsFacts<K> pid_ns_facts(Cpu<K>& cpu, const PidNs<K>* parent, const UserNs<K>* user_ns) {
  const std::uint32_t max =
      cpu.bug(Bug::kLevelLimitsExchanged) ? kMaxPidNsLevel + 1 : kMaxPidNsLevel;
  return {.pending = task_active_pid_ns(cpu, *cpu.current) != parent,
          .foreign_owner = !in_userns(parent->owner, user_ns),
          .too_deep = parent->level + 1 > max};
}

template <class K>
Fallible<PidNs<K>> copy_pid_ns(Cpu<K>& cpu, typename K::Word flags, UserNs<K>* user_ns,
                               PidNs<K>* old, Keep keep) {
  if (!cpu.has(flags, flag::NEWPID)) return keep_ns(cpu, old, keep);
  if (!configured(cpu, abi::NsType::pid)) return Errno::kEINVAL;
  const PidNsFacts<K> facts = pid_ns_facts(cpu, old, user_ns);
  if (facts.too_deep && cpu.bug(Bug::kPidDepthFirst)) return Errno::kENOSPC;
  if (facts.pending && !cpu.bug(Bug::kNewpidTwiceAllowed)) return Errno::kEINVAL;
  if (facts.foreign_owner && !cpu.bug(Bug::kPidNsForeignOwner)) return Errno::kEINVAL;
  if (facts.too_deep && !cpu.bug(Bug::kPidLevelUnlimited)) return Errno::kENOSPC;
  const auto made = make_ns<PidNs<K>>(cpu, user_ns, {Step::init});
  if (made.failed()) return made;
  PidNs<K>* const ns = made.value;
  ns->parent = cpu.bug(Bug::kPidNsParentNotCounted) ? old : ns_get(cpu, old);
  ns->level = old->level + 1;
  ns->child_reaper = nullptr;
  ns->had_reaper.set(false);
  ns->adding = true;
  ns->ending = false;
  ns->allocated = 0;
  ns->last = 0;
  return made;
}

}  // namespace impl
