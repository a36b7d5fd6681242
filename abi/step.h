// The fallible steps of each call: what can fail for want of memory, quota or luck, in order.
//
// A call's n-th fallible step is the n-th entry of its list below that applies, counting only
// those that the call reaches; `fault=n` makes it fail. Model and implementation are each written
// against this list; Result::steps says how many were reached, so that a missed or extra step shows
// as a difference. Real kernels reach some of these through quotas only.
//
// "make T" is, for a namespace of type T: charge, alloc, inum, and init where the type has one
// (mnt, ipc, pid, net, user, time), and before net's init the killable lock. Rules of semantics.md
// stand where the kernel checks them; the ones between steps are named.
//
// fork, vfork, clone, clone3 (kernel_clone, copy_process):
//   dup_task
//   without THREAD: prepare_creds; with NEWUSER: [CLONE-23, 24] charge user [25, 26] alloc user,
//     inum user, init user; 5.14 on: cred_ucounts
//   nproc, unless the caller's real uid is global 0 or it has CAP_SYS_RESOURCE or CAP_SYS_ADMIN in
//     the initial user namespace
//   max_threads
//   SYSVSEM and the caller has no undo list: undo_list
//   without FILES: copy_files; without FS: copy_fs; without SIGHAND: copy_sighand;
//     without THREAD: copy_signal; without VM: copy_mm
//   unless copy_namespaces takes its fast path: [31, 40] alloc_nsproxy, then per flag in the order
//     mnt uts ipc pid cgroup net time: make T [pid: PIDNS-01, 02 before its charge]
//   alloc_pid [50 before; then per level, innermost first: 51..54 or, where no tid is asked for,
//     pid_number], [55]
//   PIDFD: pidfd, [58]
//   cgroup_fork [60 before], fatal_signal
// unshare (ksys_unshare):
//   (FS or NEWNS, implied ones included) and the fs is shared or NEWNS: copy_fs
//   FILES and the table is shared: copy_files
//   NEWUSER: prepare_creds, [23, 24] charge user [25, 26] alloc, inum, init user
//   any nsproxy flag: [41] alloc_nsproxy, make T in order
//   NEWUSER, 5.14 on: cred_ucounts
// setns: alloc_nsproxy; NEWUSER: prepare_creds; NEWNS with other types (pidfd): copy_fs;
//   installing user, 5.14 on: cred_ucounts, whose errno is EINVAL here
// execve: prepare_creds, alloc_mm; then past the point of no return, if time_ns differs from
//   time_ns_for_children (6.2 on): alloc_nsproxy, whose failure kills the thread group
// open_ns, and ioctls that make a namespace descriptor: nsfs_inode, unless it exists; open_file
// open_pidfd: pidfd        open_file: open_file        bind_ns: alloc_mount
// setresuid: unless nothing changes: prepare_creds; 5.14 on: cred_ucounts, if the real uid changes
// setresgid: unless nothing changes: prepare_creds
// capset; prctl capbset_drop, ambient_*, set_keepcaps: prepare_creds
// semop, if the caller has no undo list: undo_list
// All others have none.
#pragma once

#include <cstdint>
#include <string_view>

#include "abi/errno.h"

namespace nsabi {

enum class Step : std::uint8_t {
  dup_task,
  prepare_creds,
  charge,  // UCNT-01 by fault: the quota seems used up
  alloc,
  inum,
  init,
  net_lock,  // down_read_killable: EINTR
  cred_ucounts,
  nproc,
  max_threads,
  undo_list,
  copy_files,
  copy_fs,
  copy_sighand,
  copy_signal,
  copy_mm,
  alloc_nsproxy,
  alloc_pid,
  pid_number,
  pidfd,
  cgroup_fork,
  fatal_signal,
  alloc_mm,
  nsfs_inode,
  open_file,
  alloc_mount,
};
inline constexpr std::size_t kSteps = 26;

// The errno that a failing step gives, but for setns' cred_ucounts (EINVAL).
constexpr Errno errno_of(Step s) {
  switch (s) {
    case Step::charge:
      return Errno::kENOSPC;
    case Step::net_lock:
    case Step::fatal_signal:
      return Errno::kEINTR;
    case Step::cred_ucounts:
    case Step::nproc:
    case Step::max_threads:
    case Step::pid_number:
    case Step::cgroup_fork:
      return Errno::kEAGAIN;
    case Step::pidfd:
      return Errno::kEMFILE;
    default:
      return Errno::kENOMEM;
  }
}

// "dup_task", …
std::string_view name(Step s);

}  // namespace nsabi
