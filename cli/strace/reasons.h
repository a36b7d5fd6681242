// Why the kernel's answer can differ from the model's without either being wrong.
//
// Each reason is a phrase that the report counts under. Only errors that no namespace rule decides
// are excused here: EPERM, EINVAL, ESRCH, EBADF, EUSERS and ENOMEM are not, but for calls whose
// mount tree the model does not have.
#pragma once

#include <string_view>

#include "abi/call.h"
#include "abi/errno.h"
#include "abi/namespace.h"

namespace cli::strace_log {

// The kernel refused with that error, the model would not have. Empty: no excuse, they differ.
std::string_view outside_reason(const abi::Op& op, std::string_view error);

// The kernel carried it out, the model refused with that error. Empty: no excuse.
std::string_view outside_success(const abi::Op& op, abi::Errno model);

namespace reason {
inline constexpr std::string_view kInjected = "strace made the result up (--inject)";
inline constexpr std::string_view kForeign = "about a process that the log does not show";
inline constexpr std::string_view kForeignNs =
    "joins a namespace of which the log does not show whether it is the caller's own";
inline constexpr std::string_view kUnknownFd = "the descriptor came without a traced call";
inline constexpr std::string_view kUnseenChild = "the child, or its end, is not in the log";
inline constexpr std::string_view kReaped =
    "the child may have been reaped by itself (SIGCHLD ignored)";
inline constexpr std::string_view kKilled = "the task was killed while it was in the call";
inline constexpr std::string_view kExited =
    "the target has ended, and whether it was dumpable is forgotten";
inline constexpr std::string_view kForeignParent =
    "the target ended, and its parent is not in the log";
inline constexpr std::string_view kOrphan = "the task's beginning is not in the log";
inline constexpr std::string_view kSetUserId =
    "privileges of a set-user-ID program, or of file capabilities";
inline constexpr std::string_view kCut = "strace cut the written text short (-s)";
inline constexpr std::string_view kNumbers = "translates pid numbers, which the log does not show";
inline constexpr std::string_view kTaken =
    "the number belongs to a process that the log does not show";
inline constexpr std::string_view kNoEnds =
    "a pid namespace may be dead: the log does not say when tasks end";
inline constexpr std::string_view kMidLife =
    "the task may have threads: it was at work before the log began";
inline constexpr std::string_view kNoPrivileges =
    "the caller's privileges are not in the log (say --as, --caps)";
inline constexpr std::string_view kNoMaps = "the user namespace's id maps are not in the log";
inline constexpr std::string_view kFlags =
    "flags, or arguments, of which the log does not show enough";
inline constexpr std::string_view kNoProgram = "the program's file cannot be run";
}  // namespace reason

}  // namespace cli::strace_log
