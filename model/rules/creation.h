// The checks that clone, clone3 and unshare share: making a user namespace (create_user_ns) and
// the other seven types (copy_namespaces, create_new_namespaces), in the kernel's order.
//
// Sources: kernel/user_namespace.c, kernel/nsproxy.c, and each type's copy function (6.18).
// Facts that are asked here (the Creation part of a Facts type):
//   has(Flags)              any of these bits is in the call's flags (unshare: implied ones too)
//   configured(NsType)      the kernel has this type
//   quota_full(NsType)      UCNT-01: one more would exceed a limit on the way up
//   user_level_full()       the caller's user namespace is at the last level
//   pid_level_full()        a pid namespace below the caller's active one would be too deep
//   chrooted()  euid_mapped()  egid_mapped()
//   admin_over_own()        CAP_SYS_ADMIN over the caller's user namespace
//   pid_pending()           the active pid namespace is not pid_ns_for_children
//   pid_owner_covers()      pid_ns_for_children's owner is the caller's user namespace or above it
#pragma once

#include "abi/ns_type.h"
#include "model/table.h"

namespace model::spec {

using abi::Errno;
using abi::NsType;
namespace flag = abi::flag;

inline constexpr Versions kUcountsInCred{.since = {.mainline = {5, 14, 0}}};

namespace detail {
// Joins string constants at compile time, so that ids can be made per namespace type.
template <const std::string_view&... Parts>
struct Join {
  static constexpr auto chars = [] {
    std::array<char, (Parts.size() + ... + 0) + 1> out{};
    std::size_t at = 0;
    ((Parts.copy(out.data() + at, Parts.size()), at += Parts.size()), ...);
    return out;
  }();
  static constexpr std::string_view value{chars.data(), chars.size() - 1};
};

template <NsType T>
inline constexpr std::string_view kWord = [] {
  constexpr std::array<std::string_view, abi::kNsTypes> words = {"mnt",    "uts", "ipc",  "pid",
                                                                 "cgroup", "net", "time", "user"};
  return words[abi::index(T)];
}();
template <NsType T>
inline constexpr std::string_view kFlagWord = [] {
  constexpr std::array<std::string_view, abi::kNsTypes> words = {
      "CLONE_NEWNS",     "CLONE_NEWUTS", "CLONE_NEWIPC",  "CLONE_NEWPID",
      "CLONE_NEWCGROUP", "CLONE_NEWNET", "CLONE_NEWTIME", "CLONE_NEWUSER"};
  return words[abi::index(T)];
}();
template <NsType T>
inline constexpr std::string_view kCopyFunction = [] {
  constexpr std::array<std::string_view, abi::kNsTypes> words = {
      "copy_mnt_ns",    "copy_utsname", "copy_ipcs",    "copy_pid_ns",
      "copy_cgroup_ns", "copy_net_ns",  "copy_time_ns", "create_user_ns"};
  return words[abi::index(T)];
}();

inline constexpr std::string_view kStepDash = "STEP-", kDash = "-", kCharge = "charge",
                                  kAlloc = "alloc", kInum = "inum", kInit = "init",
                                  kDisabled = "NSP-08-", kQuota = "UCNT-01-", kFor = " for ",
                                  kWithout = ", and the kernel is built without that type",
                                  kFull =
                                      " would exceed max_*_namespaces of the caller's user "
                                      "namespace or of one above it";

template <NsType T, const std::string_view& What>
constexpr auto make_step(Errno error) {
  return step(Join<kStepDash, kWord<T>, kDash, What>::value, error, kCopyFunction<T>,
              Join<What, kFor, kFlagWord<T>>::value,
              [](const auto& f) { return f.has(abi::flag_of(T)) && f.configured(T); });
}

template <NsType T>
constexpr auto disabled() {
  return checks(rule(Join<kDisabled, kWord<T>>::value, Errno::kEINVAL, kCopyFunction<T>,
                     Join<kFlagWord<T>, kWithout>::value,
                     "use a kernel that is configured with this type",
                     [](const auto& f) { return f.has(abi::flag_of(T)) && !f.configured(T); }));
}

// inc_ucount() finds the ucounts, which can fail, before it looks at their limits.
template <NsType T>
constexpr auto charge_and_quota() {
  return checks(make_step<T, kCharge>(Errno::kENOSPC),
                rule(Join<kQuota, kWord<T>>::value, Errno::kENOSPC, "inc_ucount",
                     Join<kFlagWord<T>, kFull>::value,
                     "raise the limit in /proc/sys/user, or let a namespace of this type go first",
                     [](const auto& f) {
                       return f.has(abi::flag_of(T)) && f.configured(T) && f.quota_full(T);
                     }));
}

template <NsType T>
constexpr auto alloc_and_inum() {
  return checks(make_step<T, kAlloc>(Errno::kENOMEM), make_step<T, kInum>(Errno::kENOMEM));
}

template <NsType T>
constexpr auto init() {
  return checks(make_step<T, kInit>(Errno::kENOMEM));
}

template <NsType T>
constexpr auto make() {
  return join(disabled<T>(), charge_and_quota<T>(), alloc_and_inum<T>());
}
}  // namespace detail

// The kernel is built without user namespaces. clone copies the credentials before it notices.
constexpr auto user_disabled() { return detail::disabled<NsType::user>(); }

// create_user_ns(): no capability is needed, but a place to stand.
constexpr auto user_namespace() {
  using namespace detail;
  return join(
      checks(rule("CLONE-23", Errno::kENOSPC, "create_user_ns",
                  "CLONE_NEWUSER, and the caller's user namespace is already 33 levels deep",
                  "nest less deeply: user namespaces have the levels 0 to 33",
                  [](const auto& f) { return f.has(flag::NEWUSER) && f.user_level_full(); }),
             make_step<NsType::user, kCharge>(Errno::kENOSPC),
             rule("CLONE-24", Errno::kENOSPC, "inc_user_namespaces",
                  "CLONE_NEWUSER would exceed max_user_namespaces of the caller's user namespace "
                  "or of one above it",
                  "raise /proc/sys/user/max_user_namespaces, here and above, or let one go first",
                  [](const auto& f) { return f.has(flag::NEWUSER) && f.quota_full(NsType::user); }),
             rule("CLONE-25", Errno::kEPERM, "create_user_ns",
                  "CLONE_NEWUSER by a caller in a chroot: its root is not the root of its mount "
                  "namespace",
                  "use pivot_root instead of chroot, or make the user namespace before the chroot",
                  [](const auto& f) { return f.has(flag::NEWUSER) && f.chrooted(); }),
             rule("CLONE-26-uid", Errno::kEPERM, "create_user_ns",
                  "CLONE_NEWUSER, and the caller's effective uid has no mapping in its user "
                  "namespace",
                  "write uid_map (and gid_map) of the current user namespace first",
                  [](const auto& f) { return f.has(flag::NEWUSER) && !f.euid_mapped(); }),
             rule("CLONE-26-gid", Errno::kEPERM, "create_user_ns",
                  "CLONE_NEWUSER, and the caller's effective gid has no mapping in its user "
                  "namespace",
                  "write gid_map (after \"deny\" to setgroups) of the current user namespace first",
                  [](const auto& f) { return f.has(flag::NEWUSER) && !f.egid_mapped(); })),
      alloc_and_inum<NsType::user>(), init<NsType::user>());
}

// CLONE-31: who may make namespaces. Asked of the caller's own credentials; with CLONE_NEWUSER the
// new user namespace's owner is the caller, which grants it (CAP-01(3)).
constexpr auto permission(std::string_view id, std::string_view function) {
  return checks(rule(id, Errno::kEPERM, function,
                     "a CLONE_NEW* flag other than CLONE_NEWUSER, by a caller without "
                     "CAP_SYS_ADMIN over its user namespace",
                     "add CLONE_NEWUSER to the same call, or run with CAP_SYS_ADMIN",
                     [](const auto& f) {
                       return f.has(flag::NSPROXY) && !f.has(flag::NEWUSER) && !f.admin_over_own();
                     }));
}

// create_new_namespaces(), reached when `reached(f)`: the nsproxy, then each type in order.
template <class Reached>
constexpr auto new_namespaces(Reached reached) {
  using namespace detail;
  return join(
      checks(step("STEP-alloc_nsproxy", Errno::kENOMEM, "create_nsproxy",
                  "the allocation of the nsproxy", reached)),
      charge_and_quota<NsType::mnt>(), alloc_and_inum<NsType::mnt>(), init<NsType::mnt>(),
      make<NsType::uts>(), make<NsType::ipc>(), init<NsType::ipc>(), disabled<NsType::pid>(),
      checks(rule("PIDNS-01-pending", Errno::kEINVAL, "copy_pid_ns",
                  "CLONE_NEWPID, and the caller's children already go to another pid namespace "
                  "than its own (an earlier unshare or setns of CLONE_NEWPID)",
                  "fork first and let the child do it, or setns back to the own pid namespace",
                  [](const auto& f) { return f.has(flag::NEWPID) && f.pid_pending(); }),
             rule("PIDNS-01-owner", Errno::kEINVAL, "create_pid_namespace",
                  "CLONE_NEWPID, and the caller's pid namespace belongs to a user namespace that "
                  "is neither the caller's nor above it",
                  "enter the pid namespace's owning user namespace first",
                  [](const auto& f) { return f.has(flag::NEWPID) && !f.pid_owner_covers(); }),
             rule("PIDNS-02", Errno::kENOSPC, "create_pid_namespace",
                  "CLONE_NEWPID, and the new pid namespace would be more than 32 levels deep",
                  "nest less deeply: pid namespaces have the levels 0 to 32",
                  [](const auto& f) { return f.has(flag::NEWPID) && f.pid_level_full(); })),
      charge_and_quota<NsType::pid>(), alloc_and_inum<NsType::pid>(), init<NsType::pid>(),
      // A kernel without cgroups ignores the flag instead of refusing it (NSP-08).
      charge_and_quota<NsType::cgroup>(), alloc_and_inum<NsType::cgroup>(), make<NsType::net>(),
      checks(step("STEP-net-lock", Errno::kEINTR, "copy_net_ns",
                  "a fatal signal while waiting for pernet_ops_rwsem",
                  [](const auto& f) { return f.has(flag::NEWNET) && f.configured(NsType::net); })),
      init<NsType::net>(), make<NsType::time>(), init<NsType::time>());
}

}  // namespace model::spec
