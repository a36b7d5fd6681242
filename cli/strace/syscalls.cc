// Names and their aliases: 32-bit variants, and calls that differ in nothing that matters here.
#include "cli/strace/syscalls.h"

#include <algorithm>
#include <array>

namespace cli::strace_log {
namespace {

struct Entry {
  std::string_view name;
  Sys sys;
};

// Sorted by name: found by binary search.
constexpr std::array kEntries = {
    Entry{"capget", Sys::capget},
    Entry{"capset", Sys::capset},
    Entry{"chdir", Sys::chdir},
    Entry{"chroot", Sys::chroot},
    Entry{"clone", Sys::clone},
    Entry{"clone3", Sys::clone3},
    Entry{"close", Sys::close},
    Entry{"close_range", Sys::close_range},
    Entry{"dup", Sys::dup},
    Entry{"dup2", Sys::dup2},
    Entry{"dup3", Sys::dup3},
    Entry{"execve", Sys::execve},
    Entry{"execveat", Sys::execveat},
    Entry{"exit", Sys::exit},
    Entry{"exit_group", Sys::exit_group},
    Entry{"fchdir", Sys::fchdir},
    Entry{"fcntl", Sys::fcntl},
    Entry{"fcntl64", Sys::fcntl},
    Entry{"fork", Sys::fork},
    Entry{"fstat", Sys::fstat},
    Entry{"fstatat64", Sys::newfstatat},
    Entry{"getegid", Sys::getegid},
    Entry{"getegid32", Sys::getegid},
    Entry{"geteuid", Sys::geteuid},
    Entry{"geteuid32", Sys::geteuid},
    Entry{"getgid", Sys::getgid},
    Entry{"getgid32", Sys::getgid},
    Entry{"getpid", Sys::getpid},
    Entry{"getresgid", Sys::getresgid},
    Entry{"getresgid32", Sys::getresgid},
    Entry{"getresuid", Sys::getresuid},
    Entry{"getresuid32", Sys::getresuid},
    Entry{"gettid", Sys::gettid},
    Entry{"getuid", Sys::getuid},
    Entry{"getuid32", Sys::getuid},
    Entry{"ioctl", Sys::ioctl},
    Entry{"kill", Sys::kill},
    Entry{"lstat", Sys::stat},
    Entry{"mount", Sys::mount},
    Entry{"move_mount", Sys::move_mount},
    Entry{"newfstatat", Sys::newfstatat},
    Entry{"open", Sys::open},
    Entry{"open_tree", Sys::open_tree},
    Entry{"openat", Sys::openat},
    Entry{"openat2", Sys::openat},
    Entry{"pidfd_getfd", Sys::pidfd_getfd},
    Entry{"pidfd_open", Sys::pidfd_open},
    Entry{"pidfd_send_signal", Sys::pidfd_send_signal},
    Entry{"pivot_root", Sys::pivot_root},
    Entry{"prctl", Sys::prctl},
    Entry{"pwrite64", Sys::pwrite},
    Entry{"readlink", Sys::readlink},
    Entry{"readlinkat", Sys::readlinkat},
    Entry{"recvmsg", Sys::recvmsg},
    Entry{"rt_sigaction", Sys::sigaction},
    Entry{"set_tid_address", Sys::set_tid_address},
    Entry{"setgid", Sys::setgid},
    Entry{"setgid32", Sys::setgid},
    Entry{"setns", Sys::setns},
    Entry{"setregid", Sys::setregid},
    Entry{"setregid32", Sys::setregid},
    Entry{"setresgid", Sys::setresgid},
    Entry{"setresgid32", Sys::setresgid},
    Entry{"setresuid", Sys::setresuid},
    Entry{"setresuid32", Sys::setresuid},
    Entry{"setreuid", Sys::setreuid},
    Entry{"setreuid32", Sys::setreuid},
    Entry{"setuid", Sys::setuid},
    Entry{"setuid32", Sys::setuid},
    Entry{"stat", Sys::stat},
    Entry{"statx", Sys::statx},
    Entry{"umount", Sys::umount2},
    Entry{"umount2", Sys::umount2},
    Entry{"uname", Sys::uname},
    Entry{"unshare", Sys::unshare},
    Entry{"vfork", Sys::vfork},
    Entry{"wait4", Sys::wait4},
    Entry{"waitid", Sys::waitid},
    Entry{"waitpid", Sys::wait4},
    Entry{"write", Sys::write},
};
static_assert(std::ranges::is_sorted(kEntries, {}, &Entry::name));

}  // namespace

std::optional<Sys> syscall_from(std::string_view name) {
  const auto found = std::ranges::lower_bound(kEntries, name, {}, &Entry::name);
  if (found == kEntries.end() || found->name != name) return std::nullopt;
  return found->sys;
}

}  // namespace cli::strace_log
