// Theorems about exchanging and giving up: which nsproxy a task has, and what goes with the last
// reference on one.
#include "proofs/counts/effects.h"
#include "proofs/counts/groups.h"
#include "proofs/counts/scenes.h"

namespace proofs {
namespace {

using enum impl::Bug;
namespace flag = abi::flag;

// Every namespace of the old nsproxy, its owner and whom it was charged to may go, each or not.
void exit_task_namespaces(Proof& proof) {
  Plan plan{.function = Function::exit_task_namespaces,
            .program = kOwn,
            .call = "t1.exit_group()",
            .flags = abi::Flags{},
            .lends = false};
  prove_plan(proof, plan);
  plan.program = kPending;
  plan.symbols.namespaces = Elsewhere::none;
  prove_plan(proof, plan);
  plan.program = kOwnTime;
  plan.call = "t2.exit_group()";
  prove_plan(proof, plan);
}

void switch_task_namespaces(Proof& proof) {
  Plan plan{.function = Function::switch_task_namespaces,
            .program = kOwn,
            .call = "t1.unshare(CLONE_NEWUTS|CLONE_NEWNET)",
            .flags = abi::Flags{}};
  prove_plan(proof, plan);
  plan.program = kPending;
  plan.call = "t1.unshare(CLONE_NEWNS|CLONE_NEWIPC|CLONE_NEWCGROUP|CLONE_NEWTIME)";
  prove_plan(proof, plan);
  plan.program = kOwnTime;
  plan.call = "t2.unshare(CLONE_NEWUTS)";
  prove_plan(proof, plan);
}

void exec_task_namespaces(Proof& proof) {
  Plan plan{.function = Function::exec_task_namespaces,
            .program = kPending,
            .call = "t1.execve()",
            .flags = abi::Flags{},
            .laws = time_as_exec_says};
  prove_plan(proof, plan);
  plan.program = kOwn;
  prove_plan(proof, plan);
}

void copy_namespaces(Proof& proof) {
  Plan plan{.function = Function::copy_namespaces,
            .program = kPending,
            .call = "t90 = t1.clone3(0)",
            .symbols = {.capabilities = true},
            .flags = flag::NEWUTS | flag::NEWIPC | flag::NEWTIME | flag::VM | flag::SYSVSEM,
            .lends = false,
            .laws = child_as_flags_say};
  prove_plan(proof, plan);
  plan.program = kPrivileged;
  prove_plan(proof, plan);
  plan.program = kOwn;
  plan.flags = flag::NEWNS | flag::NEWCGROUP | flag::VM;
  prove_plan(proof, plan);
}

}  // namespace

std::vector<Theorem> exchange_theorems() {
  return {
      {"counts.exit_task_namespaces",
       "counts.exchange",
       "exit_task_namespaces() drops the task's nsproxy; what it held last is freed once, with its "
       "charges, its owner and so on upwards.",
       {},
       exit_task_namespaces,
       {kFreeForgetsMnt, kFreeForgetsUts, kFreeForgetsIpc, kFreeForgetsPid, kFreeForgetsCgroup,
        kFreeForgetsNet, kFreeForgetsTimeForChildren, kFreeForgetsTime, kFreeForgetsOwner,
        kFreeForgetsUncharge, kSwitchForgetsOld, kActivePutNotToOwner, kActivePutForgetsTime,
        kFreeNotDeactivated, kFreeBeforeDeactivate, kUnchargeKeepsUcounts}},
      {"counts.switch_task_namespaces",
       "counts.exchange",
       "switch_task_namespaces() gives the task the new nsproxy, brings it into use, and drops the "
       "old one.",
       {},
       switch_task_namespaces,
       {kSwitchForgetsOld, kSwitchNotActivated, kActiveGetNotToOwner, kActiveGetForgetsTime}},
      {"counts.exec_task_namespaces",
       "counts.exchange",
       "exec_task_namespaces() moves the task to its pending time namespace, alone or with others "
       "on its nsproxy.",
       {},
       exec_task_namespaces,
       {kTimeSwitchForgetsOld, kLentNotCounted, kTakeOverKeepsRest, kTakeOverKeepsOld}},
      {"counts.copy_namespaces",
       "counts.exchange",
       "copy_namespaces() shares the parent's nsproxy or makes the child one, in the time "
       "namespace "
       "that the version says.",
       {},
       copy_namespaces,
       {kForkForgetsGet, kTimeSwitchForgetsOld, kFastPathIgnoresTime, kForkDoesNotMoveTime,
        kVmCloneMovesTime, kCloneNotCapable, kTimeSwitchNotCounted}},
  };
}

}  // namespace proofs
