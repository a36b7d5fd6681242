// setns on a namespace file and on a pidfd: argument checks, the snapshot of a pidfd's target, and
// the install rules of the types in the order user mnt uts ipc pid cgroup net time.
//
// Source: kernel/nsproxy.c and each type's install function (6.18). The capability questions are
// asked of the caller's current credentials; "mine" is the user namespace that the call arrives in
// (SETNS-83). Facts:
//   file_closed()  file_opath()  file_nsfs()  file_pidfd()
//   type_mismatch()          flags are neither 0 nor the namespace's own type bit
//   flags_empty()  flags_unknown()  flags_unconfigured()
//   target_gone()  target_private()  target_released()
//   installs(NsType)         the call installs this type
//   admin_over_target(T)     CAP_SYS_ADMIN over the owner of the namespace to be installed
//   admin_over_mine()  chroot_cap_over_mine()
//   same_user()  group_shared()  fs_shared()  admin_over_user()
//   nsset_fs_shared()        users of the fs that mntns_install looks at (SETNS-44)
//   pid_not_below()          the target is not the caller's active pid namespace or below it
//   not_single_threaded()
//   with_other_types()       NEWNS together with another type
#pragma once

#include "model/rules/creation.h"

namespace model::spec {

namespace detail {
inline constexpr std::string_view kInstall30 = "SETNS-30-", kInstall50 = "SETNS-50-",
                                  kInstall60 = "SETNS-60-", kInstall90 = "SETNS-90-",
                                  kInstall41 = "SETNS-41-", kOwner = "owner", kOwn = "own",
                                  kInstallSuffix = "_install";
template <NsType T>
inline constexpr std::string_view kInstallFunction = [] {
  constexpr std::array<std::string_view, abi::kNsTypes> words = {
      "mntns_install",    "utsns_install", "ipcns_install",  "pidns_install",
      "cgroupns_install", "netns_install", "timens_install", "userns_install"};
  return words[abi::index(T)];
}();

template <NsType T, const std::string_view& Prefix>
constexpr auto owner_check(std::string_view id) {
  return rule(id, Errno::kEPERM, kInstallFunction<T>,
              "the caller has no CAP_SYS_ADMIN over the user namespace that owns the target",
              "join the owning user namespace first (or in the same call on a pidfd)",
              [](const auto& f) { return f.installs(T) && !f.admin_over_target(T); });
}
template <NsType T>
constexpr auto own_check(std::string_view id) {
  return rule(id, Errno::kEPERM, kInstallFunction<T>,
              "the caller has no CAP_SYS_ADMIN over its own user namespace",
              "run with CAP_SYS_ADMIN, or make or join a user namespace first",
              [](const auto& f) { return f.installs(T) && !f.admin_over_mine(); });
}
// The two capability checks that every type makes.
template <NsType T, const std::string_view& Prefix>
constexpr auto two_checks() {
  return checks(owner_check<T, Prefix>(Join<Prefix, kWord<T>, kDash, kOwner>::value),
                own_check<T>(Join<Prefix, kWord<T>, kDash, kOwn>::value));
}
}  // namespace detail

constexpr auto setns_arguments() {
  return checks(
      rule("SETNS-01-closed", Errno::kEBADF, "setns", "the descriptor is not open",
           "open /proc/PID/ns/TYPE or a pidfd", [](const auto& f) { return f.file_closed(); }),
      rule("SETNS-01-path", Errno::kEBADF, "setns", "the descriptor was opened with O_PATH",
           "open it with O_RDONLY", [](const auto& f) { return f.file_opath(); }),
      rule("SETNS-02", Errno::kEINVAL, "setns",
           "the flags are neither 0 nor the type of the namespace file",
           "pass 0, or the CLONE_NEW* flag of that type",
           [](const auto& f) { return f.file_nsfs() && f.type_mismatch(); }),
      rule("SETNS-03", Errno::kEINVAL, "setns",
           "the descriptor is neither a namespace file nor a pidfd",
           "open /proc/PID/ns/TYPE or a pidfd",
           [](const auto& f) { return !f.file_nsfs() && !f.file_pidfd(); }),
      rule("SETNS-05-empty", Errno::kEINVAL, "check_setns_flags", "no flags, on a pidfd",
           "say which types to join",
           [](const auto& f) { return f.file_pidfd() && f.flags_empty(); }),
      rule("SETNS-05-unknown", Errno::kEINVAL, "check_setns_flags",
           "a flag that is not a namespace type", "pass CLONE_NEW* flags only",
           [](const auto& f) { return f.file_pidfd() && f.flags_unknown(); }),
      rule("SETNS-05-config", Errno::kEINVAL, "check_setns_flags",
           "a namespace type that the kernel is built without",
           "drop that type, or use a kernel that has it",
           [](const auto& f) { return f.file_pidfd() && f.flags_unconfigured(); }),
      step("STEP-alloc_nsproxy", Errno::kENOMEM, "prepare_nsset", "the copy of the nsproxy",
           [](const auto& f) { return f.always(); }),
      step("STEP-prepare_creds", Errno::kENOMEM, "prepare_nsset", "the copy of the credentials",
           [](const auto& f) { return f.installs(NsType::user); }),
      step("STEP-copy_fs", Errno::kENOMEM, "prepare_nsset", "the private copy of the fs_struct",
           [](const auto& f) { return f.with_other_types(); }),
      rule("SETNS-10", Errno::kESRCH, "validate_nsset", "the pidfd's process has been reaped",
           "keep a namespace file of it open instead",
           [](const auto& f) { return f.file_pidfd() && f.target_gone(); }),
      rule("SETNS-11", Errno::kEPERM, "validate_nsset",
           "the caller may not inspect the pidfd's process (ptrace_may_access: ids, dumpable, "
           "capabilities)",
           "use the same ids as the target, or CAP_SYS_PTRACE over its user namespace",
           [](const auto& f) { return f.file_pidfd() && f.target_private(); }),
      rule("SETNS-12", Errno::kESRCH, "validate_nsset",
           "the pidfd's process has exited (a zombie, or an exited leader), so its nsproxy is gone",
           "join before the process exits, or through another thread's PIDFD_THREAD pidfd",
           [](const auto& f) { return f.file_pidfd() && f.target_released(); }));
}

constexpr auto user_install() {
  return checks(
      rule("SETNS-80", Errno::kEINVAL, "userns_install", "it is the caller's own user namespace",
           "leave CLONE_NEWUSER out: joining the current user namespace is refused, because it "
           "would give back dropped capabilities",
           [](const auto& f) { return f.installs(NsType::user) && f.same_user(); }),
      rule("SETNS-81", Errno::kEINVAL, "userns_install",
           "CLONE_NEWUSER in a process that has other threads (an exited leader counts)",
           "join the user namespace before starting threads, or from a forked child",
           [](const auto& f) { return f.installs(NsType::user) && f.group_shared(); }),
      rule("SETNS-82", Errno::kEINVAL, "userns_install",
           "CLONE_NEWUSER while the fs_struct is shared (CLONE_FS)", "unshare(CLONE_FS) first",
           [](const auto& f) { return f.installs(NsType::user) && f.fs_shared(); }),
      rule("SETNS-83", Errno::kEPERM, "userns_install",
           "the caller has no CAP_SYS_ADMIN over the target user namespace: it is neither in an "
           "ancestor with the capability nor the owner",
           "join as the namespace's owner from its parent, or as an admin of an ancestor",
           [](const auto& f) { return f.installs(NsType::user) && !f.admin_over_user(); }),
      step(
          "STEP-cred_ucounts", Errno::kEINVAL, "userns_install",
          "the ucounts of the new credentials",
          [](const auto& f) { return f.installs(NsType::user); }, kUcountsInCred));
}

constexpr auto mnt_install() {
  return checks(
      detail::owner_check<NsType::mnt, detail::kInstall41>("SETNS-41-owner"),
      rule("SETNS-41-chroot", Errno::kEPERM, "mntns_install",
           "the caller has no CAP_SYS_CHROOT over the user namespace that it is in (or joins in "
           "the same call)",
           "run with CAP_SYS_CHROOT, or join the user namespace in a call of its own first",
           [](const auto& f) { return f.installs(NsType::mnt) && !f.chroot_cap_over_mine(); }),
      detail::own_check<NsType::mnt>("SETNS-41-own"),
      rule("SETNS-43", Errno::kEINVAL, "mntns_install",
           "the caller shares its fs_struct with another task (threads always do)",
           "unshare(CLONE_FS) in this thread first",
           [](const auto& f) { return f.installs(NsType::mnt) && f.nsset_fs_shared(); }),
      rule(
          "SETNS-43-own", Errno::kEINVAL, "mntns_install",
          "the caller shares its fs_struct with another task, and joins other types too",
          "unshare(CLONE_FS) in this thread first",
          [](const auto& f) { return f.installs(NsType::mnt) && f.fs_shared(); },
          // "mount: refuse setns() with a shared fs_struct again"; 6.1.192 and 6.18.44 lack it.
          Versions{.since = abi::only_in_series({6, 12, 117})}));
}

inline constexpr auto kSetns = table(
    "setns",
    join(setns_arguments(), user_install(), mnt_install(),
         detail::two_checks<NsType::uts, detail::kInstall30>(),
         detail::two_checks<NsType::ipc, detail::kInstall30>(),
         detail::two_checks<NsType::pid, detail::kInstall60>(),
         checks(rule("SETNS-60", Errno::kEINVAL, "pidns_install",
                     "the target is not the caller's own pid namespace or one below it",
                     "a process can only enter descendants of its own pid namespace; start from a "
                     "process further out",
                     [](const auto& f) { return f.installs(NsType::pid) && f.pid_not_below(); })),
         detail::two_checks<NsType::cgroup, detail::kInstall50>(),
         detail::two_checks<NsType::net, detail::kInstall30>(),
         checks(rule(
             "SETNS-90", Errno::kEUSERS, "timens_install",
             "CLONE_NEWTIME by a process that has other threads or shares its address "
             "space (a vfork child, say)",
             "join from a single-threaded process that has its own address space",
             [](const auto& f) { return f.installs(NsType::time) && f.not_single_threaded(); })),
         detail::two_checks<NsType::time, detail::kInstall90>()));

}  // namespace model::spec
