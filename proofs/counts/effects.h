// What a successful function must have changed, as its flags and its kernel's version say: the
// laws of change, time and capability. Written from the semantics (NSP-01, CLONE-30 to 41,
// UNSHARE-41, SETNS-30, SETNS-90, EXEC-01, CAP-01), in terms of the heap before and after.
#pragma once

#include "proofs/counts/plan.h"

namespace proofs {

// create_new_namespaces, unshare_nsproxy_namespaces: of the nsproxy that the caller gets.
void made_as_flags_say(Judge& judge, const Ran& ran, const Situation& s);
// copy_namespaces and clone3: of the child, and of its parent.
void child_as_flags_say(Judge& judge, const Ran& ran, const Situation& s);
// unshare: of the task. prepare_nsset: nothing.
void task_as_flags_say(Judge& judge, const Ran& ran, const Situation& s);
// setns: of the task, and only what it has joined.
void joined_as_flags_say(Judge& judge, const Ran& ran, const Situation& s);
// execve, exec_task_namespaces: the pending time namespace alone.
void time_as_exec_says(Judge& judge, const Ran& ran, const Situation& s);
// The others: whatever tasks there still are lead to the same namespaces as before.
void no_task_moves(Judge& judge, const Ran& ran, const Situation& s);
// Credentials: each task's count for its real uid, in its own user namespace (UCNT-01, BUG-50).
void counts_for_real_uid(Judge& judge, const Ran& ran, const Situation& s);
// The function gives back everything that it took: as a failing one.
void nothing_changes(Judge& judge, const Ran& ran, const Situation& s);

}  // namespace proofs
