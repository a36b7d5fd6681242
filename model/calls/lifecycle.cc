// execve, exit, kill, wait (fs/exec.c, kernel/exit.c, kernel/signal.c, 6.18).
#include "model/calls/calls.h"

namespace model::calls {

namespace {

struct ExecFacts {
  const State& s;
  const Task& t;
  bool always() const { return true; }
  bool time_pending() const {
    return slot_ns(s, t, NsLink::time) != slot_ns(s, t, NsLink::time_for_children);
  }
};

struct WaitFacts {
  const State& s;
  const Task& t;
  Slot child;
  bool not_child() const {
    if (child == kNoSlot) return true;
    const Task& c = s.tasks[child];
    if (s.signals[c.signal.at].leader != child || c.parent == kNoSlot) return true;
    return !same_group(s.tasks[c.parent], t);
  }
};

struct KillFacts {
  const State& s;
  const Task& t;
  Slot target;
  bool target_invisible() const {
    return target == kNoSlot || number_in(s, s.tasks[target].pid.at, active_pid_ns(s, t)) == 0;
  }
  bool kill_refused() const {
    const Task& other = s.tasks[target];
    if (same_group(t, other)) return false;
    const Cred& mine = cred_of(s, t);
    const Cred& its = cred_of(s, other);
    for (abi::Id id : {mine.uid[0], mine.uid[1]}) {
      if (id == its.uid[0] || id == its.uid[2]) return false;
    }
    return !ns_capable(s, mine, its.user_ns.at, abi::cap::KILL);
  }
};

// CRED-08: what the new program starts with. `unsafe`: its fs_struct is shared with another process
// (LSM_UNSAFE_SHARE), so that it must not gain anything.
Slot exec_cred(State& s, Slot task, bool unsafe) {
  const Slot cred = copy_cred(s, s.tasks[task].cred.at);
  Cred& c = s.creds[cred];
  const Cred& old = cred_of(s, s.tasks[task]);
  const abi::Id root = make_kid(s.ns[c.user_ns.at].uid_map, 0);
  const bool euid_root = root != abi::kUnchanged && c.uid[1] == root;
  const bool uid_root = root != abi::kUnchanged && c.uid[0] == root;
  c.permitted = euid_root || uid_root ? c.bounding | c.inheritable : 0;
  // Before 6.17 an effective id that is not the real one counted as set by the program.
  const bool setid =
      !s.setup.profile.at_least(6, 17) && (c.uid[1] != c.uid[0] || c.gid[1] != c.gid[0]);
  if (unsafe && (setid || (c.permitted & ~old.permitted) != 0)) {
    if (!ns_capable(s, old, c.user_ns.at, abi::cap::SETUID)) {
      c.uid[1] = c.uid[0];
      c.gid[1] = c.gid[0];
    }
    c.permitted &= old.permitted;
  }
  if (setid) c.ambient = 0;
  c.permitted |= c.ambient;
  c.effective = euid_root ? c.permitted : c.ambient;
  c.uid[2] = c.uid[1];
  c.gid[2] = c.gid[1];
  c.keepcaps = false;
  return cred;
}

// A table that others share is left to them.
void unshare_plain(State& s, Slot task) {
  if (const Slot shared = s.tasks[task].sighand.at; !s.held_once({ObjKind::sighand, shared})) {
    s.replace_by_task(s.tasks[task].sighand, task, {ObjKind::sighand, copy_sighand(s, shared)},
                      Why::task_sighand);
  }
  if (!s.held_once({ObjKind::files, s.tasks[task].files.at})) {
    s.replace_by_task(s.tasks[task].files, task, {ObjKind::files, s.files.make()}, Why::task_files);
  }
}

// exec_task_namespaces(): the pending time namespace is entered (EXEC-01).
void switch_time(State& s, Slot task) {
  Slots slots = slots_of(s, s.tasks[task]);
  const Slot next = slots[abi::index(NsLink::time_for_children)];
  if (slots[abi::index(NsLink::time)] == next) return;
  slots[abi::index(NsLink::time)] = next;
  freeze(s, next);
  switch_task_namespaces(s, task, make_nsproxy(s, slots));
}

}  // namespace

abi::Result run(State& s, Slot caller, const abi::Execve&, std::uint16_t fault) {
  const spec::Judgement j =
      spec::judge<spec::Table::execve>(s, ExecFacts{s, s.tasks[caller]}, fault);
  // Steps 1 and 2 come before the point of no return, EXEC-01 after it.
  const bool killed = j.result.error != abi::Errno::kOk && j.result.steps > 2;
  if (j.result.error != abi::Errno::kOk && !killed) return j.result;

  become_sole_leader(s, caller);
  if (killed) {
    exit_group(s, s.tasks[caller].signal.at);
    return j.result;
  }
  end_vfork(s, caller);
  const Cred& c = cred_of(s, s.tasks[caller]);
  const bool plain = c.uid[0] == c.uid[1] && c.gid[0] == c.gid[1];
  const Slot mm = make_mm(s, c.user_ns.at, plain);
  s.replace_by_task(s.tasks[caller].mm, caller, {ObjKind::mm, mm}, Why::task_mm);
  if (s.setup.profile.at_least(6, 2)) switch_time(s, caller);
  unshare_plain(s, caller);
  s.tasks[caller].exit_signal = abi::kSIGCHLD;
  const bool unsafe = !s.held_once({ObjKind::fs, s.tasks[caller].fs.at});
  commit_creds(s, caller, exec_cred(s, caller, unsafe));
  return j.result;
}

abi::Result run(State& s, Slot caller, const abi::Exit& c, std::uint16_t) {
  const bool killed = s.tasks[caller].state == TaskState::blocked;
  if (c.group || killed) {
    exit_group(s, s.tasks[caller].signal.at);
  } else {
    exit_task(s, caller);
  }
  return {};
}

abi::Result run(State& s, Slot caller, const abi::Kill& c, std::uint16_t fault) {
  const Slot target = find_task(s, c.target);
  const spec::Judgement j =
      spec::judge<spec::Table::kill>(s, KillFacts{s, s.tasks[caller], target}, fault);
  if (j.result.error != abi::Errno::kOk) return j.result;
  const Task& t = s.tasks[target];
  const Slot ns = active_pid_ns(s, t);
  // KILL-03: only an ancestor namespace can kill an init.
  const bool ignored = s.signals[t.signal.at].unkillable && active_pid_ns(s, s.tasks[caller]) == ns;
  if (!ignored) exit_group(s, t.signal.at);
  return j.result;
}

abi::Result run(State& s, Slot caller, const abi::Wait& c, std::uint16_t fault) {
  const Slot child = find_task(s, c.child);
  spec::Judgement j =
      spec::judge<spec::Table::wait>(s, WaitFacts{s, s.tasks[caller], child}, fault);
  if (j.result.error != abi::Errno::kOk) return j.result;
  const Task& t = s.tasks[child];
  if (t.state == TaskState::zombie && !group_shared(s, t)) {
    j.result.value = 1;
    reap(s, child);
  }
  return j.result;
}

}  // namespace model::calls
