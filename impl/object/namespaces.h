// The eight namespaces, and what hangs on one: its nsfs inode, its user counts.
//
// Mirrors include/linux/ns_common.h and each type's struct (6.18), cut down to what a namespace
// rule reads: no host names, message queues, devices or cgroups inside. A bug in how those are
// copied cannot be seen here.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "abi/call.h"
#include "impl/object/number_table.h"
#include "impl/object/object.h"

namespace impl {

// What every namespace has. Generic code takes a NsCommon*, whose type says what it is part of.
template <class K>
struct NsHead : Counted<K> {
  abi::NsType type = abi::NsType::mnt;
  bool initial = false;
  std::uint64_t ns_id = 0;                         // as NS_GET_ID gives it; never reused
  UserNs<K>* owner = nullptr;                      // one reference; a user namespace's parent
  Ucounts<K>* charged = nullptr;                   // one reference; null for initial ones
  typename K::Count active;                        // 6.19: uses, as distinct from references
  typename K::template Pointer<Inode<K>> stashed;  // not counted: the inode holds us
};

template <class K, abi::NsType t>
struct NsObject : NsHead<K> {
  static constexpr abi::NsType kType = t;
  static constexpr std::size_t kKind = kind_index(abi::kind_of(t));
};

template <class K>
struct MntNs : NsObject<K, abi::NsType::mnt> {
  Mount<K>* mounts = nullptr;  // its bind mounts, each held once; under namespace_lock
};
template <class K>
struct UtsNs : NsObject<K, abi::NsType::uts> {};
template <class K>
struct IpcNs : NsObject<K, abi::NsType::ipc> {
  typename K::template Cell<std::int64_t> semaphore;  // both under sem_lock
  Pid<K>* sempid = nullptr;  // of the process that used it last: one reference, or null
};
template <class K>
struct CgroupNs : NsObject<K, abi::NsType::cgroup> {};
template <class K>
struct NetNs : NsObject<K, abi::NsType::net> {};

template <class K>
struct TimeNs : NsObject<K, abi::NsType::time> {
  typename K::template Cell<std::int64_t> seconds;  // both under timens_lock
  typename K::template Cell<bool> frozen;
};

template <class K>
struct PidNs : NsObject<K, abi::NsType::pid> {
  PidNs* parent = nullptr;  // one reference
  std::uint32_t level = 0;
  // The rest is under tasklist_lock. Which task reaps; null when it is gone. `had_reaper` stays.
  Task<K>* child_reaper = nullptr;
  typename K::template Cell<bool> had_reaper;
  bool adding = true;           // PIDNS_ADDING: numbers are still given
  bool ending = false;          // child_reaper waits in zap_pid_ns_processes()
  std::uint32_t allocated = 0;  // numbers in use
  std::uint32_t ending_at = 0;  // … when child_reaper may go on
  std::int32_t last = 0;        // the number given last
  NumberTable<Pid<K>> numbers;
};

// One uid_map or gid_map: written once, then read without a lock.
struct IdMap {
  std::vector<abi::Extent> extents;  // outside: kernel ids
};

template <class K>
struct UserNs : NsObject<K, abi::NsType::user> {
  std::uint32_t level = 0;
  abi::Id owner_uid = 0, owner_gid = 0;  // its creator's, kernel ids
  bool parent_could_setfcap = false;
  typename K::template Cell<bool> setgroups;                      // under userns_lock
  std::array<typename K::template Pointer<const IdMap>, 2> maps;  // by MapKind; null: not written
  std::array<typename K::template Cell<std::uint32_t>, abi::kNsTypes> limits;
  Ucounts<K>* ucounts = nullptr;  // (this, *); not counted: they hold us. Under ucounts_lock

  UserNs* parent() const { return this->owner; }
};

// The charges of one user in one user namespace.
template <class K>
struct Ucounts : Object<K, kind_index(abi::ObjKind::ucounts)> {
  UserNs<K>* ns = nullptr;  // one reference
  abi::Id uid = 0;
  std::array<typename K::template Cell<std::uint32_t>, abi::kNsTypes> charges;
  Ucounts* next = nullptr;  // under ucounts_lock
};

// The nsfs inode of a namespace: exists while a file or bind mount refers to it.
template <class K>
struct Inode : Object<K, kind_index(abi::ObjKind::inode)> {
  NsHead<K>* ns = nullptr;  // one reference
};

template <class K>
struct Mount : Object<K, kind_index(abi::ObjKind::mount)> {
  abi::BindId name;
  Inode<K>* inode = nullptr;  // one reference
  bool locked = false;        // MNT_LOCKED
  Mount* next = nullptr;
};

// The whole namespace that a head belongs to.
template <class K, class Visitor>
decltype(auto) visit_ns(NsHead<K>& ns, Visitor&& visitor) {
  switch (ns.type) {
    case abi::NsType::mnt:
      return visitor(static_cast<MntNs<K>&>(ns));
    case abi::NsType::uts:
      return visitor(static_cast<UtsNs<K>&>(ns));
    case abi::NsType::ipc:
      return visitor(static_cast<IpcNs<K>&>(ns));
    case abi::NsType::pid:
      return visitor(static_cast<PidNs<K>&>(ns));
    case abi::NsType::cgroup:
      return visitor(static_cast<CgroupNs<K>&>(ns));
    case abi::NsType::net:
      return visitor(static_cast<NetNs<K>&>(ns));
    case abi::NsType::time:
      return visitor(static_cast<TimeNs<K>&>(ns));
    case abi::NsType::user:
      break;
  }
  return visitor(static_cast<UserNs<K>&>(ns));
}

}  // namespace impl
