// The life of tasks: pids, parents, exit, reaping, the death of a pid namespace, credentials'
// commit. The rules TASK-01 to TASK-10 and EXIT-01 to EXIT-07 are effects; they live here.
#pragma once

#include <span>

#include "model/make.h"

namespace model {

// The parent of the task's process, kNoSlot for outside.
Slot parent_of(const State& s, const Task& t);
void add_child(State& s, Slot parent, Slot leader);
void add_thread(State& s, Slot signal, Slot task);
Slot copy_sighand(State& s, Slot of);

// alloc_pid(): a struct pid with a number at each level of `ns`; `wanted` names the innermost ones.
Slot alloc_pid(State& s, Slot ns, std::span<const std::int32_t> wanted);
// Numbers that a failing clone had drawn: `count` levels from `first` on, the innermost being 0,
// which is that of a namespace made by the same call or that of `ns`.
struct DrawnLevels {
  std::uint32_t first = 0, count = 0;
  bool made = false;
};
// They are free again, and the next ones are others (TASK-07).
void numbers_lost(State& s, Slot ns, const DrawnLevels& drawn);
// A struct pid was made and is given up again by a failing clone: PIDNS-11.
void first_pid_lost(State& s, Slot ns);

// The parent of a vfork child runs again.
void end_vfork(State& s, Slot child);
// ipc_update_pid(): the ipc namespace's semaphore was used by the task's thread group last
// (SEM-02).
void note_sempid(State& s, Slot ipc, Slot task);
// Leaves the undo list; its last sharer's adjustments are taken back where the task is (SEM-01).
void exit_sem(State& s, Slot task);
// do_exit() of one thread, to the zombie or beyond it.
void exit_task(State& s, Slot task);
// All threads of the process.
void exit_group(State& s, Slot signal);
// release_task(): the zombie goes.
void reap(State& s, Slot task);

// de_thread(): the caller is left alone in its group and is its leader (TASK-08).
void become_sole_leader(State& s, Slot task);

// commit_creds(): dumpability by CRED-03, then the task's cred becomes `cred`.
void commit_creds(State& s, Slot task, Slot cred);
// The task's nsproxy becomes `nsproxy` (switch_task_namespaces).
void switch_task_namespaces(State& s, Slot task, Slot nsproxy);
// Every task that shares this fs shows another root.
void touch_sharers(State& s, Slot fs);

}  // namespace model
