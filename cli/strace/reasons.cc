// The table of excuses, by call and error.
#include "cli/strace/reasons.h"

#include <algorithm>
#include <array>

namespace cli::strace_log {
namespace {

template <class... T>
bool is_any(const abi::Op& op) {
  return (std::holds_alternative<T>(op) || ...);
}

bool is_one(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

bool makes_task(const abi::Op& op) {
  return is_any<abi::Fork, abi::Vfork, abi::Clone, abi::Clone3>(op);
}

}  // namespace

std::string_view outside_reason(const abi::Op& op, std::string_view error) {
  if (is_one(error, {"ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG"})) return "no such file";
  if (error == "EROFS") return "a read-only file system";
  if (is_one(error, {"EINTR", "EAGAIN"}) && !makes_task(op)) return "interrupted by a signal";
  if (error == "EAGAIN") return "a limit on processes (RLIMIT_NPROC, pids cgroup)";
  if (is_one(error, {"EMFILE", "ENFILE"})) return "a limit on open files";
  if (error == "ENOSPC" && (makes_task(op) || is_any<abi::Unshare>(op))) {
    return "a limit on namespaces that was set before the log (user.max_*_namespaces)";
  }
  if (error == "ENOSYS") return "no such system call there (old kernel, or a seccomp filter)";
  if (error == "EFAULT") return "a bad pointer";
  if (error == "EACCES" && !is_any<abi::OpenNs, abi::NsIoctl>(op)) return "file permissions";
  if (is_any<abi::PivotRoot>(op) && is_one(error, {"EINVAL", "EBUSY"})) {
    return "the mount tree (pivot_root wants mount points that are not shared)";
  }
  if (is_any<abi::BindNs, abi::UnbindNs>(op) && is_one(error, {"EINVAL", "EBUSY"})) {
    return "the mount tree (busy, locked or not a mount point)";
  }
  return {};
}

std::string_view outside_success(const abi::Op& op, abi::Errno model) {
  if (is_any<abi::UnbindNs>(op) && model == abi::Errno::kEINVAL) {
    return "the mount tree (the mount came by propagation)";
  }
  if (is_any<abi::WriteTimens>(op) && model == abi::Errno::kERANGE) {
    return "the machine's clocks are not in the log";
  }
  return {};
}

}  // namespace cli::strace_log
