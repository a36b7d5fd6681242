// Theorems about whole calls that exchange namespaces: unshare, setns, clone3, execve.
#include "proofs/counts/effects.h"
#include "proofs/counts/groups.h"
#include "proofs/counts/scenes.h"

namespace proofs {
namespace {

using enum impl::Bug;
namespace flag = abi::flag;

// The namespaces that are left do not die here: exit_task_namespaces has that.
constexpr Symbols kLeft{.namespaces = Elsewhere::some, .others = Elsewhere::some};

// Here and below, the cases that most mutants show come first: each is refuted by the first one.
void unshare(Proof& proof) {
  Plan plan{.function = Function::call,
            .program = kOwn,
            .call = "t1.unshare(0)",
            .symbols = kLeft,
            .flags = flag::NEWUSER | flag::NEWUTS | flag::NEWTIME,
            .laws = task_as_flags_say};
  prove_plan(proof, plan);
  plan.symbols.users = Elsewhere::some;
  plan.symbols.capabilities = true;
  plan.program = kPending;
  plan.flags = flag::NEWNS | flag::NEWIPC | flag::SYSVSEM;
  prove_plan(proof, plan);
  // Whatever the old nsproxy held last goes with it.
  plan.program = kOwn;
  plan.symbols.namespaces = Elsewhere::none;
  plan.flags = flag::NEWUTS | flag::NEWNET;
  prove_plan(proof, plan);
  plan.symbols = {.namespaces = Elsewhere::some, .users = Elsewhere::some};
  plan.flags = flag::NEWNS | flag::NEWIPC | flag::FS | flag::FILES;
  prove_plan(proof, plan);
}

std::string open_ns_of(std::string_view whose, abi::NsLink link) {
  return "f0 = t1.open_ns(" + std::string(whose) + ", " + std::string(abi::name(link)) + ")\n";
}

void setns_file(Proof& proof) {
  for (std::size_t i = 0; i < abi::kNsLinks; ++i) {
    const auto link = static_cast<abi::NsLink>(i);
    if (link == abi::NsLink::pid || link == abi::NsLink::pid_for_children) continue;
    // Another's, whose owner t1 is the owner of; and its own.
    for (const std::string_view whose : {"t2", "t1"}) {
      const std::string program = std::string(kNested) + open_ns_of(whose, link);
      Plan plan{
          .function = Function::call,
          .program = program,
          .call = "t1.setns(f0, 0)",
          .symbols = {.users = Elsewhere::some, .others = Elsewhere::some, .capabilities = true},
          .flags = abi::Flags{},
          .laws = joined_as_flags_say};
      // Whether the fs or the mm is shared decides for these.
      const abi::NsType type = type_of(link);
      if (type == abi::NsType::mnt || type == abi::NsType::time || type == abi::NsType::user) {
        plan.symbols.others = Elsewhere::any;
      }
      if (type == abi::NsType::user) plan.symbols.users = Elsewhere::any;
      prove_plan(proof, plan);
    }
  }
  // One that t1 is in no position to join.
  Plan plan{.function = Function::call,
            .program = OWN_NAMESPACES "f0 = t0.open_ns(t0, uts)\n",
            .call = "t1.setns(f0, 0)",
            .symbols = {.capabilities = true},
            .flags = abi::Flags{},
            .laws = joined_as_flags_say};
  prove_plan(proof, plan);
  plan.program = OWN_NAMESPACES "f0 = t0.open_ns(t0, user)\n";
  prove_plan(proof, plan);
}

void setns_pidfd(Proof& proof) {
  Plan plan{.function = Function::call,
            .program = NESTED "f0 = t1.open_pidfd(t2)\n",
            .call = "t1.setns(f0, 0)",
            .symbols = {.namespaces = Elsewhere::some,
                        .users = Elsewhere::some,
                        .others = Elsewhere::any,
                        .capabilities = true},
            .flags = flag::NEWUSER | flag::NEWUTS | flag::NEWPID | flag::NEWTIME,
            .laws = joined_as_flags_say};
  prove_plan(proof, plan);
  plan.flags = flag::NEWNS | flag::NEWIPC | flag::NEWCGROUP | flag::NEWNET;
  prove_plan(proof, plan);
}

void clone3(Proof& proof) {
  // With an undo list to share.
  Plan plan{.function = Function::call,
            .program = "t1 = t0.fork()\nt1.semop()\n",
            .call = "t90, f9 = t1.clone3(CLONE_PIDFD, exit_signal=0)",
            .symbols = {.namespaces = Elsewhere::some,
                        .users = Elsewhere::some,
                        .others = Elsewhere::some},
            .flags = flag::SYSVSEM,
            .lends = false,
            .laws = child_as_flags_say};
  prove_plan(proof, plan);
  // The first process of a pid namespace, and one with a number at two levels.
  plan.program = "t1 = t0.fork()\nt1.unshare(CLONE_NEWPID)\n";
  plan.flags = flag::PIDFD;
  prove_plan(proof, plan);
  plan.program = kPending;
  plan.flags = flag::NEWUTS | flag::VM;
  prove_plan(proof, plan);
  plan.program = kOwn;
  plan.flags = flag::VM | flag::FS | flag::FILES | flag::SIGHAND | flag::THREAD | flag::SYSVSEM;
  prove_plan(proof, plan);
  plan.symbols = kLeft;
  plan.flags = flag::NEWUSER | flag::NEWUTS | flag::NEWPID | flag::PIDFD;
  prove_plan(proof, plan);
}

void execve(Proof& proof) {
  Plan plan{.function = Function::call,
            .program = kOwn,
            .call = "t1.execve()",
            .flags = abi::Flags{},
            .laws = time_as_exec_says};
  prove_plan(proof, plan);
  plan.program = kPrivileged;
  plan.symbols.namespaces = Elsewhere::some;
  prove_plan(proof, plan);
  // It leaves the handlers that another process shares.
  plan.program = "t1 = t0.clone(CLONE_VM|CLONE_SIGHAND|SIGCHLD)\n";
  prove_plan(proof, plan);
}

}  // namespace

std::vector<Theorem> call_theorems() {
  return {
      {"counts.unshare",
       "counts.calls",
       "unshare() gives the task what its flags name, or leaves everything as it was.",
       {},
       unshare,
       {kUnshareUcountsLeaksNsproxy,
        kUnshareLeaksNsproxy,
        kUnshareLeaksCred,
        kUnshareLeaksFiles,
        kUnshareLeaksFs,
        kUnshareFsNotCopiedAlone,
        kUnshareForgetsOldFs,
        kSetUcountsKeepsOld,
        kCommitForgetsOldCred,
        kCredForgetsUcounts,
        kCredForgetsUserNs,
        kUnshareCommitsCredEarly,
        kLentNotCounted,
        kUnshareNotCapable,
        kUnshareOwnedByOldUserNs,
        kCommitKeepsOldActive,
        kUnshareUserKeepsCred,
        kTakeOverFromShared,
        kUnshareForgetsOldFiles,
        kUserNsForgetsUncharge}},
      {"counts.setns_file",
       "counts.setns",
       "setns() on a namespace file replaces one namespace, and both time namespaces at once.",
       {},
       setns_file,
       {kInstallForgetsOld, kTimeInstallSwapsPutAndGet, kUserInstallKeepsOld, kInstallIgnoresOwner,
        kInstallIgnoresOwnUserNs, kUserInstallNotCapable, kInstallNotCounted,
        kUserInstallNotCounted, kFileKept, kFileNotCounted}},
      {"counts.setns_pidfd",
       "counts.setns",
       "setns() on a pidfd replaces all that its flags name or nothing.",
       {},
       setns_pidfd,
       {kSnapshotLeaksNsproxy, kNssetLeaksNsproxy, kNssetLeaksCred, kNssetLeaksFs,
        kInstallCommitsAtOnce, kInstallForgetsOld, kDiscardDeactivates, kTargetKeepsPidNs,
        kTargetKeepsUserNs, kTargetNotCounted, kTargetPidNsNotCounted, kTargetUserNsNotCounted}},
      {"counts.clone3",
       "counts.clone",
       "clone3() makes a child that holds each thing once, or nothing at all.",
       {},
       clone3,
       {kForkForgetsGet,         kCopyCredsLeaksCred,
        kAbortForgetsPid,        kAbortForgetsNsproxy,
        kAbortForgetsFs,         kAbortForgetsCred,
        kAbortForgetsPidfd,      kFirstForkFailureHarmless,
        kUserNsForgetsRefund,    kCloneOwnedByOldUserNs,
        kAbortKeepsActiveUser,   kAbortForgetsMm,
        kAbortForgetsSignal,     kAbortForgetsSighand,
        kAbortForgetsFiles,      kAbortForgetsUndo,
        kThreadForgetsCredRef,   kCredUserNsNotCounted,
        kCredUcountsNotCounted,  kUcountsUserNsNotCounted,
        kMmUserNsNotCounted,     kFilesNotCounted,
        kSighandNotCounted,      kSignalNotCounted,
        kFsNotCounted,           kMmNotCounted,
        kUndoNotCounted,         kAllocPidNotCounted,
        kPidFailureKeepsNumbers, kFailedNumberIsDrawnAgain,
        kCallerUndoNotCounted,   kPidFailureLeaksPid}},
      {"counts.execve",
       "counts.clone",
       "execve() replaces credentials and mm, and moves to the pending time namespace from 6.2 on.",
       {},
       execve,
       {kExecFailureLeaksCred, kMmForgetsUserNs, kCommitForgetsOldCred, kExecDoesNotMoveTime,
        kExecMmUserNsNotCounted, kExecForgetsOldMm, kTimeSwitchNotCounted, kExecKeepsFiles,
        kLateExecFailureKeepsCred, kExecKeepsSighand}},
  };
}

}  // namespace proofs
