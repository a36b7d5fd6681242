// Theorems about making: namespaces, their rollback, user namespaces, the nsset of setns.
#include "proofs/counts/effects.h"
#include "proofs/counts/groups.h"
#include "proofs/counts/scenes.h"

namespace proofs {
namespace {

using enum impl::Bug;
namespace flag = abi::flag;

void create_new_namespaces(Proof& proof) {
  Plan plan{.function = Function::create_new_namespaces,
            .program = kOwn,
            .call = "t1.unshare(0)",
            .flags = flag::NSPROXY,
            .lends = false,
            .laws = made_as_flags_say};
  prove_plan(proof, plan);
  plan.program = kPending;
  plan.flags = flag::NEWNS | flag::NEWCGROUP | flag::NEWTIME;
  prove_plan(proof, plan);
  plan.start = ",no-cgroup";
  prove_plan(proof, plan);
  plan.start = "";
  plan.program = kInitial;
  plan.call = "t0.unshare(0)";
  prove_plan(proof, plan);
  // A mount tree with something in it, and a caller whose real uid is another.
  plan.call = "t1.unshare(0)";
  plan.program =
      "t1 = t0.fork()\n"
      "t1.unshare(CLONE_NEWNS)\n"
      "f0 = t1.open_ns(t1, ipc)\n"
      "b0 = t1.bind_ns(f0)\n"
      "t1.setresuid(5, 0, 0)\n";
  plan.flags = flag::NEWNS | flag::NEWUTS;
  prove_plan(proof, plan);
}

void unshare_nsproxy_namespaces(Proof& proof) {
  Plan plan{.function = Function::unshare_nsproxy_namespaces,
            .program = kOwn,
            .call = "t1.unshare(0)",
            .symbols = {.capabilities = true},
            .flags = flag::NEWUTS | flag::NEWCGROUP,
            .lends = false,
            .laws = made_as_flags_say};
  prove_plan(proof, plan);
}

void create_user_ns(Proof& proof) {
  Plan plan{.function = Function::create_user_ns,
            .program = kOwn,
            .call = "t1.unshare(CLONE_NEWUSER)",
            .flags = abi::Flags{},
            .lends = false,
            .laws = no_task_moves};
  prove_plan(proof, plan);
  plan.program = "t0.chroot(inside)\n";  // it is refused after the charge
  plan.call = "t0.unshare(CLONE_NEWUSER)";
  prove_plan(proof, plan);
}

void prepare_nsset(Proof& proof) {
  Plan plan{.function = Function::prepare_nsset,
            .program = OWN_NAMESPACES
            "t3 = t1.clone3(CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWUTS)\n"
            "f0 = t1.open_pidfd(t3)\n",
            .call = "t1.setns(f0, 0)",
            .flags = flag::NEWUSER | flag::NEWNS | flag::NEWUTS,
            .laws = nothing_changes};
  prove_plan(proof, plan);
  plan.program = OWN_NAMESPACES
      "t3 = t1.clone3(CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWUTS)\n"
      "f0 = t1.open_pidfd(t3)\n"
      "t1.unshare(CLONE_NEWTIME)\n";
  prove_plan(proof, plan);
}

}  // namespace

std::vector<Theorem> make_theorems() {
  return {
      {"counts.create_new_namespaces",
       "counts.make",
       "create_new_namespaces() makes what its flags name and shares the rest; it changes each "
       "count as it changes the holders, and whichever step fails, it takes back all it did.",
       {},
       create_new_namespaces,
       {kCreateForgetsTime,      kRollbackForgetsMnt,     kRollbackForgetsUts,
        kRollbackForgetsIpc,     kRollbackForgetsPid,     kRollbackForgetsCgroup,
        kRollbackForgetsNet,     kRollbackLeaksNsproxy,   kMakeForgetsRefund,
        kMakeLeaksObject,        kChargeNotUndone,        kChargeFailureKeepsUcounts,
        kChargeOwnLevelOnly,     kUnchargeOwnLevelOnly,   kMakeForgetsOwner,
        kPidNsParentNotCounted,  kKeepForgetsMnt,         kKeepForgetsUts,
        kKeepForgetsIpc,         kKeepForgetsPid,         kKeepForgetsCgroup,
        kKeepForgetsNet,         kKeepForgetsTime,        kCopyTreeNotCounted,
        kUcountsFoundNotCounted, kTimeHasNoLimitOfItsOwn, kChargedToRealUid,
        kOwnUcountsNotCounted}},
      {"counts.unshare_nsproxy_namespaces",
       "counts.make",
       "unshare_nsproxy_namespaces() makes nothing without CAP_SYS_ADMIN over the owner-to-be.",
       {},
       unshare_nsproxy_namespaces,
       {kUnshareNotCapable}},
      {"counts.create_user_ns",
       "counts.make",
       "create_user_ns() moves credentials into a new user namespace, or charges nothing.",
       {},
       create_user_ns,
       {kUserNsForgetsRefund, kUserNsLeaksObject}},
      {"counts.prepare_nsset",
       "counts.make",
       "prepare_nsset() takes nothing that put_nsset() does not give back, and nothing if it "
       "fails.",
       {},
       prepare_nsset,
       {kPrepareLeaksNsproxy, kNssetLeaksNsproxy, kNssetLeaksCred, kNssetLeaksFs}},
  };
}

}  // namespace proofs
