// The system calls that the replay looks at, by the names that strace prints.
//
// All others are left unread: they change no namespace, no credential and no descriptor that can
// hold a namespace (socket, pipe and their kind return descriptors, which stay unknown).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cli::strace_log {

enum class Sys : std::uint8_t {
  capget,
  capset,
  chdir,
  chroot,
  clone,
  clone3,
  close,
  close_range,
  dup,
  dup2,
  dup3,
  execve,
  execveat,
  exit,
  exit_group,
  fchdir,
  fcntl,
  fork,
  fstat,
  getegid,
  geteuid,
  getgid,
  getpid,
  getresgid,
  getresuid,
  gettid,
  getuid,
  ioctl,
  kill,
  mount,
  move_mount,
  newfstatat,
  open,
  open_tree,
  openat,
  pidfd_getfd,
  pidfd_open,
  pidfd_send_signal,
  pivot_root,
  prctl,
  pwrite,
  readlink,
  readlinkat,
  recvmsg,
  set_tid_address,
  setgid,
  setns,
  setregid,
  setresgid,
  setresuid,
  setreuid,
  setuid,
  sigaction,
  stat,
  statx,
  umount2,
  uname,
  unshare,
  vfork,
  wait4,
  waitid,
  write,
};

std::optional<Sys> syscall_from(std::string_view name);

// clone, clone3, fork, vfork.
constexpr bool makes_task(Sys s) {
  return s == Sys::clone || s == Sys::clone3 || s == Sys::fork || s == Sys::vfork;
}

}  // namespace cli::strace_log
