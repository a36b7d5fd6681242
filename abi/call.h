// The calls: everything a task can do that touches its nsproxy, its credentials' user namespace,
// its pid namespace, or what keeps a namespace alive.
//
// This is the vocabulary that the model, the implementation, the generated programs and the agents
// on real kernels share. It fixes what a call names and which of the kernel's details it leaves
// out; what a call does is said by model/ (and by each system in its own way).
//
// Names. A program chooses the names of what its calls make: `t1 = t0.fork()` carries TaskId 1, so
// that dropping another call while shrinking leaves this one's meaning alone. t0 is the task that
// every system starts with. A call is *skipped* (Result::skipped) when its caller is not a running
// task, when a task operand was never created, or when a name that it would bind is in use. A file
// operand that is not open is not skipped: it is the kernel's EBADF.
//
// Left out, and whether that could hide a bug:
// - Descriptor tables. A FileId names an open file description that any task may use, as if it had
//   been passed over a socket; it stays open until Close. files_struct is only counted (CLONE_FILES
//   decides whether unshare copies it). Bugs of the table itself are out of reach.
// - Supplementary groups, LSMs, seccomp, setuid binaries, file capabilities. An execve runs an
//   ordinary program.
// - File permissions of /proc files (a DAC check before the namespace rules).
// - Clocks: a time namespace's offset is a number, and the clocks stand at 0.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <variant>
#include <vector>

#include "abi/cap.h"
#include "abi/flags.h"
#include "abi/ns_type.h"

namespace nsabi {

struct TaskId {
  std::uint32_t n = 0;
  constexpr auto operator<=>(const TaskId&) const = default;
};
struct FileId {
  std::uint32_t n = 0;
  constexpr auto operator<=>(const FileId&) const = default;
};
struct BindId {
  std::uint32_t n = 0;
  constexpr auto operator<=>(const BindId&) const = default;
};
inline constexpr TaskId kInitialTask{0};

// User and group ids as the caller's user namespace shows them; kUnchanged is the kernel's -1.
using Id = std::uint32_t;
inline constexpr Id kUnchanged = 0xffffffff;

// A user pointer that the kernel reads or writes.
enum class Pointer : std::uint8_t { good, null, bad };

struct Fork {
  TaskId child{};
  bool operator==(const Fork&) const = default;
};
// The caller is blocked until the child calls execve or exits; a blocked task's calls are skipped,
// but for Exit: it was killed, and with it its whole group.
struct Vfork {
  TaskId child{};
  bool operator==(const Vfork&) const = default;
};
// Legacy clone: bits above 31 are ignored, the low byte is the exit signal. With CLONE_PIDFD the
// new descriptor is `pidfd`, stored through `pidfd_pointer`.
struct Clone {
  TaskId child{};
  Flags flags{};
  FileId pidfd{};
  Pointer pidfd_pointer = Pointer::good;
  bool operator==(const Clone&) const = default;
};
struct Clone3 {
  TaskId child{};
  Flags flags{};
  std::uint64_t exit_signal = kSIGCHLD;
  std::uint64_t stack = 0;
  std::uint64_t stack_size = 0;
  std::vector<std::int32_t> set_tid{};      // innermost pid namespace first
  std::uint64_t set_tid_size = 0;           // as passed; set_tid holds what the array holds
  Pointer set_tid_pointer = Pointer::null;  // null: no array
  std::uint64_t cgroup = 0;                 // no descriptor here is a cgroup directory: EBADF
  std::uint64_t size = 88;                  // sizeof(struct clone_args) as passed
  Pointer args = Pointer::good;
  bool nonzero_tail = false;  // a non-zero byte beyond the kernel's struct
  FileId pidfd{};
  Pointer pidfd_pointer = Pointer::good;
  bool same_tid_pointer = false;  // pidfd and parent_tid are one address
  bool operator==(const Clone3&) const = default;
};
struct Unshare {
  Flags flags{};
  bool operator==(const Unshare&) const = default;
};
struct Setns {
  FileId file{};
  Flags flags{};
  bool operator==(const Setns&) const = default;
};
// The other threads of the caller's group end; the caller takes the leader's pid and place.
struct Execve {
  bool operator==(const Execve&) const = default;
};
// exit (one thread) or exit_group.
struct Exit {
  bool group = true;
  bool operator==(const Exit&) const = default;
};
// SIGKILL to the target's thread group.
struct Kill {
  TaskId target{};
  bool operator==(const Kill&) const = default;
};
// wait4(child, __WALL|WNOHANG): value 1 if a zombie was reaped, 0 if the child is not ready.
struct Wait {
  TaskId child{};
  bool operator==(const Wait&) const = default;
};
// open("/proc/TARGET/task/TARGET/ns/LINK"), O_RDONLY or O_PATH.
struct OpenNs {
  FileId file{};
  TaskId target{};
  NsLink link = NsLink::mnt;
  bool o_path = false;
  bool operator==(const OpenNs&) const = default;
};
// pidfd_open of the number that the target has in the caller's active pid namespace.
struct OpenPidfd {
  FileId file{};
  TaskId target{};
  bool thread = false;  // PIDFD_THREAD
  bool operator==(const OpenPidfd&) const = default;
};
// Other open files, for what they keep alive.
enum class FileKind : std::uint8_t {
  regular,   // its opener's credentials, and so their user namespace
  socket,    // … and the opener's network namespace
  cgroupfs,  // … and the opener's cgroup namespace
  proc_dir,  // /proc/TARGET: … and the target's struct pid
};
struct OpenFile {
  FileId file{};
  FileKind kind = FileKind::regular;
  TaskId target{};  // proc_dir only
  bool operator==(const OpenFile&) const = default;
};
struct Close {
  FileId file{};
  bool operator==(const Close&) const = default;
};
// Bind-mounts a namespace file in the caller's mount namespace. The mount is copied with that
// namespace (not for mnt files) and dies with it. Mounts don't propagate. Since 6.14 a pidfd can be
// bound too; such a call is skipped there, as binds are of namespaces only.
struct BindNs {
  BindId bind{};
  FileId file{};
  bool operator==(const BindNs&) const = default;
};
// Unmounts the bind of that name in the caller's mount namespace.
struct UnbindNs {
  BindId bind{};
  bool operator==(const UnbindNs&) const = default;
};
// The ioctls of namespace files (0xb7) and of pidfds (0xff).
enum class NsOp : std::uint8_t {
  unknown,
  get_userns,
  get_parent,
  get_nstype,
  get_owner_uid,
  get_mntns_id,
  get_id,
  get_pid_from_pidns,  // number `arg` in that pid namespace -> number in the caller's
  get_tgid_from_pidns,
  get_pid_in_pidns,  // number `arg` in the caller's -> number in that pid namespace
  get_tgid_in_pidns,
  pidfd_get_cgroup,
  pidfd_get_ipc,
  pidfd_get_mnt,
  pidfd_get_net,
  pidfd_get_pid,
  pidfd_get_pid_for_children,
  pidfd_get_time,
  pidfd_get_time_for_children,
  pidfd_get_user,
  pidfd_get_uts,
};
inline constexpr std::size_t kNsOps = 21;
struct NsIoctl {
  FileId file{};
  NsOp op = NsOp::get_userns;
  FileId made{};  // the descriptor of ops that return one
  std::int64_t arg = 0;
  Pointer pointer = Pointer::good;  // where get_owner_uid and the id ops write
  bool operator==(const NsIoctl&) const = default;
};
enum class RootPlace : std::uint8_t { inside, top };
// chroot to a directory below (inside), or to the topmost mount on the namespace's root (top).
struct Chroot {
  RootPlace place = RootPlace::inside;
  bool operator==(const Chroot&) const = default;
};
// pivot_root: afterwards the caller's root is the root of its mount namespace.
struct PivotRoot {
  bool operator==(const PivotRoot&) const = default;
};
struct Setresuid {
  Id real = kUnchanged;
  Id effective = kUnchanged;
  Id saved = kUnchanged;
  bool operator==(const Setresuid&) const = default;
};
struct Setresgid {
  Id real = kUnchanged;
  Id effective = kUnchanged;
  Id saved = kUnchanged;
  bool operator==(const Setresgid&) const = default;
};
struct Capset {
  CapSet effective = 0;
  CapSet permitted = 0;
  CapSet inheritable = 0;
  bool operator==(const Capset&) const = default;
};
enum class PrctlOp : std::uint8_t {
  capbset_drop,         // arg: capability number
  ambient_raise,        // arg: capability number
  ambient_lower,        // arg: capability number
  ambient_clear_all,    // arg unused
  set_keepcaps,         // arg: 0 or 1
  set_dumpable,         // arg: 0 or 1
  set_child_subreaper,  // arg: 0 or 1
};
inline constexpr std::size_t kPrctlOps = 7;
struct Prctl {
  PrctlOp op = PrctlOp::capbset_drop;
  std::uint64_t arg = 0;
  bool operator==(const Prctl&) const = default;
};
enum class MapKind : std::uint8_t { uid, gid };
struct Extent {
  Id inside = 0;   // first id in the namespace
  Id outside = 0;  // first id in its parent
  Id count = 0;
  bool operator==(const Extent&) const = default;
};
// One write to /proc/TARGET/uid_map or gid_map, by the task that opened it.
struct WriteIdMap {
  TaskId target{};
  MapKind kind = MapKind::uid;
  std::vector<Extent> extents{};
  bool operator==(const WriteIdMap&) const = default;
};
// "allow" or "deny" to /proc/TARGET/setgroups.
struct WriteSetgroups {
  TaskId target{};
  bool allow = false;
  bool operator==(const WriteSetgroups&) const = default;
};
// Writes /proc/sys/user/max_TYPE_namespaces of the caller's user namespace.
struct SetLimit {
  NsType type = NsType::uts;
  std::uint32_t max = 0;  // 0 … INT_MAX
  bool operator==(const SetLimit&) const = default;
};
// Writes one offset (seconds, nanoseconds) of the monotonic clock to /proc/TARGET/timens_offsets.
struct WriteTimens {
  TaskId target{};
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;
  bool operator==(const WriteTimens&) const = default;
};
// semop(+1, SEM_UNDO) on the one semaphore of the caller's ipc namespace.
struct Semop {
  bool operator==(const Semop&) const = default;
};

using Op = std::variant<Fork, Vfork, Clone, Clone3, Unshare, Setns, Execve, Exit, Kill, Wait,
                        OpenNs, OpenPidfd, OpenFile, Close, BindNs, UnbindNs, NsIoctl, Chroot,
                        PivotRoot, Setresuid, Setresgid, Capset, Prctl, WriteIdMap, WriteSetgroups,
                        SetLimit, WriteTimens, Semop>;
inline constexpr std::size_t kOps = std::variant_size_v<Op>;

struct Call {
  TaskId caller{};
  // 0: nothing is made to fail. n: the n-th fallible step that the call reaches fails, with the
  // errno of abi/step.h. A call with fewer steps is not affected.
  std::uint16_t fault = 0;
  Op op{};
  bool operator==(const Call&) const = default;
};

using Program = std::vector<Call>;

// The trace text's word for a call: "fork", "open_ns", … by index in Op.
std::string_view op_name(std::size_t op_index);
std::string_view name(NsOp op);
std::string_view name(PrctlOp op);
std::string_view name(FileKind kind);

}  // namespace nsabi
