// Writes to /proc files of namespaces: uid_map, gid_map, setgroups, max_*_namespaces,
// timens_offsets.
//
// Mirrors map_write, new_idmap_permitted, verify_root_map and proc_setgroups_write of
// kernel/user_namespace.c, set_permissions of kernel/ucount.c and proc_timens_set_offset of
// kernel/time/namespace.c (6.18). Whoever writes also opened the file (BUG-07 cannot be seen).
#pragma once

#include <memory>

#include "impl/ns/time_ns.h"
#include "impl/ns/user_ns.h"
#include "impl/task/capability.h"

namespace impl {

// A reference on the user namespace of a task that may be exiting; null if it is gone.
template <class K>
UserNs<K>* get_target_user_ns(Cpu<K>& cpu, abi::TaskId name) {
  const ReadGuard guard(cpu);
  const Task<K>* const task = cpu.find(name);
  if (task == nullptr) return nullptr;
  for (;;) {
    UserNs<K>* const ns = cpu.m.load(task->cred)->user_ns;
    if (cpu.bug(Bug::kMapTargetNotCounted) || ns_try_get(cpu, ns)) return ns;
    if (task->state.get() == abi::TaskState::none || !cpu.retry()) return nullptr;
  }
}

// -- id maps

inline constexpr std::size_t kMaxExtents = 340;

// The length of the text that says this map, one "inside outside count" a line.
inline std::size_t map_text_size(const std::vector<abi::Extent>& extents) {
  const auto digits = [](abi::Id id) {
    std::size_t n = 1;
    for (; id >= 10; id /= 10) ++n;
    return n;
  };
  std::size_t size = 0;
  for (const abi::Extent& e : extents) {
    size += digits(e.inside) + digits(e.outside) + digits(e.count) + 3;
  }
  return size;
}

inline bool extents_overlap(const abi::Extent& a, const abi::Extent& b) {
  const auto meet = [](abi::Id p, abi::Id q, abi::Id np, abi::Id nq) {
    return p <= q + (nq - 1) && q <= p + (np - 1);
  };
  return meet(a.inside, b.inside, a.count, b.count) || meet(a.outside, b.outside, a.count, b.count);
}

// MAP-01: what can be wrong with the text.
inline bool map_is_wrong(const std::vector<abi::Extent>& extents) {
  if (extents.empty() || extents.size() > kMaxExtents) return true;
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const abi::Extent& e = extents[i];
    if (e.inside == abi::kUnchanged || e.outside == abi::kUnchanged) return true;
    if (e.inside + e.count <= e.inside || e.outside + e.count <= e.outside) return true;
    for (std::size_t j = 0; j < i; ++j) {
      if (extents_overlap(extents[j], e)) return true;
    }
  }
  return false;
}

// CAP-05: mapping the parent's uid 0.
template <class K>
bool verify_root_map(Cpu<K>& cpu, const UserNs<K>& ns, const std::vector<abi::Extent>& extents) {
  bool maps_root = false;
  for (const abi::Extent& e : extents) maps_root |= e.outside == 0;
  if (!maps_root || !cpu.kernel.rules.root_map_needs_cap) return true;
  if (cpu.cred()->user_ns == &ns) return ns.parent_could_setfcap;
  return static_cast<bool>(ns_capable(cpu, ns.parent(), abi::cap::SETFCAP));
}

// MAP-02.
template <class K>
bool new_idmap_permitted(Cpu<K>& cpu, const UserNs<K>& ns, const abi::WriteIdMap& call) {
  const bool uids = call.kind == abi::MapKind::uid;
  const Cred<K>& mine = *cpu.cred();
  if (uids && !verify_root_map(cpu, ns, call.extents) && !cpu.bug(Bug::kRootMapNotAsked)) {
    return false;
  }
  if (call.extents.size() == 1 && call.extents[0].count == 1 && ns.owner_uid == mine.euid()) {
    const auto id = map_id_down(cpu, *ns.parent(), call.kind, call.extents[0].outside);
    if (uids && id == mine.euid()) return true;
    const bool denied = !ns.setgroups.get() || cpu.bug(Bug::kGidMapWithoutDeny);
    if (!uids && denied && id == mine.egid()) return true;
  }
  if (cpu.bug(Bug::kIdMapNotCapable)) return true;
  const int cap = uids ? abi::cap::SETUID : abi::cap::SETGID;
  return static_cast<bool>(ns_capable(cpu, ns.parent(), cap));
}

// Whether one extent of the parent holds the whole range (map_id_range_down).
template <class K>
bool range_is_mapped(Cpu<K>& cpu, const UserNs<K>& parent, abi::MapKind kind,
                     const abi::Extent& range) {
  if (parent.initial) return true;
  const IdMap* const map = cpu.m.load(parent.maps[static_cast<std::size_t>(kind)]);
  if (map == nullptr) return false;
  for (const abi::Extent& e : map->extents) {
    const abi::Id start = range.outside - e.inside;
    if (start < e.count) return range.count <= e.count - start;
  }
  return false;
}

// The same ranges in kernel ids; null if one is not mapped in the parent.
template <class K>
std::unique_ptr<IdMap> map_to_kernel_ids(Cpu<K>& cpu, const UserNs<K>& parent,
                                         const abi::WriteIdMap& call) {
  auto map = std::make_unique<IdMap>();
  for (abi::Extent e : call.extents) {
    if (!range_is_mapped(cpu, parent, call.kind, e)) return nullptr;
    const abi::Id kernel_id = *map_id_down(cpu, parent, call.kind, e.outside);
    if (!cpu.bug(Bug::kIdMapNotTranslated)) e.outside = kernel_id;
    map->extents.push_back(e);
  }
  return map;
}

template <class K>
Errno map_write(Cpu<K>& cpu, UserNs<K>& ns, const abi::WriteIdMap& call) {
  const UserNs<K>* const mine = cpu.cred()->user_ns;
  if (ns.initial) return Errno::kEPERM;
  if (mine != &ns && mine != ns.parent()) return Errno::kEPERM;
  if (map_text_size(call.extents) >= 4096) return Errno::kEINVAL;
  const Guard guard(cpu, cpu.kernel.userns_lock);
  auto& slot = ns.maps[static_cast<std::size_t>(call.kind)];
  if (cpu.bug(Bug::kMapTextFirst) && map_is_wrong(call.extents)) return Errno::kEINVAL;
  if (cpu.m.load(slot) != nullptr) return Errno::kEPERM;
  if (!ns_capable(cpu, &ns, abi::cap::SYS_ADMIN)) return Errno::kEPERM;
  if (cpu.bug(Bug::kMapPermittedFirst) && !new_idmap_permitted(cpu, ns, call)) return Errno::kEPERM;
  if (map_is_wrong(call.extents)) return Errno::kEINVAL;
  if (!new_idmap_permitted(cpu, ns, call)) return Errno::kEPERM;
  auto map = map_to_kernel_ids(cpu, *ns.parent(), call);
  if (!map) return Errno::kEPERM;
  cpu.publish(slot, static_cast<const IdMap*>(map.release()));  // transfers
  return Errno::kOk;
}

template <class K>
abi::Result sys_write_id_map(Cpu<K>& cpu, const abi::WriteIdMap& call) {
  UserNs<K>* const ns = get_target_user_ns(cpu, call.target);
  if (ns == nullptr) return abi::Result::failure(Errno::kESRCH);
  const Errno e = map_write(cpu, *ns, call);
  if (!cpu.bug(Bug::kIdMapKeepsUserNs)) put_user_ns(cpu, ns);
  return e == Errno::kOk ? abi::Result::success() : abi::Result::failure(e);
}

// MAP-03, after the check of proc_setgroups_open().
template <class K>
Errno setgroups_write(Cpu<K>& cpu, UserNs<K>& ns, bool allow) {
  const bool early = cpu.bug(Bug::kSetgroupsValueFirst) && allow && !ns.setgroups.get();
  if (early) return Errno::kEPERM;
  if (!ns_capable(cpu, &ns, abi::cap::SYS_ADMIN)) return Errno::kEACCES;
  const Guard guard(cpu, cpu.kernel.userns_lock);
  if (allow) {
    return ns.setgroups.get() || cpu.bug(Bug::kSetgroupsReallowed) ? Errno::kOk : Errno::kEPERM;
  }
  const bool mapped =
      ns.initial || cpu.m.load(ns.maps[static_cast<std::size_t>(abi::MapKind::gid)]) != nullptr;
  if (mapped && !cpu.bug(Bug::kSetgroupsDeniedAfterMap)) return Errno::kEPERM;
  ns.setgroups.set(false);
  return Errno::kOk;
}

template <class K>
abi::Result sys_write_setgroups(Cpu<K>& cpu, const abi::WriteSetgroups& call) {
  UserNs<K>* const ns = get_target_user_ns(cpu, call.target);
  if (ns == nullptr) return abi::Result::failure(Errno::kESRCH);
  const Errno e = setgroups_write(cpu, *ns, call.allow);
  if (!cpu.bug(Bug::kSetgroupsKeepsUserNs)) put_user_ns(cpu, ns);
  return e == Errno::kOk ? abi::Result::success() : abi::Result::failure(e);
}

// -- limits and offsets

// LIMIT-01.
template <class K>
abi::Result sys_set_limit(Cpu<K>& cpu, const abi::SetLimit& call) {
  UserNs<K>& ns = *cpu.cred()->user_ns;
  if (cpu.bug(Bug::kLimitRangeFirst) && call.max > 0x7fffffff) {
    return abi::Result::failure(Errno::kEINVAL);
  }
  if (!ns_capable(cpu, &ns, abi::cap::SYS_RESOURCE) && !cpu.bug(Bug::kLimitNotCapable)) {
    return abi::Result::failure(Errno::kEACCES);
  }
  if (call.max > 0x7fffffff) return abi::Result::failure(Errno::kEINVAL);
  ns.limits[abi::index(call.type)].set(call.max);
  return abi::Result::success();
}

inline constexpr std::int64_t kMaxTimeSeconds = 4611686018;  // KTIME_SEC_MAX / 2

template <class K>
Errno set_offset(Cpu<K>& cpu, TimeNs<K>& ns, const abi::WriteTimens& call) {
  const bool out_of_range = call.seconds < 0 || call.seconds > kMaxTimeSeconds;
  if (cpu.bug(Bug::kTimensRangeFirst) && out_of_range) return Errno::kERANGE;
  if (!ns_capable(cpu, ns.owner, abi::cap::SYS_TIME) && !cpu.bug(Bug::kTimensNotCapable)) {
    return Errno::kEPERM;
  }
  if (cpu.bug(Bug::kTimensFrozenFirst) && ns.frozen.get()) return Errno::kEACCES;
  if (out_of_range) return Errno::kERANGE;
  const Guard guard(cpu, cpu.kernel.timens_lock);
  if (ns.frozen.get() && !cpu.bug(Bug::kFrozenOffsetsWritable)) return Errno::kEACCES;
  ns.seconds.set(call.seconds);
  cpu.touch(ns);
  return Errno::kOk;
}

// TIMENS-01.
template <class K>
abi::Result sys_write_timens(Cpu<K>& cpu, const abi::WriteTimens& call) {
  if (!cpu.kernel.rules.configured.has(abi::NsType::time)) {
    return abi::Result::failure(Errno::kENOENT);
  }
  const bool nanoseconds_ok = call.nanoseconds >= 0 && call.nanoseconds <= 999999999;
  const bool late = cpu.bug(Bug::kNanosecondsAfterTarget) && cpu.find(call.target) == nullptr;
  if (!nanoseconds_ok && !cpu.bug(Bug::kNanosecondsNotChecked) && !late) {
    return abi::Result::failure(Errno::kEINVAL);
  }
  TimeNs<K>* ns = nullptr;
  {
    const ReadGuard guard(cpu);
    const Task<K>* const task = cpu.find(call.target);
    while (task != nullptr) {
      const Nsproxy<K>* const nsproxy = cpu.m.load(task->nsproxy);
      if (nsproxy == nullptr) break;
      ns = cpu.bug(Bug::kOffsetsOfCurrent) ? nsproxy->time_ns : nsproxy->time_ns_for_children;
      if (cpu.bug(Bug::kTimensTargetNotCounted) || ns_try_get(cpu, ns)) break;
      ns = nullptr;
      if (!cpu.retry()) break;
    }
  }
  if (ns == nullptr) return abi::Result::failure(Errno::kESRCH);
  const Errno e = set_offset(cpu, *ns, call);
  if (!cpu.bug(Bug::kTimensKeepsNs)) put_time_ns(cpu, ns);
  return e == Errno::kOk ? abi::Result::success() : abi::Result::failure(e);
}

}  // namespace impl
