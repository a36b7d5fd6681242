// Tasks and what they point at: nsproxy, credentials, struct pid, and the shareable rest.
//
// Mirrors include/linux/sched.h, sched/signal.h, cred.h, nsproxy.h, pid.h and fs_struct.h (6.18).
// Of files_struct, sighand_struct and mm_struct only the sharing is kept, since only that is asked
// by namespace rules.
#pragma once

#include <array>
#include <cstdint>

#include "abi/cap.h"
#include "abi/view.h"
#include "impl/object/namespaces.h"

namespace impl {

inline constexpr std::uint32_t kMaxPidNsLevel = 32;

// DATA-01: immutable once a task points at it, but for its count.
template <class K>
struct Nsproxy : Object<K, kind_index(abi::ObjKind::nsproxy)> {
  MntNs<K>* mnt_ns = nullptr;  // each slot: one reference
  UtsNs<K>* uts_ns = nullptr;
  IpcNs<K>* ipc_ns = nullptr;
  PidNs<K>* pid_ns_for_children = nullptr;
  CgroupNs<K>* cgroup_ns = nullptr;
  NetNs<K>* net_ns = nullptr;
  TimeNs<K>* time_ns_for_children = nullptr;
  TimeNs<K>* time_ns = nullptr;
  // Slots (bits by NsLink) whose reference is still the caller's old nsproxy's: kTakeOver. Empty
  // once a task points at it.
  std::uint8_t lent = 0;

  NsHead<K>* slot(abi::NsLink link) const {
    const std::array<NsHead<K>*, abi::kNsproxySlots> slots = {
        mnt_ns, uts_ns, ipc_ns, pid_ns_for_children, cgroup_ns, net_ns, time_ns_for_children,
        time_ns};
    return slots[abi::index(link)];
  }
  bool lends(abi::NsLink link) const { return (lent >> abi::index(link) & 1) != 0; }
};

// Immutable once a task points at it, but for its count.
template <class K>
struct Cred : Object<K, kind_index(abi::ObjKind::cred)> {
  enum Which : std::uint8_t { kReal, kEffective, kSaved };

  UserNs<K>* user_ns = nullptr;         // one reference; first, for kernels whose core is C
  std::array<abi::Id, 3> uid{}, gid{};  // kernel ids, by Which
  typename K::Word effective{};
  abi::CapSet permitted = 0, inheritable = 0, bounding = 0, ambient = 0;
  bool keep_caps = false;
  Ucounts<K>* ucounts = nullptr;  // one reference: (user_ns, real uid)

  abi::Id euid() const { return uid[kEffective]; }
  abi::Id egid() const { return gid[kEffective]; }
};

template <class K>
struct Pid : Object<K, kind_index(abi::ObjKind::pid)> {
  PidNs<K>* ns = nullptr;  // the innermost; one reference
  std::uint32_t level = 0;
  std::array<std::int32_t, kMaxPidNsLevel + 1> numbers{};  // by level
  typename K::template Pointer<Task<K>> task;              // null: reaped
};

// Where "/" is. Not a reference: a directory pins its mount, not the mount namespace (REF-08).
struct Root {
  std::uint64_t bits = 0;
  static constexpr Root top_of(std::uint64_t mnt_ns_id) { return {mnt_ns_id << 1 | 1}; }
  // Below the root of that namespace.
  static constexpr Root inside(std::uint64_t mnt_ns_id) { return {mnt_ns_id << 1}; }
  constexpr std::uint64_t mnt_ns_id() const { return bits >> 1; }
  constexpr bool is_top() const { return (bits & 1) != 0; }
  constexpr bool operator==(const Root&) const = default;
};

template <class K>
struct Fs : Object<K, kind_index(abi::ObjKind::fs)> {
  typename K::template Cell<Root> root;
};
template <class K>
struct Files : Object<K, kind_index(abi::ObjKind::files)> {};
template <class K>
struct Sighand : Object<K, kind_index(abi::ObjKind::sighand)> {
  typename K::template Cell<bool> ignores_children;  // SIGCHLD's action is SIG_IGN
};

template <class K>
struct Mm : Object<K, kind_index(abi::ObjKind::mm)> {
  UserNs<K>* user_ns = nullptr;  // one reference
  typename K::template Cell<bool> dumpable;
};

// A thread group.
template <class K>
struct Signal : Object<K, kind_index(abi::ObjKind::signal)> {
  typename K::template Cell<std::uint32_t> threads;  // in the list: not reaped
  typename K::template Cell<std::uint32_t> alive;    // not exited
  typename K::template Cell<bool> unkillable;        // SIGNAL_UNKILLABLE: a pid namespace's init
  typename K::template Cell<bool> subreaper;
  Task<K>* leader = nullptr;  // under tasklist_lock, like the list
  Task<K>* first = nullptr;   // threads, in the order of their creation
  Task<K>* last = nullptr;
};

// The SEM_UNDO list: how often its sharers have raised the semaphore of their ipc namespace.
template <class K>
struct Undo : Object<K, kind_index(abi::ObjKind::undo)> {
  std::int64_t adjust = 0;  // under sem_lock
};

template <class K>
struct Task : Object<K, kTaskKind> {
  // Written by whoever carries out the task; others follow them in read sections. The first three
  // come first for kernels whose core is C.
  typename K::template Pointer<Nsproxy<K>> nsproxy;
  typename K::template Pointer<Fs<K>> fs;
  typename K::template Pointer<Cred<K>> cred;
  typename K::template Pointer<Mm<K>> mm;
  typename K::template Pointer<Pid<K>> pid;

  abi::TaskId name;
  typename K::Claim claim;
  typename K::template Cell<abi::TaskState> state;  // written under tasklist_lock

  // The carrier's alone.
  Files<K>* files = nullptr;
  Sighand<K>* sighand = nullptr;
  Signal<K>* signal = nullptr;
  Undo<K>* undo = nullptr;

  typename K::template Cell<bool> was_dumpable;  // its last mm, when it let go of that
  typename K::template Cell<int> exit_signal;
  typename K::template Cell<bool> exiting;  // PF_EXITING
  // Somebody was blocked for this one when it was made: asked without a lock.
  typename K::template Cell<bool> is_vforked;

  // Under tasklist_lock. A null parent is the one outside. Only leaders are in a list of children.
  Task* real_parent = nullptr;
  Task* children = nullptr;
  Task *sibling_prev = nullptr, *sibling_next = nullptr;
  Task *thread_prev = nullptr, *thread_next = nullptr;
  Task* vfork_child = nullptr;   // for whom this one is blocked
  Task* vfork_parent = nullptr;  // who is blocked for this one
};

// What an open file refers to.
enum class FileType : std::uint8_t { ns, pidfd, other };

template <class K>
struct File : Object<K, kind_index(abi::ObjKind::file)> {
  FileType type = FileType::other;
  bool o_path = false;
  Cred<K>* cred = nullptr;        // the opener's; each of these: one reference, or null
  Inode<K>* inode = nullptr;      // nsfs
  Pid<K>* pid = nullptr;          // pidfd, /proc/PID
  NetNs<K>* net_ns = nullptr;     // socket
  CgroupNs<K>* cgroup = nullptr;  // cgroupfs
};

}  // namespace impl
