// The model's state: plain records, and an edge for each reference. No counters.
//
// An Edge says who holds what and why; each record heads the list of the edges that hold it. A
// record dies when that list becomes empty, and then lets go of what it held itself. A reference
// count is the length of a list (Model::holders); nothing here adds or subtracts one.
//
// The names are the kernel's: struct nsproxy, cred, pid (6.18). What a record leaves out does not
// decide any rule.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "abi/system.h"
#include "model/pool.h"

namespace model {

using abi::NsLink;
using abi::NsType;
using abi::ObjKind;
using abi::TaskState;

// A record that can be held.
struct Ref {
  ObjKind kind = ObjKind::file;
  Slot slot = kNoSlot;
  constexpr bool operator==(const Ref&) const = default;
};

// Why a reference is held: the field of the holder.
enum class Why : std::uint8_t {
  uts_ns,
  ipc_ns,
  mnt_ns,
  pid_ns_for_children,
  cgroup_ns,
  net_ns,
  time_ns,
  time_ns_for_children,
  task_nsproxy,
  task_cred,
  task_pid,
  task_fs,
  task_files,
  task_mm,
  task_sighand,
  task_signal,
  task_undo,
  cred_user_ns,
  cred_ucounts,
  ns_owner,
  ns_ucounts,
  ns_parent,
  ucounts_user_ns,
  mm_user_ns,
  pid_ns,
  ipc_sempid,
  inode_ns,
  file_inode,
  file_cred,
  file_pid,
  file_net_ns,
  file_cgroup_ns,
  descriptor,
  mount_inode,
  mount_ns,
};
std::string_view name(Why why);

// One reference: `from` holds `to`. A task as the holder has is_task set and its slot in from.slot.
struct Edge {
  Ref from, to;
  Why why = Why::descriptor;
  bool is_task = false;
  std::uint32_t next = 0, prev = 0;  // in the list of `to`; 0 ends it
};

// A reference field of a record: its edge (0: empty) and, for speed, the slot it leads to.
struct Hold {
  std::uint32_t edge = 0;
  Slot at = kNoSlot;
  explicit operator bool() const { return edge != 0; }
};

struct Head {
  std::uint32_t generation = 0;
  std::uint32_t first_holder = 0;  // edge
  bool alive = false;
  bool initial = false;  // exists without a holder, and its holders are not counted
};

struct Extents {
  std::vector<abi::Extent> list;  // outside ids are kernel ids
  bool identity = false;          // the initial user namespace's
};

struct Ns : Head {
  NsType type = NsType::mnt;
  Hold owner;                 // owning user namespace; for a user namespace its parent
  Hold ucounts;               // what it was charged to first
  std::uint32_t charges = 0;  // first of its charges (Charge)
  Slot inode = kNoSlot;       // its nsfs inode while that exists
  std::uint32_t level = 0;    // user, pid
  std::uint64_t age = 0;      // mnt: order of creation, for MOUNT-01
  // pid
  Hold parent;
  Slot child_reaper = kNoSlot;  // task; none: outside, or gone
  bool had_init = false;        // a child_reaper was ever set (NSFS-05, CLONE-52)
  Slot dying = kNoSlot;         // task: the exiting init that waits (EXIT-04)
  std::uint32_t numbers = 0;    // first of its numbers (Number)
  std::int32_t last_number = 0;
  bool dead = false;  // PIDNS_ADDING cleared
  // time
  std::int64_t offset = 0;
  bool frozen = false;
  // ipc
  std::int64_t semaphore = 0;
  Hold sempid;  // of the thread group that used it last (SEM-02)
  // mnt
  std::vector<Slot> mounts;
  // user
  abi::Id owner_uid = 0, owner_gid = 0;  // kernel ids
  Extents uid_map, gid_map;
  std::array<std::uint32_t, abi::kNsTypes> max{};
  bool setgroups_allowed = true;
  bool parent_could_setfcap = false;
};

struct Nsproxy : Head {
  std::array<Hold, abi::kNsproxySlots> ns;  // by NsLink
  bool attached = false;
};

struct Cred : Head {
  Hold user_ns, ucounts;
  std::array<abi::Id, 3> uid{}, gid{};  // real, effective, saved: kernel ids
  abi::CapSet effective = 0, permitted = 0, inheritable = 0, bounding = 0, ambient = 0;
  bool keepcaps = false;
};

struct Ucounts : Head {
  Hold user_ns;
  abi::Id uid = 0;
  std::array<std::uint32_t, abi::kNsTypes> charges{};  // first Charge by type
};

// One namespace counted in one ucounts: the quota's set, walked up to its limit and no further.
struct Charge {
  Slot ucounts = kNoSlot;
  NsType type = NsType::mnt;
  std::uint32_t next = 0, prev = 0;  // in the ucounts' list
  std::uint32_t next_of_ns = 0;
};

struct Pid : Head {
  Hold ns;                    // innermost
  std::uint32_t numbers = 0;  // innermost first; 0 once they are freed
  Slot task = kNoSlot;        // none once it is reaped
};

// A pid number at one level.
struct Number {
  Slot pid = kNoSlot, ns = kNoSlot;
  std::int32_t number = 0;
  std::uint32_t next = 0, prev = 0;  // in the namespace's list
  std::uint32_t outer = 0;           // the same struct pid, one level out
};

struct Fs : Head {
  bool inside = false;     // root is below the root of a mount namespace
  abi::ObjId root_ns = 0;  // the mount namespace that the root is in
  bool split = false;      // SETNS-44 happened: its sharers may be in several mount namespaces
};
struct Files : Head {};
struct Mm : Head {
  Hold user_ns;
  bool dumpable = true;
};
struct Sighand : Head {
  bool ignores_children = false;  // SIGCHLD's action is SIG_IGN (TASK-06)
};
struct Signal : Head {
  Slot leader = kNoSlot;   // task
  Slot threads = kNoSlot;  // first unreaped task of the group
  bool subreaper = false;
  bool unkillable = false;
};
struct Undo : Head {
  std::int64_t adjust = 0;
};
struct Inode : Head {
  Hold ns;
  ObjKind ns_kind = ObjKind::mnt;
};
enum class OpenKind : std::uint8_t { nsfs, pidfd, other };
struct File : Head {
  OpenKind kind = OpenKind::other;
  bool o_path = false;
  bool thread = false;  // a PIDFD_THREAD pidfd
  Hold cred, inode, pid, ns;
  ObjKind ns_kind = ObjKind::net;
  Hold descriptor;  // held by its name
  abi::FileId name;
};
struct Mount : Head {
  Hold inode;
  Hold by_ns;  // held by its mount namespace
  abi::BindId name;
  bool locked = false;
};

struct Task {
  std::uint32_t generation = 0;
  bool alive = false;  // the slot is in use: in any state but none
  abi::TaskId id;
  TaskState state = TaskState::none;
  Hold nsproxy, cred, pid, fs, files, mm, sighand, signal, undo;
  Slot parent = kNoSlot;  // task; none: outside
  Slot first_child = kNoSlot, next_sibling = kNoSlot, prev_sibling = kNoSlot;
  Slot next_thread = kNoSlot, prev_thread = kNoSlot;
  Slot vfork_parent = kNoSlot;  // the task that waits for this one
  Slot vfork_child = kNoSlot;
  std::uint32_t exit_signal = abi::kSIGCHLD;
  bool was_dumpable = true;  // its last mm, when it let go of that
};

// The records and the edges. Everything else (state queries, effects) is free functions over it.
struct State {
  abi::Setup setup;
  Pool<Task> tasks;
  Pool<Ns> ns;
  Pool<Nsproxy> nsproxies;
  Pool<Cred> creds;
  Pool<Ucounts> ucounts;
  Pool<Pid> pids;
  Pool<Fs> fs;
  Pool<Files> files;
  Pool<Mm> mms;
  Pool<Sighand> sighands;
  Pool<Signal> signals;
  Pool<Undo> undos;
  Pool<Inode> inodes;
  Pool<File> open_files;
  Pool<Mount> mounts;

  std::vector<Edge> edges{1};  // index 0 is "none"; likewise below
  std::vector<std::uint32_t> free_edges;
  std::vector<Charge> charges{1};
  std::vector<std::uint32_t> free_charges;
  std::vector<Number> numbers{1};
  std::vector<std::uint32_t> free_numbers;

  Names task_names, file_names;
  FlatMap ucounts_by_key, pid_by_number;
  std::array<Slot, abi::kNsTypes> initial{};
  std::array<std::uint32_t, abi::kNsTypes> live_ns{};  // totals for View, not references
  std::uint64_t ages = 0;

  std::vector<abi::TaskId> touched_tasks;
  std::vector<abi::ObjId> touched_objects;
  // Where explain() notes the rules that were looked at and did not fire; null otherwise.
  std::vector<std::uint16_t>* passed = nullptr;
  bool touch_owners = false;  // 6.19 on: activity cascades to owners, so they are touched too

  explicit State(const abi::Setup& s);

  Head& head(Ref r);
  const Head& head(Ref r) const;
  abi::ObjId id(Ref r) const;
  // The record of an id; slot kNoSlot if it is dead or never was.
  Ref find(abi::ObjId id) const;

  // Makes `from` hold `to`.
  Hold hold(Ref from, Ref to, Why why);
  Hold hold_by_task(Slot task, Ref to, Why why);
  // Lets go; the target dies with its last holder.
  void drop(Hold& h, ObjKind kind);
  // Exchanges what a field leads to: the new one is held before the old one goes.
  void replace(Hold& h, Ref from, Ref to, Why why);
  void replace_by_task(Hold& h, Slot task, Ref to, Why why);
  bool held_once(Ref r) const;  // exactly one holder

  void touch(Slot task) { touched_tasks.push_back(tasks[task].id); }
  void touch(Ref r);
  void touch(Ref r, std::uint32_t generation);

  static std::uint64_t ucounts_key(Slot user_ns, abi::Id uid);
  // UCNT-01: counts the namespace in `uc` and in the ucounts of each user namespace above.
  void charge(Slot ns, Slot uc);

  Ref ns_ref(Slot slot) const { return {kind_of(ns[slot].type), slot}; }

 private:
  Hold link(const Edge& edge);
  void touch_owners_of(Slot ns);
  void die(Ref r);
  void die_ns(Slot slot);
  void uncharge(Slot slot);
};

// Slot in the low half, then the generation, then the kind plus one, so that no id is 0.
constexpr abi::ObjId make_id(ObjKind kind, Slot slot, std::uint32_t generation) {
  return (static_cast<abi::ObjId>(abi::index(kind) + 1) << 58) |
         (static_cast<abi::ObjId>(generation & 0x3ffffff) << 32) | slot;
}

}  // namespace model

#include "model/state_inl.h"
