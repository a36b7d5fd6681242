// Per-user quotas: how many namespaces of each type a user has, in each user namespace upwards.
//
// Mirrors kernel/ucount.c (6.18): alloc_ucounts, put_ucounts, inc_ucount, dec_ucount. Left out: the
// rlimit counters, which no namespace rule reads; the hash table, for which each user namespace has
// a list of its few users.
#pragma once

#include "impl/kernel/state.h"

namespace impl {

template <class K>
UserNs<K>* get_user_ns(Cpu<K>& cpu, UserNs<K>* ns);
template <class K>
void put_user_ns(Cpu<K>& cpu, UserNs<K>* ns);

// The counts of that user, made if there are none; the reference transfers to the caller.
template <class K>
Ucounts<K>* alloc_ucounts(Cpu<K>& cpu, UserNs<K>* ns, abi::Id uid) {
  const Guard guard(cpu, cpu.kernel.ucounts_lock);
  for (Ucounts<K>* u = ns->ucounts; u != nullptr; u = u->next) {
    if (u->uid == uid) return cpu.bug(Bug::kUcountsFoundNotCounted) ? u : cpu.get(u);
  }
  auto* const made = cpu.template alloc<Ucounts<K>>();
  made->ns = cpu.bug(Bug::kUcountsUserNsNotCounted) ? ns : get_user_ns(cpu, ns);
  made->uid = uid;
  for (auto& charge : made->charges) charge.set(0);
  made->next = ns->ucounts;
  ns->ucounts = made;
  return made;
}

template <class K>
void put_ucounts(Cpu<K>& cpu, Ucounts<K>* ucounts) {
  if (cpu.put_unless_last(ucounts)) return;
  UserNs<K>* const ns = ucounts->ns;
  {
    // Only under the lock does it die, so that who finds it in the list can still get it.
    const Guard guard(cpu, cpu.kernel.ucounts_lock);
    if (!cpu.put(ucounts)) return;
    Ucounts<K>** link = &ns->ucounts;
    while (*link != ucounts) link = &(*link)->next;
    *link = ucounts->next;
  }
  cpu.free(ucounts);
  if (!cpu.bug(Bug::kUcountsForgetUserNs)) put_user_ns(cpu, ns);
}

// Takes back one charge at each level from `from` up to, not including, `end`.
template <class K>
void uncharge(Cpu<K>& cpu, Ucounts<K>* from, Ucounts<K>* end, abi::NsType type) {
  for (Ucounts<K>* at = from; at != end; at = at->ns->charged) {
    cpu.m.uncharge(at->charges[abi::index(type)]);
  }
}

// kOwnUcounts: the caller's credentials may hold them already.
template <class K>
Ucounts<K>* find_ucounts(Cpu<K>& cpu, UserNs<K>* ns, abi::Id uid) {
  if (Cpu<K>::optimized(kOwnUcounts) || cpu.bug(Bug::kOwnUcountsNotCounted)) {
    Ucounts<K>* const own = cpu.cred()->ucounts;
    if (own->ns == ns && own->uid == uid) {
      return cpu.bug(Bug::kOwnUcountsNotCounted) ? own : cpu.get(own);
    }
  }
  return alloc_ucounts(cpu, ns, uid);
}

// UCNT-01: charges the user in `ns`, then the creator of each user namespace upwards. The reference
// transfers to the namespace that was charged for.
template <class K>
Fallible<Ucounts<K>> inc_ucount(Cpu<K>& cpu, UserNs<K>* ns, abi::Id uid, abi::NsType type) {
  if (cpu.fails(Step::charge)) return errno_of(Step::charge);
  const std::size_t t = abi::index(type);
  const bool astray = cpu.bug(Bug::kTimeHasNoLimitOfItsOwn) && type == abi::NsType::time;
  const std::size_t limit = astray ? abi::index(abi::NsType::uts) : t;
  Ucounts<K>* const ucounts = find_ucounts(cpu, ns, uid);
  for (Ucounts<K>* at = ucounts; at != nullptr; at = at->ns->charged) {
    if (cpu.m.charge(at->charges[t], at->ns->limits[limit])) {
      if (cpu.bug(Bug::kChargeOwnLevelOnly)) break;
      continue;
    }
    if (!cpu.bug(Bug::kChargeNotUndone)) uncharge(cpu, ucounts, at, type);
    if (!cpu.bug(Bug::kChargeFailureKeepsUcounts)) put_ucounts(cpu, ucounts);
    return Errno::kENOSPC;
  }
  return ucounts;
}

template <class K>
void dec_ucount(Cpu<K>& cpu, Ucounts<K>* ucounts, abi::NsType type) {
  Ucounts<K>* const end = cpu.bug(Bug::kUnchargeOwnLevelOnly) ? ucounts->ns->charged
                                                              : static_cast<Ucounts<K>*>(nullptr);
  uncharge(cpu, ucounts, end, type);
  if (!cpu.bug(Bug::kUnchargeKeepsUcounts)) put_ucounts(cpu, ucounts);
}

}  // namespace impl
