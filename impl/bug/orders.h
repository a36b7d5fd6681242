// Seeded bugs of order: two questions or two stages exchanged. A part of the table of bugs.cc, in
// the enum's order.
#pragma once

#include <array>

#include "impl/bugs.h"

namespace impl::bug_table {

using enum Bug;
using enum BugGroup;

inline constexpr std::array kOrderBugs = {
    BugInfo{kUtsBeforeMnt, "uts_before_mnt",
            "a nsproxy gets its uts namespace before the mount namespace", "own", order},
    BugInfo{kIpcBeforeUts, "ipc_before_uts",
            "a nsproxy gets its ipc namespace before the uts namespace", "own", order},
    BugInfo{kPidBeforeIpc, "pid_before_ipc",
            "a nsproxy gets its pid namespace before the ipc namespace", "own", order},
    BugInfo{kCgroupBeforePid, "cgroup_before_pid",
            "a nsproxy gets its cgroup namespace before the pid namespace", "own", order},
    BugInfo{kNetBeforeCgroup, "net_before_cgroup",
            "a nsproxy gets its network namespace before the cgroup namespace", "own", order},
    BugInfo{kTimeBeforeNet, "time_before_net",
            "a nsproxy gets its time namespace before the network namespace", "own", order},
    BugInfo{kClone3TailFirst, "clone3_tail_first",
            "clone3 looks behind the struct before it reads the struct", "own", order},
    BugInfo{kClone3TidsFirst, "clone3_tids_first",
            "clone3 reads the numbers asked for before it looks at their count", "own", order},
    BugInfo{kClone3FlagsBeforeTids, "clone3_flags_before_tids",
            "clone3 refuses unknown flags before it reads the numbers asked for", "own", order},
    BugInfo{kPidfdPointerAfterCgroup, "pidfd_pointer_after_cgroup",
            "clone3 writes the pidfd after it has looked at the cgroup", "own", order},
    BugInfo{kSignalBeforeCgroup, "signal_before_cgroup",
            "clone looks for a fatal signal before the cgroup may refuse", "own", order},
    BugInfo{kTidCapableFirst, "tid_capable_first",
            "the capability for a number is asked for before the number is looked at", "own",
            order},
    BugInfo{kTidCountAfterAlloc, "tid_count_after_alloc",
            "too many numbers are refused after the struct pid is allocated", "own", order},
    BugInfo{kUnshareUsernsOffLast, "unshare_userns_off_last",
            "unshare looks at unprivileged_userns_clone=0 after the other flags", "own", order},
    BugInfo{kMappingBeforeQuota, "mapping_before_quota",
            "unmapped ids are refused before the quota", "own", order},
    BugInfo{kLinkAfterPtrace, "link_after_ptrace",
            "a link of a type that is not configured is missed after the permission", "own", order},
    BugInfo{kPidfdOpenGoneFirst, "pidfd_open_gone_first",
            "pidfd_open looks for the target before the flags", "own", order},
    BugInfo{kPidfdExitedFirst, "pidfd_exited_first",
            "the ioctls of a pidfd see that the target has exited before the argument", "own",
            order},
    BugInfo{kPidfdExitedLast, "pidfd_exited_last",
            "the ioctls of a pidfd see that the target has exited after the permission", "own",
            order},
    BugInfo{kPidfdTypeFirst, "pidfd_type_first",
            "the ioctls of a pidfd refuse a type that is not configured before the permission",
            "own", order},
    BugInfo{kIoctlOpFirst, "ioctl_op_first",
            "an unknown ioctl is refused before the file is looked at", "own", order},
    BugInfo{kInitIgnoresFirst, "init_ignores_first",
            "an init ignores a signal before the permission is asked for", "own", order},
    BugInfo{kBoundingRangeFirst, "bounding_range_first",
            "capbset_drop refuses an unknown capability before the permission", "own", order},
    BugInfo{kMapTextFirst, "map_text_first", "a wrong map is refused before the permission", "own",
            order},
    BugInfo{kMapPermittedFirst, "map_permitted_first",
            "a map that is not permitted is refused before a wrong one", "own", order},
    BugInfo{kSetgroupsValueFirst, "setgroups_value_first",
            "setgroups that cannot be allowed again are refused before the permission", "own",
            order},
    BugInfo{kLimitRangeFirst, "limit_range_first",
            "a limit that is too large is refused before the permission", "own", order},
    BugInfo{kTimensRangeFirst, "timens_range_first",
            "an offset out of range is refused before the permission", "own", order},
    BugInfo{kTimensFrozenFirst, "timens_frozen_first",
            "a frozen time namespace is refused before an offset out of range", "own", order},
    BugInfo{kNanosecondsAfterTarget, "nanoseconds_after_target",
            "nanoseconds are looked at after the target", "own", order},
    BugInfo{kBindCapableFirst, "bind_capable_first",
            "a bind asks for the permission before it looks at the file", "own", order},
    BugInfo{kBindTypeFirst, "bind_type_first",
            "a bind refuses a file that is no namespace before the permission", "own", order},
    BugInfo{kUnbindNameFirst, "unbind_name_first",
            "an unmount looks for the bind before the permission", "own", order},
};

}  // namespace impl::bug_table
