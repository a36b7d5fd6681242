// unshare: ksys_unshare() in the kernel's order.
//
// Source: kernel/fork.c (6.18). has() sees the flags with what they imply (UNSHARE-01). Facts
// beside those of rules/creation.h:
//   flags_unknown()        a bit that unshare does not know
//   group_shared()         another task is in the thread list (TEST-A)
//   sighand_shared()       the signal handlers are shared
//   not_single_threaded()  TEST-B
//   fs_shared()  files_shared()  userns_refused()
#pragma once

#include "model/rules/creation.h"

namespace model::spec {

constexpr auto unshare_flags() {
  return checks(
      rule("CLONE-19", Errno::kEPERM, "ksys_unshare",
           "CLONE_NEWUSER by an unprivileged caller while Debian's "
           "kernel.unprivileged_userns_clone is 0",
           "set kernel.unprivileged_userns_clone to 1",
           [](const auto& f) { return f.has(flag::NEWUSER) && f.userns_refused(); }),
      rule("UNSHARE-02", Errno::kEINVAL, "check_unshare_flags", "a flag that unshare does not know",
           "use the CLONE_NEW* flags, CLONE_FS, CLONE_FILES, CLONE_SYSVSEM, CLONE_THREAD, "
           "CLONE_SIGHAND and CLONE_VM only",
           [](const auto& f) { return f.flags_unknown(); }),
      rule("UNSHARE-03", Errno::kEINVAL, "check_unshare_flags",
           "CLONE_NEWUSER, CLONE_THREAD, CLONE_SIGHAND or CLONE_VM in a process that has other "
           "threads (an exited leader counts)",
           "call it before starting threads, or from a forked child",
           [](const auto& f) {
             return f.has(flag::THREAD | flag::SIGHAND | flag::VM) && f.group_shared();
           }),
      rule("UNSHARE-04", Errno::kEINVAL, "check_unshare_flags",
           "CLONE_SIGHAND or CLONE_VM while the signal handlers are shared",
           "let the other sharer execve or exit first",
           [](const auto& f) { return f.has(flag::SIGHAND | flag::VM) && f.sighand_shared(); }),
      rule("UNSHARE-05", Errno::kEINVAL, "check_unshare_flags",
           "CLONE_VM while another task uses the address space",
           "let the other user execve or exit first",
           [](const auto& f) { return f.has(flag::VM) && f.not_single_threaded(); }));
}

inline constexpr auto kUnshare = table(
    "unshare",
    join(unshare_flags(),
         checks(step("STEP-copy_fs", Errno::kENOMEM, "unshare_fs", "the copy of the fs_struct",
                     [](const auto& f) {
                       return f.has(flag::NEWNS) || (f.has(flag::FS) && f.fs_shared());
                     }),
                step("STEP-copy_files", Errno::kENOMEM, "unshare_fd",
                     "the copy of the descriptor table",
                     [](const auto& f) { return f.has(flag::FILES) && f.files_shared(); })),
         user_disabled(),
         checks(step("STEP-prepare_creds", Errno::kENOMEM, "unshare_userns",
                     "the copy of the credentials",
                     [](const auto& f) { return f.has(flag::NEWUSER); })),
         user_namespace(), permission("UNSHARE-41", "unshare_nsproxy_namespaces"),
         new_namespaces([](const auto& f) { return f.has(flag::NSPROXY); }),
         checks(step(
             "STEP-cred_ucounts", Errno::kEAGAIN, "set_cred_ucounts",
             "the ucounts of the new credentials",
             [](const auto& f) { return f.has(flag::NEWUSER); }, kUcountsInCred))));

}  // namespace model::spec
