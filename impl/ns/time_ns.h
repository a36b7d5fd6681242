// Time namespaces: an offset of the monotonic clock, fixed once a task uses it.
//
// Mirrors kernel/time/namespace.c (6.18): copy_time_ns, timens_commit, timens_on_fork. Left out:
// the boottime clock, which follows the same rules, and the vvar page.
#pragma once

#include "impl/ns/simple_ns.h"

namespace impl {

// TIME-09: a new one copies the offsets and may still be changed.
template <class K>
Fallible<TimeNs<K>> copy_time_ns(Cpu<K>& cpu, typename K::Word flags, UserNs<K>* user_ns,
                                 TimeNs<K>* old, Keep keep) {
  if (!cpu.has(flags, flag::NEWTIME)) return keep_ns(cpu, old, keep);
  if (!configured(cpu, abi::NsType::time)) return Errno::kEINVAL;
  const auto made = make_ns<TimeNs<K>>(cpu, user_ns, {Step::init});
  if (made.failed()) return made;
  const Guard guard(cpu, cpu.kernel.timens_lock);
  made.value->seconds.set(cpu.bug(Bug::kTimeOffsetsNotInherited) ? 0 : old->seconds.get());
  made.value->frozen.set(cpu.bug(Bug::kFrozenCopied) && old->frozen.get());
  return made;
}

template <class K>
void put_time_ns(Cpu<K>& cpu, TimeNs<K>* ns) {
  if (ns_put(cpu, ns)) free_ns(cpu, ns);
}

// A task uses these offsets from now on: nobody may change them any more.
template <class K>
void timens_commit(Cpu<K>& cpu, TimeNs<K>* ns) {
  if (cpu.bug(Bug::kTimeNeverFreezes)) return;
  if (ns->frozen.get()) return;
  const Guard guard(cpu, cpu.kernel.timens_lock);
  ns->frozen.set(true);
}

// The pending time namespace becomes the one in use, in a nsproxy that no task points at yet.
template <class K>
void timens_on_fork(Cpu<K>& cpu, Nsproxy<K>& nsproxy) {
  TimeNs<K>* const ns = nsproxy.time_ns_for_children;
  if (ns == nsproxy.time_ns) return;
  if (!cpu.bug(Bug::kTimeSwitchNotCounted)) ns_get(cpu, ns);
  if (!nsproxy.lends(abi::NsLink::time) && !cpu.bug(Bug::kTimeSwitchForgetsOld)) {
    put_time_ns(cpu, nsproxy.time_ns);
  }
  nsproxy.time_ns = ns;  // transfers
  nsproxy.lent &= static_cast<std::uint8_t>(~(1u << abi::index(abi::NsLink::time)));
  timens_commit(cpu, ns);
}

}  // namespace impl
