// Questions about a state that rules ask: pure functions, each after a kernel function.
#pragma once

#include "model/state.h"

namespace model {

const Cred& cred_of(const State& s, const Task& t);
Slot user_ns_of(const State& s, const Task& t);
// The pid namespace that the task lives in (task_active_pid_ns).
Slot active_pid_ns(const State& s, const Task& t);
// A namespace of the task's nsproxy; the task has not exited.
Slot slot_ns(const State& s, const Task& t, NsLink link);
// What /proc/PID/ns/LINK shows; kNoSlot once the nsproxy is gone.
Slot link_ns(const State& s, const Task& t, NsLink link);
// The kernel is built without this type: no links, no new ones. There is no CONFIG_MNT_NS.
bool unconfigured(const State& s, NsType type);

// CAP-01, cap_capable(): `cap` over user namespace `target` by credentials `c`.
bool ns_capable(const State& s, const Cred& c, Slot target, int cap);
// Is user namespace `ancestor` `ns` itself or above it (in_userns)?
bool in_userns(const State& s, Slot ancestor, Slot ns);
// Is pid namespace `ancestor` `ns` itself or above it?
bool in_pid_ns(const State& s, Slot ancestor, Slot ns);

// Kernel id of an id as `user_ns` shows it; nothing (kUnchanged) without a mapping: make_kuid().
abi::Id make_kid(const Extents& map, abi::Id id);
// The inverse: from_kuid().
abi::Id from_kid(const Extents& map, abi::Id kid);

bool is_live(const Task& t);  // running or blocked
// TEST-A: another task is in the thread list, an unreaped leader included.
bool group_shared(const State& s, const Task& t);
// Tasks of the group that have not exited, counted up to two.
int live_threads(const State& s, Slot signal);
// TEST-B, current_is_single_threaded().
bool single_threaded(const State& s, const Task& t);
// The task's root is not the root of its mount namespace (current_chrooted).
bool chrooted(const State& s, const Task& t);
bool same_group(const Task& a, const Task& b);

// UCNT-01: would one more namespace of this type, made in `user_ns` by `uid`, exceed a limit?
bool quota_full(const State& s, Slot user_ns, abi::Id uid, NsType type);
// The ucounts of (user_ns, uid), kNoSlot if there is none.
Slot find_ucounts(const State& s, Slot user_ns, abi::Id uid);

// SETNS-11, ptrace_may_access(READ): FSCREDS (proc) or REALCREDS (setns).
bool may_inspect(const State& s, const Task& caller, const Task& target, bool fscreds);

// The number of a struct pid in a pid namespace, 0 if it has none there.
std::int32_t number_in(const State& s, Slot pid, Slot ns);
// The struct pid with that number there, or kNoSlot.
Slot pid_by_number(const State& s, Slot ns, std::int32_t number);

// ACT-INV: active uses of a namespace, derived from who uses it; 0 for initial ones.
std::uint32_t active_uses(const State& s, Slot ns);
// Does the profile have active references at all?
bool has_active(const State& s);

}  // namespace model
