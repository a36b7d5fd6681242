// Theorems about what else holds namespaces: tasks until they are reaped, files, binds,
// credentials.
#include "proofs/counts/effects.h"
#include "proofs/counts/groups.h"
#include "proofs/counts/scenes.h"

namespace proofs {
namespace {

using enum impl::Bug;

struct Case {
  std::string_view start, program, call;
};

void prove_calls(Proof& proof, std::initializer_list<Case> cases, const Symbols& symbols,
                 Laws laws = nullptr) {
  for (const Case& c : cases) {
    prove_plan(proof, {.function = Function::call,
                       .start = c.start,
                       .program = c.program,
                       .call = c.call,
                       .symbols = symbols,
                       .flags = abi::Flags{},
                       .lends = false,
                       .laws = laws});
  }
}

void exit_and_wait(Proof& proof) {
  constexpr Symbols left{.namespaces = Elsewhere::some};
  prove_calls(proof,
              {{"", kOwn, "t1.exit_group()"},
               {"", OWN_NAMESPACES "t1.exit_group()\n", "t0.wait(t1)"},
               {"", "t1 = t0.fork()\nt1.semop()\n", "t1.exit_group()"}},
              left);
  // Its mount namespace goes, with what is mounted in it.
  prove_calls(
      proof,
      {{"", OWN_NAMESPACES "f0 = t1.open_ns(t1, uts)\nb0 = t1.bind_ns(f0)\n", "t1.exit_group()"}},
      {.namespaces = Elsewhere::none});
}

void files(Proof& proof) {
  constexpr Symbols left{.namespaces = Elsewhere::any, .others = Elsewhere::any};
  prove_calls(
      proof,
      {{"", kOwn, "f0 = t0.open_ns(t1, uts)"},
       {"", OWN_NAMESPACES "f0 = t0.open_ns(t1, uts)\n", "f1 = t0.open_ns(t1, uts)"},
       {"", OWN_NAMESPACES "f0 = t0.open_ns(t1, net)\n", "t0.close(f0)"},
       {"", OWN_NAMESPACES "f0 = t0.open_ns(t1, user)\nt0.kill(t1)\nt0.wait(t1)\n", "t0.close(f0)"},
       {"", OWN_NAMESPACES "f0 = t0.open_ns(t1, pid)\nt0.kill(t1)\nt0.wait(t1)\n", "t0.close(f0)"},
       {"", kOwn, "f0 = t0.open_pidfd(t1)"},
       {"", OWN_NAMESPACES "f0 = t0.open_pidfd(t1)\nt0.kill(t1)\nt0.wait(t1)\n", "t0.close(f0)"},
       {"", OWN_NAMESPACES "f0 = t0.open_ns(t1, ipc)\n", "b0 = t0.bind_ns(f0)"},
       {"", OWN_NAMESPACES "f0 = t0.open_ns(t1, ipc)\nb0 = t0.bind_ns(f0)\nt0.close(f0)\n",
        "t0.unbind_ns(b0)"},
       {"", kOwn, "f0 = t0.open_file(proc_dir, t1)"},
       {"", OWN_NAMESPACES "f0 = t0.open_file(proc_dir, t1)\n", "t0.close(f0)"},
       {"", kOwn, "f0 = t1.open_file(socket)"},
       {"", OWN_NAMESPACES "f0 = t1.open_file(socket)\n", "t1.close(f0)"},
       {"", kOwn, "f0 = t1.open_file(cgroupfs)"},
       {"", OWN_NAMESPACES "f0 = t1.open_file(cgroupfs)\n", "t1.close(f0)"},
       {"", OWN_NAMESPACES "f0 = t0.open_ns(t1, uts)\n", "f1 = t0.ioctl(f0, NS_GET_USERNS)"},
       {"", OWN_NAMESPACES "f0 = t0.open_ns(t1, pid)\n", "f1 = t0.ioctl(f0, NS_GET_PARENT)"},
       {"", OWN_NAMESPACES "f0 = t0.open_pidfd(t1)\n",
        "f1 = t0.ioctl(f0, PIDFD_GET_NET_NAMESPACE)"},
       // Refused: it has no process yet.
       {"", OWN_NAMESPACES "t1.unshare(CLONE_NEWPID)\n", "f0 = t1.open_ns(t1, pid_for_children)"}},
      left);
}

void credentials(Proof& proof) {
  prove_calls(
      proof,
      {{"", "", "t0.setresuid(5, 5, 5)"},
       {"", "", "t0.setresuid(5, 0, 0)"},
       {"", OWN_NAMESPACES, "t1.setresuid(0, 0, 0)"},
       {"", "", "t0.capset(effective=none, permitted=none, inheritable=none)"},
       {" caps=none", "", "t0.capset(effective=CAP_KILL, permitted=CAP_KILL, inheritable=none)"}},
      {}, counts_for_real_uid);
}

// Who used it last is nobody, the caller or another, whose pid namespace goes or stays.
void semaphores(Proof& proof) {
  prove_calls(
      proof,
      {{"", "", "t0.semop()"},
       {"", kOwn, "t1.semop()"},
       {"", OWN_NAMESPACES "t1.semop()\n", "t1.semop()"},
       {"", "t1 = t0.fork()\nt1.semop()\n", "t0.semop()"},
       {"", "t1 = t0.clone(CLONE_NEWPID|SIGCHLD)\nt1.semop()\nt1.exit_group()\nt0.wait(t1)\n",
        "t0.semop()"},
       {"",
        "t1 = t0.clone(CLONE_NEWIPC|CLONE_NEWPID|SIGCHLD)\nt1.semop()\n"
        "f0 = t0.open_ns(t1, ipc)\nt0.kill(t1)\nt0.wait(t1)\n",
        "t0.close(f0)"}},
      {.namespaces = Elsewhere::any, .others = Elsewhere::any});
}

void proc_files(Proof& proof) {
  prove_calls(proof,
              {{"", "t0.unshare(CLONE_NEWUSER)\n", "t0.write_uid_map(t0, [0 0 1])"},
               {"", "t0.unshare(CLONE_NEWUSER)\n", "t0.write_setgroups(t0, deny)"},
               {"", "t0.unshare(CLONE_NEWTIME)\n", "t0.write_timens(t0, 1, 0)"}},
              {});
}

}  // namespace

std::vector<Theorem> task_theorems() {
  return {
      {"counts.exit",
       "counts.tasks",
       "exit and wait drop what a task holds, each at its time.",
       {},
       exit_and_wait,
       {kExitKeepsNsproxy, kReapForgetsCred, kPidForgetsNs, kFreePidForgetsRef, kMmForgetsUserNs,
        kExitForgetsMm, kExitForgetsFiles, kExitForgetsFs, kUndoForgotten, kReapForgetsSighand,
        kReapForgetsSignal, kDissolveForgetsMounts}},
      {"counts.files",
       "counts.tasks",
       "Open files, those that an ioctl opens, and binds hold what they show, until the last "
       "close.",
       {},
       files,
       {kNsfsRefPerOpen,         kEvictForgetsNs,        kNsfsFailureLeaksNs,
        kOpenFailureLeaksInode,  kPidfdForgetsPid,       kFileForgetsPid,
        kFileForgetsCred,        kMountForgetsInode,     kPidForgetsNs,
        kUserNsForgetsParent,    kPidNsForgetsParent,    kNsfsNotActivated,
        kEvictKeepsActive,       kBindNotCounted,        kStashedNotCounted,
        kOpenerNotCounted,       kSocketNotCounted,      kCgroupFileNotCounted,
        kFileForgetsInode,       kFileForgetsNet,        kFileForgetsCgroup,
        kPidfdOpenKeepsPid,      kOpenRefusalKeepsPidNs, kLinkNotCounted,
        kPidfdOpenNotCounted,    kUnbindKeepsMount,      kProcDirNotCounted,
        kProcDirFailureKeepsPid, kOwnerNotCounted,       kParentNotCounted}},
      {"counts.credentials",
       "counts.tasks",
       "New credentials replace the old ones and their ucounts.",
       {},
       credentials,
       {kSetUcountsKeepsOld, kCommitForgetsOldCred, kCredForgetsUcounts, kCredForgetsUserNs,
        kUcountsForgetUserNs, kCapsetKeepsCred, kSetIdsKeepsCred, kSetUcountsByEuid}},
      {"counts.semaphore",
       "counts.tasks",
       "A semaphore holds the struct pid of who used it last, until another does or it goes.",
       {},
       semaphores,
       {kSempidNotCounted, kSempidKeepsFormer, kIpcNsKeepsSempid, kPidForgetsNs}},
      {"counts.proc_files",
       "counts.tasks",
       "Writing an id map, setgroups or time offsets holds nothing when it is done.",
       {},
       proc_files,
       {kIdMapKeepsUserNs, kTimensKeepsNs, kMapTargetNotCounted, kTimensTargetNotCounted,
        kSetgroupsKeepsUserNs}},
  };
}

}  // namespace proofs
