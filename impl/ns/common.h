// What all namespaces have in common: references, quota, identity, the way they are made and freed.
//
// Mirrors include/linux/ns_common.h and kernel/nscommon.c (6.18). Failures come in the order of
// abi/step.h: charge, alloc, inum, init.
#pragma once

#include <initializer_list>

#include "impl/ns/active.h"
#include "impl/ns/ucount.h"

namespace impl {

// REF-11: initial namespaces live forever; from 6.19 on, and where optimized, they are not counted.
template <class K>
bool ns_uncounted(const Cpu<K>& cpu, const NsHead<K>& ns) {
  return ns.initial && (Cpu<K>::optimized(kUncountedInitial) || cpu.kernel.uncounted_initial);
}

template <class K, class Ns>
Ns* ns_get(Cpu<K>& cpu, Ns* ns) {
  if (!ns_uncounted(cpu, *ns)) cpu.get(ns);
  return ns;
}
// For readers that found the namespace without a lock: false if it is dead.
template <class K, class Ns>
typename K::Bool ns_try_get(Cpu<K>& cpu, Ns* ns) {
  if (ns_uncounted(cpu, *ns)) return true;
  return cpu.try_get(ns);
}
// True if that was the last reference.
template <class K, class Ns>
typename K::Bool ns_put(Cpu<K>& cpu, Ns* ns) {
  if (ns_uncounted(cpu, *ns)) return false;
  const typename K::Bool last = cpu.put(ns);
  if (!ns->initial) return last;
  // Boot's own reference has been dropped, so that a count is wrong. It stays; putting it once more
  // names the failure.
  if (last) (void)cpu.put(ns);
  return false;
}

// A type that the kernel was built without. There is no CONFIG_MNT_NS.
template <class K>
bool configured(const Cpu<K>& cpu, abi::NsType type) {
  return type == abi::NsType::mnt || cpu.kernel.rules.configured.has(type);
}

template <class K>
void init_ns_head(Cpu<K>& cpu, NsHead<K>& ns, abi::NsType type, bool initial) {
  ns.type = type;
  ns.initial = initial;
  ns.ns_id = cpu.next_ns_id();
  ns.owner = nullptr;
  ns.charged = nullptr;
  cpu.m.init_active(ns.active);
  cpu.m.init(ns.stashed, static_cast<Inode<K>*>(nullptr));
}

template <class K>
abi::Id charged_uid(Cpu<K>& cpu) {
  const Cred<K>& cred = *cpu.cred();
  return cpu.bug(Bug::kChargedToRealUid) ? cred.uid[Cred<K>::kReal] : cred.euid();
}

// Makes a namespace that `user_ns` owns, its owner's quota charged to the caller's effective uid.
// Takes a reference on the owner; the one on the new namespace transfers to the caller.
template <class T, class K>
Fallible<T> make_ns(Cpu<K>& cpu, UserNs<K>* user_ns, std::initializer_list<Step> init_steps) {
  const auto charged = inc_ucount(cpu, user_ns, charged_uid(cpu), T::kType);
  if (charged.failed()) return charged.error;
  const auto refund = [&](Step failed) {
    if (!cpu.bug(Bug::kMakeForgetsRefund)) dec_ucount(cpu, charged.value, T::kType);
    return errno_of(failed);
  };
  if (cpu.fails(Step::alloc)) return refund(Step::alloc);
  T* const ns = cpu.template alloc<T>();
  const auto undo = [&](Step failed) {
    cpu.m.init_count(*ns, 0);
    if (!cpu.bug(Bug::kMakeLeaksObject)) cpu.free(ns);
    return refund(failed);
  };
  if (cpu.fails(Step::inum)) return undo(Step::inum);
  for (const Step step : init_steps) {
    if (cpu.fails(step)) return undo(step);
  }
  init_ns_head(cpu, *ns, T::kType, false);
  ns->owner = cpu.bug(Bug::kMakeForgetsOwner) ? user_ns : get_user_ns(cpu, user_ns);
  ns->charged = charged.value;  // transfers
  return ns;
}

// The last reference is gone, and with it what the namespace held: quota, then owner.
template <class K, class T>
void free_ns(Cpu<K>& cpu, T* ns) {
  UserNs<K>* const owner = ns->owner;
  if (!cpu.bug(Bug::kFreeForgetsUncharge)) dec_ucount(cpu, ns->charged, T::kType);
  cpu.free_after_readers(ns);
  if (!cpu.bug(Bug::kFreeForgetsOwner)) put_user_ns(cpu, owner);
}

}  // namespace impl
