// The theorems about flags, their budgets and the mutants that each must refute.
#include "proofs/flags/theorems.h"

#include "proofs/flags/agree.h"
#include "proofs/flags/prove_creation.h"
#include "proofs/flags/prove_forbidden.h"
#include "proofs/flags/witness.h"

namespace proofs {
namespace {

using enum impl::Bug;

const std::vector<impl::Bug> kCloneBugs = {
    kPidfdSamePointer,     kNewnsWithFs,         kNewuserWithFs,       kUsernsOffIgnored,
    kThreadWithoutSighand, kSighandWithoutVm,    kParentByInit,        kThreadWithNewuser,
    kThreadWithPendingPid, kPendingPidRefusesVm, kPendingTimeRefused,  kPendingTimeAccepted,
    kPidfdDetached,        kPidfdThreadAlways,   kParentWithPendingPid};

const Theorem kTheorems[] = {
    {"flags.clone",
     "flags",
     "for every word, state and kernel, clone's flag checks give the errno that the rules give",
     {},
     prove_clone,
     kCloneBugs},
    {"flags.clone3",
     "flags",
     "for every word, struct, state and kernel, clone3's checks give the errno that the rules give",
     {},
     prove_clone3,
     {kClone3TailIgnored, kClone3TakesUnknownFlags, kClone3NoNewtime, kClone3SignalWithThread,
      kClone3AnySize, kClone3AnySignal, kClone3AnyStack, kClone3SetTidNull, kClone3ClearSighand,
      kClone3AnyCgroup, kClone3Detached}},
    {"flags.clone_is_clone3",
     "flags",
     "where both are defined, clone3 judges flags as the rules of clone do",
     {},
     prove_clone_is_clone3,
     {kSighandWithoutVm, kNewuserWithFs, kThreadWithNewuser}},
    {"flags.unshare",
     "flags",
     "for every word, state and kernel, unshare implies the flags and gives the errno that the "
     "rules give",
     {},
     prove_unshare,
     {kNewuserImpliesNoThread, kNewpidImpliesThread, kNewnsImpliesNoFs, kUnshareTakesUnknownFlags,
      kUnshareThreaded, kUnshareSharedSighand, kUnshareSharedVm, kUnshareThreadAsksMm}},
    {"flags.setns_pidfd",
     "flags",
     "for every word and every set of configured types, setns on a pidfd accepts the flags that "
     "the rules accept",
     {},
     prove_setns_pidfd,
     {kSetnsTakesUnknownFlags, kSetnsTakesNoFlags, kSetnsUnconfigured}},
    {"flags.setns_file",
     "flags",
     "for every word, setns on a namespace of each type and on other files accepts the flags that "
     "the rules accept",
     {},
     prove_setns_file,
     {kSetnsTypeNotCompared, kRegularFileIsBad}},
    {"tables.reachable",
     "tables",
     "in each call's table on each kernel, every rule decides some state; a program for each entry "
     "rule shows it",
     {},
     prove_reachable,
     {kNewnsWithFs, kOPathUsable, kSetnsTypeNotCompared, kGroupEmptyAsksLiveThreads,
      kSingleThreadedIgnoresMm}},
    {"tables.order",
     "tables",
     "of two entry rules with different errnos the first wins, shown by a program; or no state "
     "exists in which their order decides",
     {},
     prove_order,
     {kUsernsOffIgnored, kClone3TailIgnored}},
    {"tables.forbidden",
     "tables",
     "the combinations in docs/flags.md are forbidden, minimal and complete, and the kernel "
     "refuses "
     "each",
     {},
     prove_forbidden,
     {kThreadWithoutSighand, kPidfdDetached, kUnshareTakesUnknownFlags}},
    {"creation.unshare",
     "creation",
     "for every word, configuration, quota, capability and failing step, unshare makes namespaces "
     "or "
     "fails as the rules say",
     {},
     prove_unshare_creation,
     {kUnshareNotCapable, kNewpidTwiceAllowed, kPidNsForeignOwner, kLevelLimitsExchanged}},
    {"creation.clone",
     "creation",
     "for every word, configuration, quota, capability and failing step, clone makes namespaces or "
     "fails as the rules say",
     {},
     prove_clone_creation,
     {kNewipcWithSysvsem}},
    {"creation.unshare_user",
     "creation",
     "for every word with CLONE_NEWUSER, unshare makes the user namespace and what is under it, or "
     "fails as the rules say",
     {},
     prove_unshare_user,
     {kChrootNotAsked, kUidMappingNotAsked, kUnshareNsproxyBeforeUser}},
    {"creation.clone_user",
     "creation",
     "for every word with CLONE_NEWUSER, clone makes the user namespace and what is under it, or "
     "fails as the rules say",
     {},
     prove_clone_user,
     {kGidMappingNotAsked, kChrootBeforeQuota}},
    {"creation.setns_user",
     "creation",
     "for every state, setns refuses a user namespace with the errno that the rules give",
     {},
     prove_user_install,
     {kUserInstallSame, kUserInstallThreaded, kUserInstallSharedFs, kUserInstallNotCapable,
      kUserInstallEpermFirst}},
};

}  // namespace

std::span<const Theorem> flag_theorems() { return kTheorems; }

}  // namespace proofs
