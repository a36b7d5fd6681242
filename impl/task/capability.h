// Who may do what over which user namespace.
//
// Mirrors cap_capable() of security/commoncap.c and ns_capable() of kernel/capability.c (6.18).
// Left out: LSMs, which may only refuse more.
#pragma once

#include "impl/kernel/state.h"

namespace impl {

// CAP-01. Walks from the target upwards until it meets the credentials' own user namespace.
template <class K>
typename K::Bool cap_capable(Cpu<K>& cpu, const Cred<K>& cred, const UserNs<K>* target, int cap) {
  if (cpu.bug(Bug::kCapAskedOfInitNs)) target = cpu.kernel.init_user_ns;
  for (const UserNs<K>* ns = target;; ns = ns->parent()) {
    if (ns == cred.user_ns) return cpu.m.has_bits(cred.effective, abi::cap_bit(cap));
    if (ns->level <= cred.user_ns->level) return false;
    const bool own_child = ns->parent() == cred.user_ns || cpu.bug(Bug::kCapOwnerOfAnyDescendant);
    if (own_child && ns->owner_uid == cred.euid() && !cpu.bug(Bug::kCapNoOwnerRule)) return true;
    if (own_child && cpu.bug(Bug::kCapOwnerIgnoresUid)) return true;
  }
}

// Always the caller's current credentials, never those under construction.
template <class K>
typename K::Bool ns_capable(Cpu<K>& cpu, const UserNs<K>* target, int cap) {
  return cap_capable(cpu, *cpu.cred(), target, cap);
}

// Over the initial user namespace.
template <class K>
typename K::Bool capable(Cpu<K>& cpu, int cap) {
  return ns_capable(cpu, cpu.kernel.init_user_ns, cap);
}

}  // namespace impl
