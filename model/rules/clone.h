// fork, vfork, clone and clone3: the argument checks of clone3, then copy_process() for all.
//
// Source: kernel/fork.c and kernel/pid.c (6.18). fork and vfork are clone with fixed flags, so they
// share its table. Facts beside those of rules/creation.h:
//   clone3's arguments: size_too_big() size_too_small() args_bad() tail_nonzero()
//     set_tid_too_long() set_tid_null() set_tid_empty() exit_signal_bad() cgroup_bad()
//     set_tid_bad() flags_unknown() raw(Flags) exit_signal_set() stack_bad()
//   one_tid_pointer()       pidfd and parent_tid share an address (always for legacy clone)
//   unkillable()            the caller's process is a pid namespace's init
//   userns_refused()        Debian's sysctl is off and the caller lacks CAP_SYS_ADMIN at the top
//   time_pending()          time_ns is not time_ns_for_children
//   nproc_can_fail()        no privilege exempts the caller from RLIMIT_NPROC
//   has_undo()              the caller has a semaphore undo list
//   set_tid_too_deep()      more tids than the child's pid namespace has levels
//   tid_range() tid_no_init() tid_no_cap() tid_taken()
//                           why the first unusable set_tid entry is unusable: at most one holds
//   automatic_levels()      levels that get a number of the kernel's choice
//   pid_ns_dead()           the child's pid namespace takes no more members
//   pidfd_pointer_bad()
#pragma once

#include "model/rules/creation.h"

namespace model::spec {

inline constexpr Versions kUntilTimeSwitch{.until = {.mainline = {6, 2, 0}}};
inline constexpr Versions kSinceTimeSwitch{.since = {.mainline = {6, 2, 0}}};

constexpr auto clone3_arguments() {
  return checks(
      rule("CLONE3-01-big", Errno::kE2BIG, "copy_clone_args_from_user",
           "size is larger than a page", "pass sizeof(struct clone_args)",
           [](const auto& f) { return f.size_too_big(); }),
      rule("CLONE3-01-small", Errno::kEINVAL, "copy_clone_args_from_user",
           "size is below 64, the first version of struct clone_args",
           "pass sizeof(struct clone_args)", [](const auto& f) { return f.size_too_small(); }),
      rule("CLONE3-02-pointer", Errno::kEFAULT, "copy_struct_from_user",
           "the argument struct is not readable", "pass a valid pointer",
           [](const auto& f) { return f.args_bad(); }),
      rule("CLONE3-02-tail", Errno::kE2BIG, "copy_struct_from_user",
           "a byte beyond the struct that this kernel knows is not zero",
           "leave fields that this kernel does not know zero",
           [](const auto& f) { return f.tail_nonzero(); }),
      rule("CLONE3-03-long", Errno::kEINVAL, "copy_clone_args_from_user",
           "set_tid_size is above 32", "name at most one tid for each pid namespace level",
           [](const auto& f) { return f.set_tid_too_long(); }),
      rule("CLONE3-03-null", Errno::kEINVAL, "copy_clone_args_from_user",
           "set_tid_size is set but set_tid is null", "set both or neither",
           [](const auto& f) { return f.set_tid_null(); }),
      rule("CLONE3-03-empty", Errno::kEINVAL, "copy_clone_args_from_user",
           "set_tid is set but set_tid_size is 0", "set both or neither",
           [](const auto& f) { return f.set_tid_empty(); }),
      rule("CLONE3-04", Errno::kEINVAL, "copy_clone_args_from_user",
           "exit_signal is not a signal number (0 to 64)", "pass SIGCHLD or 0",
           [](const auto& f) { return f.exit_signal_bad(); }),
      rule("CLONE3-05", Errno::kEINVAL, "copy_clone_args_from_user",
           "CLONE_INTO_CGROUP with a cgroup above INT_MAX, or a struct too short to hold one",
           "pass a cgroup directory's descriptor and size 88",
           [](const auto& f) { return f.raw(flag::INTO_CGROUP) && f.cgroup_bad(); }),
      rule("CLONE3-06", Errno::kEFAULT, "copy_clone_args_from_user",
           "the set_tid array is not readable", "pass a valid pointer",
           [](const auto& f) { return f.set_tid_bad(); }),
      rule("CLONE3-07", Errno::kEINVAL, "clone3_args_valid",
           "a flag that this kernel does not know", "drop the flag, or use a newer kernel",
           [](const auto& f) { return f.flags_unknown(); }),
      rule("CLONE3-08-detached", Errno::kEINVAL, "clone3_args_valid", "CLONE_DETACHED",
           "drop the flag: it never did anything",
           [](const auto& f) { return f.raw(flag::DETACHED); }),
      rule("CLONE3-08-signal", Errno::kEINVAL, "clone3_args_valid",
           "a bit of the low byte: clone3 takes the exit signal from its own field",
           "put the signal into exit_signal",
           [](const auto& f) { return f.raw(flag::EXIT_SIGNAL & ~flag::NEWTIME); }),
      rule("CLONE3-08-time", Errno::kEINVAL, "clone3_args_valid",
           "CLONE_NEWTIME, which clone3 refused by mistake before 6.3",
           "unshare(CLONE_NEWTIME) and then fork",
           [](const auto& f) { return f.raw(flag::NEWTIME); },
           {.until = {.mainline = {6, 3, 0}, .backport = {6, 1, 100}}}),
      rule("CLONE3-09", Errno::kEINVAL, "clone3_args_valid",
           "CLONE_SIGHAND with CLONE_CLEAR_SIGHAND", "choose one",
           [](const auto& f) { return f.raw(flag::SIGHAND) && f.raw(flag::CLEAR_SIGHAND); }),
      rule("CLONE3-10", Errno::kEINVAL, "clone3_args_valid",
           "CLONE_THREAD or CLONE_PARENT with an exit_signal", "set exit_signal to 0",
           [](const auto& f) { return f.raw(flag::THREAD | flag::PARENT) && f.exit_signal_set(); }),
      rule("CLONE3-11", Errno::kEINVAL, "clone3_stack_valid",
           "stack without stack_size, stack_size without stack, or a range outside user space",
           "pass the lowest address of the stack and its size, or neither",
           [](const auto& f) { return f.stack_bad(); }));
}

// copy_process() up to the first allocation: what the flags themselves forbid.
constexpr auto process_flags() {
  return checks(
      rule("CLONE-18", Errno::kEINVAL, "kernel_clone",
           "CLONE_PIDFD with CLONE_PARENT_SETTID, both to one address (always so in legacy clone)",
           "use clone3 with two addresses, or drop one flag",
           [](const auto& f) {
             return f.has(flag::PIDFD) && f.has(flag::PARENT_SETTID) && f.one_tid_pointer();
           }),
      rule("CLONE-10", Errno::kEINVAL, "copy_process", "CLONE_NEWNS with CLONE_FS",
           "drop CLONE_FS: a root directory cannot be shared between two mount namespaces",
           [](const auto& f) { return f.has(flag::NEWNS) && f.has(flag::FS); }),
      rule("CLONE-11", Errno::kEINVAL, "copy_process", "CLONE_NEWUSER with CLONE_FS",
           "drop CLONE_FS: a root directory cannot be shared between two user namespaces",
           [](const auto& f) { return f.has(flag::NEWUSER) && f.has(flag::FS); }),
      rule("CLONE-19", Errno::kEPERM, "copy_process",
           "CLONE_NEWUSER by an unprivileged caller while Debian's "
           "kernel.unprivileged_userns_clone is 0",
           "set kernel.unprivileged_userns_clone to 1",
           [](const auto& f) { return f.has(flag::NEWUSER) && f.userns_refused(); }),
      rule("CLONE-12", Errno::kEINVAL, "copy_process", "CLONE_THREAD without CLONE_SIGHAND",
           "add CLONE_SIGHAND and CLONE_VM",
           [](const auto& f) { return f.has(flag::THREAD) && !f.has(flag::SIGHAND); }),
      rule("CLONE-13", Errno::kEINVAL, "copy_process", "CLONE_SIGHAND without CLONE_VM",
           "add CLONE_VM", [](const auto& f) { return f.has(flag::SIGHAND) && !f.has(flag::VM); }),
      rule("CLONE-14", Errno::kEINVAL, "copy_process",
           "CLONE_PARENT by the init of a pid namespace: nobody would reap the sibling",
           "drop CLONE_PARENT",
           [](const auto& f) { return f.has(flag::PARENT) && f.unkillable(); }),
      rule(
          "CLONE-15-flags", Errno::kEINVAL, "copy_process",
          "CLONE_THREAD with CLONE_NEWUSER or CLONE_NEWPID",
          "make a process, not a thread: a process has one user and one pid namespace",
          [](const auto& f) { return f.has(flag::THREAD) && f.has(flag::NEWUSER | flag::NEWPID); }),
      rule("CLONE-15-pending", Errno::kEINVAL, "copy_process",
           "CLONE_THREAD, and the caller's children go to another pid namespace than its own (an "
           "earlier unshare or setns of CLONE_NEWPID, perhaps before an execve)",
           "make threads before changing the pid namespace, or setns back to the own one",
           [](const auto& f) { return f.has(flag::THREAD) && f.pid_pending(); }),
      rule(
          "CLONE-16", Errno::kEINVAL, "copy_process",
          "CLONE_THREAD or CLONE_VM (vfork, posix_spawn) while a time namespace is pending",
          "fork without CLONE_VM, or use Linux 6.2 or later",
          [](const auto& f) { return f.has(flag::THREAD | flag::VM) && f.time_pending(); },
          kUntilTimeSwitch),
      rule("CLONE-17-detached", Errno::kEINVAL, "copy_process", "CLONE_PIDFD with CLONE_DETACHED",
           "drop CLONE_DETACHED: it does nothing",
           [](const auto& f) { return f.has(flag::PIDFD) && f.has(flag::DETACHED); }),
      rule("CLONE-17-thread", Errno::kEINVAL, "copy_process", "CLONE_PIDFD with CLONE_THREAD",
           "drop one, or use Linux 6.9 or later",
           [](const auto& f) { return f.has(flag::PIDFD) && f.has(flag::THREAD); },
           {.until = {.mainline = {6, 9, 0}}}));
}

// A step of copy_process() that a sharing flag saves.
template <class Reached>
constexpr auto copy_step(std::string_view id, std::string_view function, std::string_view says,
                         Reached reached) {
  return step(id, Errno::kENOMEM, function, says, reached);
}

constexpr auto process_copies() {
  return checks(
      step("STEP-nproc", Errno::kEAGAIN, "copy_process", "RLIMIT_NPROC is reached",
           [](const auto& f) { return f.nproc_can_fail(); }),
      step("STEP-max_threads", Errno::kEAGAIN, "copy_process", "kernel.threads-max is reached",
           [](const auto& f) { return f.always(); }),
      copy_step("STEP-undo_list", "copy_semundo", "the undo list that CLONE_SYSVSEM shares",
                [](const auto& f) { return f.has(flag::SYSVSEM) && !f.has_undo(); }),
      copy_step("STEP-copy_files", "copy_files", "the copy of the descriptor table",
                [](const auto& f) { return !f.has(flag::FILES); }),
      copy_step("STEP-copy_fs", "copy_fs", "the copy of the fs_struct",
                [](const auto& f) { return !f.has(flag::FS); }),
      copy_step("STEP-copy_sighand", "copy_sighand", "the copy of the signal handlers",
                [](const auto& f) { return !f.has(flag::SIGHAND); }),
      copy_step("STEP-copy_signal", "copy_signal", "the new process's signal struct",
                [](const auto& f) { return !f.has(flag::THREAD); }),
      copy_step("STEP-copy_mm", "copy_mm", "the copy of the address space",
                [](const auto& f) { return !f.has(flag::VM); }));
}

constexpr auto pid_allocation() {
  return after(
      Past::namespaces,
      checks(
          rule("CLONE-50", Errno::kEINVAL, "alloc_pid",
               "more tids in set_tid than the child's pid namespace has levels",
               "name at most one tid for each level, innermost first",
               [](const auto& f) { return f.set_tid_too_deep(); }),
          step("STEP-alloc_pid", Errno::kENOMEM, "alloc_pid", "the allocation of the struct pid",
               [](const auto& f) { return f.always(); }),
          rule("CLONE-51", Errno::kEINVAL, "alloc_pid",
               "a tid in set_tid is below 1 or not below pid_max",
               "ask for a number between 1 and pid_max - 1",
               [](const auto& f) { return f.tid_range(); }),
          rule("CLONE-52", Errno::kEINVAL, "alloc_pid",
               "a tid other than 1 in a pid namespace that has no init yet",
               "let the first process of a pid namespace have number 1",
               [](const auto& f) { return f.tid_no_init(); }),
          rule("CLONE-53", Errno::kEPERM, "alloc_pid",
               "a tid is asked for without CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE over that pid "
               "namespace's owner",
               "run with CAP_CHECKPOINT_RESTORE there",
               [](const auto& f) { return f.tid_no_cap(); }),
          rule("CLONE-54", Errno::kEEXIST, "alloc_pid", "a tid in set_tid is in use",
               "ask for a free number", [](const auto& f) { return f.tid_taken(); }),
          after(Past::numbers,
                step("STEP-pid_number", Errno::kEAGAIN, "alloc_pid", "no free number at a level",
                     [](const auto& f) { return f.automatic_levels(); })),
          after(Past::numbers,
                rule("PIDNS-10", Errno::kENOMEM, "alloc_pid",
                     "the child's pid namespace is dead: its init has exited, or its first fork "
                     "failed late",
                     "setns to a live pid namespace (the own one, say) before forking",
                     [](const auto& f) { return f.pid_ns_dead(); }))));
}

constexpr auto late_checks() {
  return after(
      Past::pid,
      checks(step("STEP-pidfd", Errno::kEMFILE, "pidfd_prepare", "no descriptor for the pidfd",
                  [](const auto& f) { return f.has(flag::PIDFD); }),
             rule("CLONE-58", Errno::kEFAULT, "copy_process",
                  "the pidfd cannot be written to user memory",
                  "pass a valid pointer; mind that a failing first fork kills its pid namespace",
                  [](const auto& f) { return f.has(flag::PIDFD) && f.pidfd_pointer_bad(); }),
             rule("CLONE-60", Errno::kEBADF, "cgroup_css_set_fork",
                  "CLONE_INTO_CGROUP, and the descriptor is not a cgroup2 directory",
                  "open the cgroup directory with O_PATH or O_DIRECTORY",
                  [](const auto& f) { return f.has(flag::INTO_CGROUP); }),
             step("STEP-cgroup_fork", Errno::kEAGAIN, "cgroup_can_fork",
                  "a pids controller refuses", [](const auto& f) { return f.always(); }),
             step("STEP-fatal_signal", Errno::kEINTR, "copy_process", "a fatal signal is pending",
                  [](const auto& f) { return f.always(); })));
}

constexpr auto process() {
  return join(
      process_flags(),
      checks(step("STEP-dup_task", Errno::kENOMEM, "dup_task_struct", "the allocation of the task",
                  [](const auto& f) { return f.always(); }),
             step("STEP-prepare_creds", Errno::kENOMEM, "copy_creds", "the copy of the credentials",
                  [](const auto& f) { return !f.has(flag::THREAD); })),
      user_disabled(), user_namespace(),
      checks(step(
          "STEP-cred_ucounts", Errno::kEAGAIN, "set_cred_ucounts",
          "the ucounts of the new credentials", [](const auto& f) { return f.has(flag::NEWUSER); },
          kUcountsInCred)),
      process_copies(), permission("CLONE-31", "copy_namespaces"),
      checks(rule("CLONE-40", Errno::kEINVAL, "copy_namespaces", "CLONE_NEWIPC with CLONE_SYSVSEM",
                  "drop CLONE_SYSVSEM: an undo list belongs to one ipc namespace",
                  [](const auto& f) { return f.has(flag::NEWIPC) && f.has(flag::SYSVSEM); })),
      new_namespaces([](const auto& f) {
        return f.has(flag::NSPROXY) ||
               (f.time_pending() && !(f.has(flag::VM) && f.switches_time_at_exec()));
      }),
      pid_allocation(), late_checks());
}

inline constexpr auto kClone = table("clone", process());
inline constexpr auto kClone3 = table("clone3", join(clone3_arguments(), process()));

}  // namespace model::spec
