// Active references: how many uses a namespace has right now, as distinct from references.
//
// Mirrors __ns_ref_active_get() and __ns_ref_active_put() of kernel/nscommon.c, 6.19. Older
// profiles have none. A namespace that comes into use brings its owner into use, and so on upwards;
// initial namespaces are always active and not counted. The trees that listns(2) walks are left
// out: a namespace that is active but unlisted cannot be seen here.
#pragma once

#include "impl/kernel/state.h"

namespace impl {

// The caller holds a reference on the namespace, and so, through it, on every owner.
template <class K>
void ns_ref_active_get(Cpu<K>& cpu, NsHead<K>* ns) {
  if (!cpu.kernel.rules.active_refs) return;
  while (!ns->initial) {
    cpu.touch(*ns);
    if (!cpu.m.active_get(ns->active)) return;
    if (cpu.bug(Bug::kActiveGetNotToOwner)) return;
    ns = ns->owner;
  }
}

template <class K>
void ns_ref_active_put(Cpu<K>& cpu, NsHead<K>* ns) {
  if (!cpu.kernel.rules.active_refs) return;
  while (!ns->initial) {
    cpu.touch(*ns);
    if (!cpu.m.active_put(*ns)) return;
    if (cpu.bug(Bug::kActivePutNotToOwner)) return;
    ns = ns->owner;
  }
}

}  // namespace impl
