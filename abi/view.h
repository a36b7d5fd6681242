// What can be seen of a system after a call.
//
// Systems number their objects as they like: two views are compared up to a renaming. An ObjId is
// never given to a second object in one system's life.
//
// Who holds a reference on what (one holder each; section 2 of the semantics, with what the sources
// add). A count is the number of these:
//   nsproxy   each task that points at it and has not exited
//   mnt uts ipc cgroup net time pid
//             each nsproxy slot (the two time slots separately); the nsfs inode
//             pid: each struct pid whose innermost namespace it is; each child pid namespace
//             net: each socket file        cgroup: each cgroupfs file
//   user      each cred in it; each namespace that it owns (children included); each ucounts of it;
//             each mm made in it; the nsfs inode
//   ucounts   (user namespace, kuid): each cred of that namespace and real uid; each namespace that
//             was charged to it first
//   cred      each task until it is reaped; each open file (its opener's)
//   pid       the task until it is reaped; each pidfd and /proc/PID directory of it; each ipc
//             namespace whose semaphore its process used last
//   fs files mm undo
//             each task that has not exited    (undo: that shares the list)
//   sighand signal
//             each task until it is reaped
//   inode     (nsfs) each open file and each bind mount of it
//   file      its descriptor        mount   its mount namespace
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "abi/call.h"
#include "abi/cap.h"
#include "abi/ns_type.h"

namespace nsabi {

using ObjId = std::uint64_t;  // 0: none
inline constexpr ObjId kNoObject = 0;

// Kinds of objects; the first eight are the namespaces, in NsType's order.
enum class ObjKind : std::uint8_t {
  mnt,
  uts,
  ipc,
  pid_ns,
  cgroup,
  net,
  time,
  user,
  nsproxy,
  cred,
  ucounts,
  pid,
  fs,
  files,
  mm,
  sighand,
  signal,
  undo,
  inode,
  file,
  mount,
};
inline constexpr std::size_t kObjKinds = 21;
constexpr std::size_t index(ObjKind k) { return static_cast<std::size_t>(k); }
constexpr ObjKind kind_of(NsType t) { return static_cast<ObjKind>(index(t)); }
constexpr bool is_ns(ObjKind k) { return index(k) < kNsTypes; }
std::string_view name(ObjKind k);

enum class TaskState : std::uint8_t {
  none,  // never created, or reaped
  running,
  blocked,  // in vfork, until the child calls execve or exits
  dying,    // an exited pid-namespace init that waits for its members to go
  zombie,
};

struct TaskView {
  TaskState state = TaskState::none;
  std::array<ObjId, kNsLinks> ns{};  // by NsLink; kNoObject where the link would say ENOENT
  ObjId nsproxy = kNoObject;
  // Kernel ids (of the initial user namespace): real, effective, saved.
  std::array<Id, 3> uid{};
  std::array<Id, 3> gid{};
  CapSet effective = 0, permitted = 0, inheritable = 0, bounding = 0, ambient = 0;
  bool chrooted = false;  // its root is not the root of its mount namespace
  bool operator==(const TaskView&) const = default;
};

struct ObjectView {
  ObjKind kind = ObjKind::file;
  bool alive = false;
  bool counted = true;       // false: an initial namespace, whose counts mean nothing
  std::uint32_t refs = 0;    // number of holders
  std::uint32_t active = 0;  // active references (6.19 on, namespaces only)
  ObjId owner = kNoObject;   // namespaces: the owning user namespace (user: the parent)
  // ipc: the semaphore's value; time: the offset in seconds; user, pid_ns: the level; else 0.
  std::int64_t detail = 0;
  bool operator==(const ObjectView&) const = default;
};

struct TaskEntry {
  TaskId id;
  TaskView view;
};
struct ObjectEntry {
  ObjId id = kNoObject;
  ObjectView view;
};

using Totals = std::array<std::uint32_t, kObjKinds>;  // live objects by kind, initial ones included

struct View {
  std::vector<TaskEntry> tasks;      // those in any state but none, by id
  std::vector<ObjectEntry> objects;  // empty where the system does not show them
  Totals totals{};
};

}  // namespace nsabi
