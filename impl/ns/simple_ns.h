// The namespaces that start empty or as a copy of some names: uts, cgroup and net.
//
// Mirrors copy_utsname (kernel/utsname.c), copy_cgroup_ns (kernel/cgroup/namespace.c) and
// copy_net_ns (net/core/net_namespace.c), 6.18. What is inside is left out. Death is immediate;
// Linux takes its time for net (REF-12), which only lengthens how long a quota stays used.
#pragma once

#include "impl/ns/common.h"
#include "impl/task/capability.h"

namespace impl {

// Whether an unchanged slot of a new nsproxy takes a reference of its own, or has the one of the
// nsproxy that it replaces lent until they are exchanged (kTakeOver).
enum class Keep : std::uint8_t { count, lend };

// The bug that does not count a namespace that a new nsproxy keeps.
constexpr Bug forgotten_by_keep(abi::NsType type) {
  constexpr std::array<Bug, abi::kNsTypes> bugs = {
      Bug::kKeepForgetsMnt,    Bug::kKeepForgetsUts, Bug::kKeepForgetsIpc,  Bug::kKeepForgetsPid,
      Bug::kKeepForgetsCgroup, Bug::kKeepForgetsNet, Bug::kKeepForgetsTime, Bug::kNone};
  return bugs[abi::index(type)];
}

template <class K, class Ns>
Ns* keep_ns(Cpu<K>& cpu, Ns* ns, Keep keep) {
  if (keep == Keep::lend || cpu.bug(forgotten_by_keep(Ns::kType))) return ns;
  return ns_get(cpu, ns);
}

template <class K>
Fallible<UtsNs<K>> copy_utsname(Cpu<K>& cpu, typename K::Word flags, UserNs<K>* user_ns,
                                UtsNs<K>* old, Keep keep) {
  if (!cpu.has(flags, flag::NEWUTS)) return keep_ns(cpu, old, keep);
  if (!configured(cpu, abi::NsType::uts)) return Errno::kEINVAL;
  return make_ns<UtsNs<K>>(cpu, user_ns, {});
}

template <class K>
void put_uts_ns(Cpu<K>& cpu, UtsNs<K>* ns) {
  if (ns_put(cpu, ns)) free_ns(cpu, ns);
}

template <class K>
Fallible<CgroupNs<K>> copy_cgroup_ns(Cpu<K>& cpu, typename K::Word flags, UserNs<K>* user_ns,
                                     CgroupNs<K>* old, Keep keep) {
  // NSP-08: without CONFIG_CGROUPS the flag is ignored.
  if (!cpu.has(flags, flag::NEWCGROUP) || !configured(cpu, abi::NsType::cgroup)) {
    return keep_ns(cpu, old, keep);
  }
  // Never decides: every caller has asked before (NSP-04).
  if (!ns_capable(cpu, user_ns, abi::cap::SYS_ADMIN)) return Errno::kEPERM;
  return make_ns<CgroupNs<K>>(cpu, user_ns, {});
}

template <class K>
void put_cgroup_ns(Cpu<K>& cpu, CgroupNs<K>* ns) {
  if (ns_put(cpu, ns)) free_ns(cpu, ns);
}

template <class K>
Fallible<NetNs<K>> copy_net_ns(Cpu<K>& cpu, typename K::Word flags, UserNs<K>* user_ns,
                               NetNs<K>* old, Keep keep) {
  if (!cpu.has(flags, flag::NEWNET)) return keep_ns(cpu, old, keep);
  if (!configured(cpu, abi::NsType::net)) return Errno::kEINVAL;
  return make_ns<NetNs<K>>(cpu, user_ns, {Step::net_lock, Step::init});
}

template <class K>
void put_net(Cpu<K>& cpu, NetNs<K>* ns) {
  if (ns_put(cpu, ns)) free_ns(cpu, ns);
}

}  // namespace impl
