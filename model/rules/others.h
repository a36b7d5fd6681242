// The calls around namespaces: opening and asking namespace files, wait, kill, credentials, mounts,
// limits, id maps, time offsets, semaphores. Each table is short; ids as in model/README.md.
//
// Facts are named after what they say and are implemented in model/facts_*.h.
#pragma once

#include "model/rules/creation.h"

namespace model::spec {

inline constexpr Versions kUntilPidfdThread{.until = {.mainline = {6, 9, 0}}};
inline constexpr Versions kSincePidfdError{.since = {.mainline = {6, 16, 0}}};
inline constexpr Versions kUntilPidfdError{.until = {.mainline = {6, 16, 0}}};
inline constexpr Versions kSinceNsIds{.since = {.mainline = {6, 11, 0}}};
inline constexpr Versions kUntilNsIds{.until = {.mainline = {6, 11, 0}}};
inline constexpr Versions kOldPidfd{.since = {.mainline = {6, 11, 0}},
                                    .until = {.mainline = {6, 14, 0}}};
inline constexpr Versions kNsfsByNumber{.since = {.mainline = {6, 12, 0}},
                                        .until = {.mainline = {6, 18, 0}, .backport = {6, 17, 4}}};
inline constexpr Versions kUntilGetId{.until = {.mainline = {6, 18, 0}}};
inline constexpr Versions kUntilEmptyMounts{.until = {.mainline = {7, 1, 0}}};

inline constexpr auto kExecve = table(
    "execve",
    checks(
        step("STEP-prepare_creds", Errno::kENOMEM, "prepare_exec_creds",
             "the copy of the credentials", [](const auto& f) { return f.always(); }),
        step("STEP-alloc_mm", Errno::kENOMEM, "bprm_mm_init", "the new address space",
             [](const auto& f) { return f.always(); }),
        step("EXEC-01", Errno::kENOMEM, "exec_task_namespaces",
             "the nsproxy for the pending time namespace, past the point of no return: the "
             "process is killed",
             [](const auto& f) { return f.time_pending(); }, {.since = {.mainline = {6, 2, 0}}})));

inline constexpr auto kWait = table(
    "wait", checks(rule("WAIT-01", Errno::kECHILD, "do_wait",
                        "the task is gone, a thread, or no child of the caller's process",
                        "wait for a child process", [](const auto& f) { return f.not_child(); })));

inline constexpr auto kKill =
    table("kill", checks(rule("KILL-01", Errno::kESRCH, "find_vpid",
                              "the task is gone or has no number in the caller's pid namespace",
                              "signal it from its own pid namespace or one above",
                              [](const auto& f) { return f.target_invisible(); }),
                         rule("KILL-02", Errno::kEPERM, "check_kill_permission",
                              "other uids, and no CAP_KILL over the target's user namespace",
                              "use the target's uid or CAP_KILL",
                              [](const auto& f) { return f.kill_refused(); })));

inline constexpr auto kOpenNs = table(
    "open_ns",
    checks(
        rule("NSFS-02-gone", Errno::kENOENT, "proc_ns_get_link", "the task is gone",
             "keep a namespace file of it open", [](const auto& f) { return f.target_gone(); }),
        rule("NSFS-08", Errno::kENOENT, "proc_ns_dir_lookup",
             "the kernel is built without that namespace type", "use a kernel that has this type",
             [](const auto& f) { return f.unconfigured(); }),
        rule("NSFS-02-private", Errno::kEACCES, "proc_ns_get_link",
             "the caller may not inspect the task (ptrace_may_access: ids, dumpable, "
             "capabilities)",
             "use the same ids as the task, or CAP_SYS_PTRACE over its user namespace",
             [](const auto& f) { return f.target_private(); }),
        rule("NSFS-04", Errno::kENOENT, "proc_ns_get_link",
             "the task has exited, and its nsproxy is gone (user and pid still open)",
             "open it before the task exits, or through a live thread",
             [](const auto& f) { return f.target_released(); }),
        rule(
            "NSFS-05", Errno::kENOENT, "pidns_for_children_get",
            "pid_for_children, and that pid namespace has never had an init", "fork into it first",
            [](const auto& f) { return f.childless(); }, kUntilEmptyMounts),
        step("STEP-nsfs_inode", Errno::kENOMEM, "ns_get_path", "the nsfs inode",
             [](const auto& f) { return f.inode_missing(); }),
        step("STEP-open_file", Errno::kENOMEM, "alloc_file", "the open file",
             [](const auto& f) { return f.always(); })));

inline constexpr auto kOpenPidfd = table(
    "open_pidfd",
    checks(
        rule(
            "FILE-01-flags", Errno::kEINVAL, "pidfd_open", "PIDFD_THREAD", "use Linux 6.9 or later",
            [](const auto& f) { return f.thread_wanted(); }, kUntilPidfdThread),
        rule("FILE-01-gone", Errno::kESRCH, "pidfd_open",
             "the task is gone or has no number in the caller's pid namespace",
             "open it before it is reaped, from its own pid namespace or one above",
             [](const auto& f) { return f.target_invisible(); }),
        rule(
            "FILE-01-leader-old", Errno::kEINVAL, "pidfd_prepare",
            "the task is not its process's first thread", "open the leader's pidfd",
            [](const auto& f) { return !f.thread_wanted() && f.not_leader(); }, kUntilPidfdError),
        rule(
            "FILE-01-leader", Errno::kENOENT, "pidfd_prepare",
            "the task is not its process's first thread, and PIDFD_THREAD is not given",
            "pass PIDFD_THREAD", [](const auto& f) { return !f.thread_wanted() && f.not_leader(); },
            kSincePidfdError),
        step("STEP-pidfd", Errno::kEMFILE, "pidfd_prepare", "the descriptor",
             [](const auto& f) { return f.always(); })));

inline constexpr auto kOpenFile = table(
    "open_file",
    checks(rule("FILE-02", Errno::kENOENT, "proc_pid_lookup", "/proc/PID of a task that is gone",
                "open it before it is reaped", [](const auto& f) { return f.target_gone(); }),
           step("STEP-open_file", Errno::kENOMEM, "alloc_file", "the open file",
                [](const auto& f) { return f.always(); })));

inline constexpr auto kClose =
    table("close", checks(rule("FILE-03", Errno::kEBADF, "close", "the descriptor is not open",
                               "close it once", [](const auto& f) { return f.file_closed(); })));

inline constexpr auto kBindNs = table(
    "bind_ns",
    checks(rule("MOUNT-01-closed", Errno::kEBADF, "user_path_at", "the descriptor is not open",
                "open a namespace file", [](const auto& f) { return f.file_closed(); }),
           rule("MOUNT-01-cap", Errno::kEPERM, "may_mount",
                "no CAP_SYS_ADMIN over the owner of the caller's mount namespace",
                "make a mount namespace together with a user namespace",
                [](const auto& f) { return !f.may_mount(); }),
           rule("MOUNT-01-kind", Errno::kEINVAL, "do_loopback", "it is not a namespace file",
                "open /proc/PID/ns/TYPE", [](const auto& f) { return !f.file_nsfs(); }),
           rule("MOUNT-01-loop", Errno::kEINVAL, "mnt_ns_loop",
                "a mount namespace not younger than the caller's own: a loop",
                "bind it in a mount namespace that is older",
                [](const auto& f) { return f.mnt_loop(); }),
           step("STEP-alloc_mount", Errno::kENOMEM, "clone_mnt", "the mount",
                [](const auto& f) { return f.always(); })));

inline constexpr auto kUnbindNs = table(
    "unbind_ns",
    checks(rule("MOUNT-02-cap", Errno::kEPERM, "may_mount",
                "no CAP_SYS_ADMIN over the owner of the caller's mount namespace",
                "unmount as its owner", [](const auto& f) { return !f.may_mount(); }),
           rule("MOUNT-02-none", Errno::kEINVAL, "can_umount",
                "no such bind in the caller's mount namespace",
                "unmount it in the namespace that has it",
                [](const auto& f) { return f.bind_missing(); }),
           rule("MOUNT-02-locked", Errno::kEINVAL, "can_umount",
                "the bind was copied into a mount namespace with another owner, and is locked",
                "unmount it in the mount namespace that it came from",
                [](const auto& f) { return f.bind_locked(); })));

// In NSFS-* and PIDFD-*: what ioctls say. `op_is` and the like look at the command.
inline constexpr auto kNsIoctl = table(
    "ioctl",
    checks(
        rule("IOCTL-01-closed", Errno::kEBADF, "ioctl", "the descriptor is closed or O_PATH",
             "open it with O_RDONLY", [](const auto& f) { return f.file_unusable(); }),
        rule(
            "PIDFD-02-old", Errno::kEINVAL, "pidfd_ioctl",
            "any command on a pidfd whose argument is not 0", "pass 0",
            [](const auto& f) { return f.file_pidfd() && f.argument_passed(); }, kOldPidfd),
        // Any type of file and any argument: it is short of that command's struct, and refused.
        rule(
            "NSFS-17-number", Errno::kEINVAL, "ns_ioctl",
            "PIDFD_GET_UTS_NAMESPACE on a namespace file: it has the number of NS_MNT_GET_INFO, "
            "and the kind of command is not looked at",
            "use a pidfd", [](const auto& f) { return f.op_mistaken(); }, kNsfsByNumber),
        rule("IOCTL-01-kind", Errno::kENOTTY, "ns_ioctl",
             "a command that this kind of file does not know", "use a file of the right kind",
             [](const auto& f) { return f.op_unknown(); }),
        rule(
            "IOCTL-01-6.11", Errno::kENOTTY, "ns_ioctl",
            "NS_GET_MNTNS_ID, a pid translation or PIDFD_GET_*_NAMESPACE",
            "use Linux 6.11 or later", [](const auto& f) { return f.op_of_6_11(); }, kUntilNsIds),
        rule(
            "IOCTL-01-6.18", Errno::kENOTTY, "ns_ioctl", "NS_GET_ID", "use Linux 6.18 or later",
            [](const auto& f) { return f.op_get_id(); }, kUntilGetId),
        rule("NSFS-11-type", Errno::kEINVAL, "ns_ioctl",
             "NS_GET_PARENT on a type that has no parents (all but user and pid)",
             "ask for NS_GET_USERNS", [](const auto& f) { return f.parent_of_flat(); }),
        rule("NSFS-10", Errno::kEPERM, "ns_get_owner",
             "the owner (of a user namespace: the parent) is not the caller's user namespace or "
             "below it",
             "ask from the owner's user namespace or one above",
             [](const auto& f) { return f.owner_out_of_sight(); }),
        rule("NSFS-11", Errno::kEPERM, "pidns_get_parent",
             "the parent is not the caller's own pid namespace or below it",
             "ask from the parent pid namespace or one above",
             [](const auto& f) { return f.parent_out_of_sight(); }),
        rule("NSFS-13-type", Errno::kEINVAL, "ns_ioctl",
             "NS_GET_OWNER_UID on another type than user", "ask for NS_GET_USERNS first",
             [](const auto& f) { return f.owner_uid_of_other(); }),
        rule("NSFS-14-type", Errno::kEINVAL, "ns_ioctl", "NS_GET_MNTNS_ID on another type than mnt",
             "use NS_GET_ID", [](const auto& f) { return f.mntns_id_of_other(); }),
        rule("NSFS-13-pointer", Errno::kEFAULT, "put_user", "the result cannot be written",
             "pass a valid pointer", [](const auto& f) { return f.result_pointer_bad(); }),
        rule("NSFS-16-type", Errno::kEINVAL, "ns_ioctl",
             "a pid translation on another type than pid", "open a pid namespace file",
             [](const auto& f) { return f.translation_of_other(); }),
        rule("NSFS-16", Errno::kESRCH, "ns_ioctl",
             "no such task, or it has no number in the other pid namespace",
             "ask for a task that both namespaces see",
             [](const auto& f) { return f.translation_fails(); }),
        rule("PIDFD-03", Errno::kESRCH, "pidfd_ioctl", "the pidfd's process has been reaped",
             "ask before it is reaped",
             [](const auto& f) { return f.asks_task() && f.target_gone(); }),
        rule("PIDFD-02", Errno::kEINVAL, "pidfd_ioctl", "the argument is not 0", "pass 0",
             [](const auto& f) { return f.pidfd_op() && f.argument_set(); }),
        rule(
            "PIDFD-05-first", Errno::kEACCES, "pidfd_ioctl",
            "the caller may not inspect the process",
            "use the same ids as the process, or CAP_SYS_PTRACE over its user namespace",
            [](const auto& f) { return f.asks_task() && f.target_private(); },
            // "pidfd: hold exec_update_lock around namespace ioctl"; 6.18.44 lacks it.
            Versions{.since = abi::only_in_series({6, 12, 112})}),
        rule("PIDFD-06", Errno::kESRCH, "pidfd_ioctl",
             "the process has exited and its nsproxy is gone (also for user and pid)",
             "ask before it exits",
             [](const auto& f) { return f.asks_task() && f.target_released(); }),
        rule("PIDFD-05", Errno::kEACCES, "pidfd_ioctl", "the caller may not inspect the process",
             "use the same ids as the process, or CAP_SYS_PTRACE over its user namespace",
             [](const auto& f) { return f.asks_task() && f.target_private(); }),
        rule(
            "PIDFD-01-old", Errno::kENOTTY, "pidfd_ioctl", "a command that pidfds do not know",
            "use a namespace file", [](const auto& f) { return f.file_pidfd() && !f.pidfd_op(); },
            kOldPidfd),
        rule("PIDFD-07", Errno::kEOPNOTSUPP, "pidfd_ioctl",
             "the kernel is built without that namespace type", "use a kernel that has this type",
             [](const auto& f) { return f.pidfd_op() && f.unconfigured(); }),
        step("STEP-nsfs_inode", Errno::kENOMEM, "open_namespace", "the nsfs inode",
             [](const auto& f) { return f.inode_missing(); }),
        step("STEP-open_file", Errno::kENOMEM, "open_namespace", "the open file",
             [](const auto& f) { return f.makes_file(); })));

inline constexpr auto kChroot = table(
    "chroot",
    checks(rule("MOUNT-04", Errno::kEPERM, "ksys_chroot",
                "no CAP_SYS_CHROOT over the caller's user namespace", "make a user namespace first",
                [](const auto& f) { return !f.chroot_cap(); })));
inline constexpr auto kPivotRoot =
    table("pivot_root", checks(rule("MOUNT-05", Errno::kEPERM, "may_mount",
                                    "no CAP_SYS_ADMIN over the owner of the caller's mount "
                                    "namespace",
                                    "make a mount namespace together with a user namespace",
                                    [](const auto& f) { return !f.may_mount(); })));

template <class Cap>
constexpr auto set_ids(std::string_view unmapped, std::string_view refused,
                       std::string_view function, Cap extra) {
  return join(
      checks(
          rule(unmapped, Errno::kEINVAL, function,
               "an id without a mapping in the caller's user namespace",
               "map the id in uid_map or gid_map", [](const auto& f) { return f.id_unmapped(); }),
          rule(refused, Errno::kEPERM, function,
               "an id that is not one of the caller's three, without CAP_SETUID (CAP_SETGID) "
               "over its user namespace",
               "run with the capability",
               [](const auto& f) { return f.changes() && f.id_refused(); }),
          // After the permission since 6.3, and in stable; before it in older ones.
          step("STEP-prepare_creds", Errno::kENOMEM, "prepare_creds", "the copy of the credentials",
               [](const auto& f) { return f.changes(); })),
      extra);
}
inline constexpr auto kSetresuid = table(
    "setresuid", set_ids("CRED-01-uid-unmapped", "CRED-01-uid", "setresuid",
                         checks(step(
                             "STEP-cred_ucounts", Errno::kEAGAIN, "set_cred_ucounts",
                             "the ucounts of the new real uid",
                             [](const auto& f) { return f.real_changes(); }, kUcountsInCred))));
inline constexpr auto kSetresgid =
    table("setresgid", set_ids("CRED-01-gid-unmapped", "CRED-01-gid", "setresgid", checks()));

inline constexpr auto kCapset = table(
    "capset",
    checks(
        step("STEP-prepare_creds", Errno::kENOMEM, "capset", "the copy of the credentials",
             [](const auto& f) { return f.always(); }),
        rule("CRED-04-inheritable", Errno::kEPERM, "cap_capset",
             "inheritable beyond inheritable and permitted, without CAP_SETPCAP",
             "ask for fewer capabilities", [](const auto& f) { return f.inheritable_new(); }),
        rule("CRED-04-bounding", Errno::kEPERM, "cap_capset",
             "inheritable beyond inheritable and bounding", "ask for fewer capabilities",
             [](const auto& f) { return f.inheritable_unbounded(); }),
        rule("CRED-04-permitted", Errno::kEPERM, "cap_capset", "permitted beyond the old permitted",
             "capabilities can only be given up", [](const auto& f) { return f.permitted_new(); }),
        rule("CRED-04-effective", Errno::kEPERM, "cap_capset", "effective beyond the new permitted",
             "keep it in permitted too", [](const auto& f) { return f.effective_unpermitted(); })));

inline constexpr auto kPrctl = table(
    "prctl",
    checks(rule("CRED-05-cap", Errno::kEPERM, "cap_prctl_drop",
                "PR_CAPBSET_DROP without CAP_SETPCAP over the caller's user namespace",
                "run with CAP_SETPCAP", [](const auto& f) { return f.bounding_refused(); }),
           rule("CRED-05-unknown", Errno::kEINVAL, "cap_prctl_drop", "an unknown capability number",
                "use 0 to 40", [](const auto& f) { return f.capability_unknown(); }),
           rule("CRED-07", Errno::kEINVAL, "prctl",
                "PR_SET_KEEPCAPS or PR_SET_DUMPABLE with another value than 0 and 1", "pass 0 or 1",
                [](const auto& f) { return f.switch_unknown(); }),
           rule("CRED-06", Errno::kEPERM, "cap_task_prctl",
                "PR_CAP_AMBIENT_RAISE of a capability that is not permitted and inheritable",
                "make it inheritable first (capset)",
                [](const auto& f) { return f.ambient_refused(); }),
           step("STEP-prepare_creds", Errno::kENOMEM, "prepare_creds",
                "the copy of the credentials", [](const auto& f) { return f.changes_creds(); })));

inline constexpr auto kWriteIdMap = table(
    "write_id_map",
    checks(
        rule("MAP-04", Errno::kESRCH, "proc_id_map_open", "the task is gone",
             "write it while the task lives", [](const auto& f) { return f.target_gone(); }),
        rule("MAP-01-initial", Errno::kEPERM, "proc_uid_map_write",
             "the initial user namespace's maps are fixed", "make a user namespace first",
             [](const auto& f) { return f.map_of_initial(); }),
        rule("MAP-01-place", Errno::kEPERM, "proc_uid_map_write",
             "the writer is neither in that user namespace nor in its parent",
             "write from the namespace itself or from its parent",
             [](const auto& f) { return f.writer_elsewhere(); }),
        rule("MAP-01-again", Errno::kEPERM, "map_write", "the map has been written already",
             "a map is written once, in one write", [](const auto& f) { return f.map_written(); }),
        rule("MAP-01-cap", Errno::kEPERM, "map_write",
             "the writer has no CAP_SYS_ADMIN over that user namespace",
             "write as its owner or from inside with full capabilities",
             [](const auto& f) { return !f.admin_over_map(); }),
        rule("MAP-01-extents", Errno::kEINVAL, "map_write",
             "no extent, more than 340, a zero or wrapping count, or overlapping extents",
             "correct the extents", [](const auto& f) { return f.extents_bad(); }),
        rule("MAP-02-setfcap", Errno::kEPERM, "verify_root_map",
             "the parent's uid 0 is mapped by a creator (or writer) without CAP_SETFCAP",
             "map other ids, or use CAP_SETFCAP",
             [](const auto& f) { return f.root_map_refused(); },
             {.since = {.mainline = {5, 12, 0}}}),
        rule("MAP-02-setgroups", Errno::kEPERM, "new_idmap_permitted",
             "an unprivileged gid_map while setgroups is still allowed",
             "write \"deny\" to /proc/PID/setgroups first",
             [](const auto& f) { return f.gid_before_deny(); }),
        rule("MAP-02", Errno::kEPERM, "new_idmap_permitted",
             "more than one's own id, without CAP_SETUID (CAP_SETGID) over the parent user "
             "namespace",
             "map only the own effective id, or use newuidmap/newgidmap",
             [](const auto& f) { return f.map_refused(); }),
        rule("MAP-01-unmapped", Errno::kEPERM, "map_write",
             "an outside id that the parent user namespace does not map",
             "map ids that exist in the parent",
             [](const auto& f) { return f.outside_unmapped(); })));

inline constexpr auto kWriteSetgroups = table(
    "write_setgroups",
    checks(rule("MAP-04", Errno::kESRCH, "proc_setgroups_open", "the task is gone",
                "write it while the task lives", [](const auto& f) { return f.target_gone(); }),
           rule("MAP-03-cap", Errno::kEACCES, "proc_setgroups_open",
                "the writer has no CAP_SYS_ADMIN over that user namespace",
                "write as its owner or from inside with full capabilities",
                [](const auto& f) { return !f.admin_over_map(); }),
           rule("MAP-03-allow", Errno::kEPERM, "proc_setgroups_write", "\"allow\" after \"deny\"",
                "\"deny\" is final", [](const auto& f) { return f.allow_after_deny(); }),
           rule("MAP-03-deny", Errno::kEPERM, "proc_setgroups_write",
                "\"deny\" after gid_map was written", "write \"deny\" before gid_map",
                [](const auto& f) { return f.deny_after_map(); })));

inline constexpr auto kSetLimit = table(
    "set_limit",
    checks(rule("LIMIT-01", Errno::kEACCES, "set_permissions",
                "no CAP_SYS_RESOURCE over the caller's user namespace",
                "make a user namespace: its creator may set the limits inside",
                [](const auto& f) { return !f.resource_cap(); }),
           rule("LIMIT-01-range", Errno::kEINVAL, "proc_dointvec_minmax", "a limit above INT_MAX",
                "pass 0 to 2147483647", [](const auto& f) { return f.limit_too_big(); })));

inline constexpr auto kWriteTimens = table(
    "write_timens",
    checks(rule("TIMENS-01-file", Errno::kENOENT, "proc_tgid_base_lookup",
                "the kernel is built without time namespaces, so there is no timens_offsets",
                "use a kernel that has them", [](const auto& f) { return f.unconfigured(); }),
           rule("TIMENS-01-nsec", Errno::kEINVAL, "timens_offsets_write",
                "nanoseconds outside 0 to 999999999", "carry into seconds",
                [](const auto& f) { return f.nanoseconds_bad(); }),
           rule("TIMENS-01-gone", Errno::kESRCH, "timens_offsets_write", "the task has exited",
                "write it while the task lives", [](const auto& f) { return f.target_released(); }),
           rule("TIMENS-01-cap", Errno::kEPERM, "proc_timens_set_offset",
                "no CAP_SYS_TIME over the owner of the task's time_ns_for_children",
                "write as the owner", [](const auto& f) { return !f.time_cap(); }),
           rule("TIMENS-01-range", Errno::kERANGE, "proc_timens_set_offset",
                "the clock would leave its range", "use a smaller offset",
                [](const auto& f) { return f.offset_out_of_range(); }),
           rule("TIMENS-01-frozen", Errno::kEACCES, "proc_timens_set_offset",
                "a task has already entered the time namespace",
                "write the offsets after unshare and before the first fork or execve",
                [](const auto& f) { return f.frozen(); })));

inline constexpr auto kSemop =
    table("semop", checks(step("STEP-undo_list", Errno::kENOMEM, "find_alloc_undo", "the undo list",
                               [](const auto& f) { return !f.has_undo(); })));

}  // namespace model::spec
