// Seeded bugs: mistakes that somebody made or could make, as switches in the implementation.
//
// A policy names its bugs' type. NoBugs is what ships: has() is a constant, and the compiler drops
// the other branch. SeededBug compares with one value given at run time, so that a single further
// instantiation serves all mutants. In code it reads
//
//     if (!cpu.bug(Bug::kFreeForgetsSecondTime)) put_time_ns(cpu, ns->time_ns_for_children);
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "abi/namespace.h"

namespace impl {

enum class Bug : std::uint16_t {
  kNone,
  // flags: clone
  kPidfdSamePointer,
  kNewnsWithFs,
  kNewuserWithFs,
  kUsernsOffIgnored,
  kThreadWithoutSighand,
  kSighandWithoutVm,
  kParentByInit,
  kThreadWithNewuser,
  kThreadWithPendingPid,
  kPendingPidRefusesVm,
  kPendingTimeRefused,
  kPendingTimeAccepted,
  kPidfdDetached,
  // flags: clone3
  kClone3TailIgnored,
  kClone3TakesUnknownFlags,
  kClone3NoNewtime,
  kClone3SignalWithThread,
  // flags: unshare
  kNewuserImpliesNoThread,
  kNewpidImpliesThread,
  kNewnsImpliesNoFs,
  kUnshareTakesUnknownFlags,
  kUnshareThreaded,
  kUnshareSharedSighand,
  kUnshareSharedVm,
  kGroupEmptyAsksLiveThreads,
  kSingleThreadedIgnoresMm,
  // flags: setns
  kSetnsTakesUnknownFlags,
  kSetnsTypeNotCompared,
  kOPathUsable,
  kPidfdIoctlIgnoresArg,
  // counts: nsproxy
  kForkForgetsGet,
  kCreateForgetsTime,
  kSwitchForgetsOld,
  kFreeForgetsMnt,
  kFreeForgetsUts,
  kFreeForgetsIpc,
  kFreeForgetsPid,
  kFreeForgetsCgroup,
  kFreeForgetsNet,
  kFreeForgetsTimeForChildren,
  kFreeForgetsTime,
  kTimeSwitchForgetsOld,
  kInstallForgetsOld,
  kTimeInstallSwapsPutAndGet,
  kSnapshotLeaksNsproxy,
  kLentNotCounted,
  kTakeOverFromShared,
  // counts: namespaces
  kFreeForgetsOwner,
  kFreeForgetsUncharge,
  kUserNsForgetsParent,
  kPidNsForgetsParent,
  kMountForgetsInode,
  kNsfsRefPerOpen,
  kEvictForgetsNs,
  // counts: user counts
  kUcountsForgetUserNs,
  kChargeOwnLevelOnly,
  kUnchargeOwnLevelOnly,
  kSetUcountsKeepsOld,
  // counts: tasks
  kThreadForgetsCredRef,
  kCommitForgetsOldCred,
  kCredForgetsUcounts,
  kCredForgetsUserNs,
  kUserInstallKeepsOld,
  kMmForgetsUserNs,
  kReapForgetsCred,
  kPidForgetsNs,
  kFreePidForgetsRef,
  kPidfdForgetsPid,
  kFileForgetsPid,
  kFileForgetsCred,
  kExitKeepsNsproxy,
  kUnshareForgetsOldFs,
  // rollback
  kRollbackForgetsMnt,
  kRollbackForgetsUts,
  kRollbackForgetsIpc,
  kRollbackForgetsPid,
  kRollbackForgetsCgroup,
  kRollbackForgetsNet,
  kRollbackLeaksNsproxy,
  kMakeForgetsRefund,
  kMakeLeaksObject,
  kChargeNotUndone,
  kChargeFailureKeepsUcounts,
  kUserNsForgetsRefund,
  kCopyCredsLeaksCred,
  kAbortForgetsPid,
  kAbortForgetsNsproxy,
  kAbortForgetsFs,
  kAbortForgetsCred,
  kAbortForgetsPidfd,
  kPidFailureKeepsNumbers,
  kFirstForkFailureHarmless,
  kUnshareUcountsLeaksNsproxy,
  kUnshareLeaksNsproxy,
  kUnshareLeaksCred,
  kUnshareLeaksFs,
  kUnshareFsNotCopiedAlone,
  kPrepareLeaksNsproxy,
  kNssetLeaksNsproxy,
  kNssetLeaksCred,
  kNssetLeaksFs,
  kNsfsFailureLeaksNs,
  kOpenFailureLeaksInode,
  kExecFailureLeaksCred,
  // caps
  kCapAskedOfInitNs,
  kCapNoOwnerRule,
  kCapOwnerIgnoresUid,
  kCapOwnerOfAnyDescendant,
  kCloneNotCapable,
  kUnshareNotCapable,
  kCloneOwnedByOldUserNs,
  kUnshareOwnedByOldUserNs,
  kInstallAsksNewCred,
  kInstallAsksOldUserNs,
  kInstallIgnoresOwner,
  kInstallIgnoresOwnUserNs,
  kMntInstallIgnoresChrootCap,
  kMntInstallSharedFs,
  kUserInstallSame,
  kUserInstallThreaded,
  kUserInstallSharedFs,
  kUserInstallNotCapable,
  kPidInstallAcceptsAncestors,
  kPidNsForeignOwner,
  kNewpidTwiceAllowed,
  kLevelLimitsExchanged,
  kChrootNotAsked,
  kUidMappingNotAsked,
  kGidMappingNotAsked,
  kBoundingKeptInNewUserNs,
  kSetgroupsNotInherited,
  kSetgroupsReallowed,
  kSetgroupsDeniedAfterMap,
  kGidMapWithoutDeny,
  kIdMapNotCapable,
  kIdMapNotTranslated,
  kCommitKeepsDumpable,
  kPtraceAlwaysAllowed,
  kPtraceIgnoresDumpable,
  kForeignOwnerVisible,
  kSetresuidNotCapable,
  kCapsetRaisesPermitted,
  kExecKeepsCaps,
  kTidNotCapable,
  kTidWithoutInit,
  kInitKillable,
  kBindNotCapable,
  kBindAllowsLoops,
  kUnbindIgnoresLock,
  kCopyTreeLocksNothing,
  kCopyTreeCopiesMntBinds,
  kCopyMntLeavesRoot,
  kCommitForgetsRoot,
  // order
  kChrootBeforeQuota,
  kUnshareNsproxyBeforeUser,
  kUnshareCommitsCredEarly,
  kSemUndoOnFailure,
  kSemUndoAfterSwitch,
  kUnshareIpcKeepsUndo,
  kSetnsIpcKeepsUndo,
  kNewipcWithSysvsem,
  kInstallTimeBeforeUts,
  kInstallUserLast,
  kInstallCommitsAtOnce,
  kTimeInstallEpermFirst,
  kUserInstallEpermFirst,
  kPidInstallEinvalFirst,
  kMntInstallSharedFirst,
  kZombieEsrchBeforePtrace,
  kDeadPidNsKeepsEperm,
  kForkIntoDeadPidNs,
  kZapKeepsAdding,
  kZapDoesNotWait,
  kZapSparesNested,
  // time
  kFastPathIgnoresTime,
  kFastPathIgnoresVm,
  kForkDoesNotMoveTime,
  kVmCloneMovesTime,
  kExecDoesNotMoveTime,
  kTimeInstallOnlyCurrent,
  kTimeInstallThreaded,
  kPidfdTakesTimeForChildren,
  kPidfdTakesPidForChildren,
  kPidForChildrenAlwaysOpens,
  kTimeNeverFreezes,
  kFrozenCopied,
  kTimeOffsetsNotInherited,
  kFrozenOffsetsWritable,
  kNanosecondsNotChecked,
  // active
  kActiveGetNotToOwner,
  kActivePutNotToOwner,
  kActiveGetForgetsTime,
  kActivePutForgetsTime,
  kDiscardDeactivates,
  kFreeNotDeactivated,
  kFreeBeforeDeactivate,
  kSwitchNotActivated,
  kCommitKeepsOldActive,
  kReapKeepsActiveUser,
  kAbortKeepsActiveUser,
  kFreePidKeepsActive,
  kNsfsNotActivated,
  kEvictKeepsActive,
  kEvictPutsBeforeActive,
  // memory
  kPublishRelaxed,
  kPutRelaxed,
  kFreeBeforeReaders,
  kSnapshotWithoutTryGet,
  // every other reference
  kMakeForgetsOwner,
  kPidNsParentNotCounted,
  kKeepForgetsMnt,
  kKeepForgetsUts,
  kKeepForgetsIpc,
  kKeepForgetsPid,
  kKeepForgetsCgroup,
  kKeepForgetsNet,
  kKeepForgetsTime,
  kInstallNotCounted,
  kTimeSwitchNotCounted,
  kCopyTreeNotCounted,
  kBindNotCounted,
  kStashedNotCounted,
  kOpenerNotCounted,
  kSocketNotCounted,
  kCgroupFileNotCounted,
  kUcountsFoundNotCounted,
  kUcountsUserNsNotCounted,
  kCredUserNsNotCounted,
  kCredUcountsNotCounted,
  kMmUserNsNotCounted,
  kExecMmUserNsNotCounted,
  kFilesNotCounted,
  kSighandNotCounted,
  kSignalNotCounted,
  kFsNotCounted,
  kMmNotCounted,
  kUndoNotCounted,
  kAllocPidNotCounted,
  kFileForgetsInode,
  kFileForgetsNet,
  kFileForgetsCgroup,
  kTargetKeepsPidNs,
  kTargetKeepsUserNs,
  kUnchargeKeepsUcounts,
  kExitForgetsMm,
  kExitForgetsFiles,
  kExitForgetsFs,
  kUndoForgotten,
  kReapForgetsSighand,
  kReapForgetsSignal,
  kExecForgetsOldMm,
  kPidfdOpenKeepsPid,
  kIdMapKeepsUserNs,
  kTimensKeepsNs,
  kTimeHasNoLimitOfItsOwn,
  kChargedToRealUid,
  kSetUcountsByEuid,
  // flags, continued
  kClone3AnySize,
  kClone3AnySignal,
  kClone3AnyStack,
  kClone3SetTidNull,
  kClone3ClearSighand,
  kClone3AnyCgroup,
  kClone3Detached,
  kPidfdThreadAlways,
  kParentWithPendingPid,
  kUnshareThreadAsksMm,
  kSetnsTakesNoFlags,
  kSetnsUnconfigured,
  kRegularFileIsBad,
  kUnconfiguredLinkOpens,
  // rollback, continued
  kAbortForgetsMm,
  kAbortForgetsSignal,
  kAbortForgetsSighand,
  kAbortForgetsFiles,
  kAbortForgetsUndo,
  kUnshareUserKeepsCred,
  kUnshareLeaksFiles,
  kCapsetKeepsCred,
  kSetIdsKeepsCred,
  kOpenRefusalKeepsPidNs,
  kFailedNumberIsDrawnAgain,
  // caps, continued
  kUserLevelUnlimited,
  kPidLevelUnlimited,
  kPtraceIgnoresGid,
  kPtraceIgnoresCaps,
  kPtraceAlwaysEffective,
  kKillNotCapable,
  kSubreaperIgnored,
  kSetuidKeepsCaps,
  kOwnerIsRealUid,
  kRootMapNotAsked,
  kLimitNotCapable,
  kTimensNotCapable,
  kAmbientKeptInNewUserNs,
  kKeepCapsKept,
  kPidLinkShowsChildren,
  // order, continued
  kSysvsemBeforeCapable,
  kPidDepthFirst,
  kTidTakenFirst,
  kPidfdArgFirst,
  kUsernsOffLast,
  // time, continued
  kOffsetsOfCurrent,
  kExecMovesTimeAlways,
  kExecSwitchesInPlace,
  // active, continued
  kAllocPidNotActivated,
  kForkNotActivated,
  kCloneNotActivated,
  kCommitNotActivated,
  kCount,  // number of entries, not a bug
};

// What a bug breaks, and so which check should see it.
enum class BugGroup : std::uint8_t { flags, counts, rollback, caps, order, time, active, memory };

struct BugInfo {
  Bug bug = Bug::kNone;
  std::string_view name;    // "free_forgets_second_time"
  std::string_view says;    // one sentence
  std::string_view source;  // BUG-xx or MUT-xx of semantics.md, or "own"
  BugGroup group = BugGroup::counts;
};

// Every bug but kNone, in the enum's order.
std::span<const BugInfo> bugs();
std::string_view name(BugGroup g);
// The bug of that name (not kNone).
std::optional<Bug> bug_from(std::string_view word);

struct NoBugs {
  static constexpr bool kSeeded = false;
  static constexpr bool has(Bug) { return false; }
};

class SeededBug {
 public:
  static constexpr bool kSeeded = true;
  SeededBug() = default;
  explicit SeededBug(Bug active) : active_(active) {}
  bool has(Bug b) const { return b == active_; }

 private:
  Bug active_ = Bug::kNone;
};

}  // namespace impl
