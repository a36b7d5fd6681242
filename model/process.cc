#include "model/process.h"

#include <algorithm>
#include <utility>

namespace model {

namespace {

std::uint64_t number_key(Slot ns, std::int32_t number) {
  return (static_cast<std::uint64_t>(ns) + 1) << 32 | static_cast<std::uint32_t>(number);
}

std::uint32_t add_number(State& s, Slot pid, Slot ns, std::int32_t number) {
  std::uint32_t at;
  if (s.free_numbers.empty()) {
    at = static_cast<std::uint32_t>(s.numbers.size());
    s.numbers.emplace_back();
  } else {
    at = s.free_numbers.back();
    s.free_numbers.pop_back();
  }
  Ns& n = s.ns[ns];
  s.numbers[at] = {pid, ns, number, n.numbers, 0, 0};
  if (n.numbers != 0) s.numbers[n.numbers].prev = at;
  n.numbers = at;
  s.pid_by_number.insert(number_key(ns, number), pid);
  return at;
}

// The next number by TASK-07.
std::int32_t next_number(State& s, Slot ns) {
  std::int32_t& last = s.ns[ns].last_number;
  do {
    ++last;
  } while (s.pid_by_number.find(number_key(ns, last)) != kNoSlot);
  return last;
}

Slot live_thread(const State& s, Slot signal, Slot but) {
  for (Slot at = s.signals[signal].threads; at != kNoSlot; at = s.tasks[at].next_thread) {
    if (at != but && is_live(s.tasks[at])) return at;
  }
  return kNoSlot;
}

void remove_child(State& s, Slot child) {
  Task& c = s.tasks[child];
  if (c.next_sibling != kNoSlot) s.tasks[c.next_sibling].prev_sibling = c.prev_sibling;
  if (c.prev_sibling != kNoSlot) {
    s.tasks[c.prev_sibling].next_sibling = c.next_sibling;
  } else if (c.parent != kNoSlot) {
    s.tasks[c.parent].first_child = c.next_sibling;
  }
  c.parent = c.next_sibling = c.prev_sibling = kNoSlot;
}

void remove_thread(State& s, Slot task) {
  Task& t = s.tasks[task];
  if (t.next_thread != kNoSlot) s.tasks[t.next_thread].prev_thread = t.prev_thread;
  if (t.prev_thread != kNoSlot) {
    s.tasks[t.prev_thread].next_thread = t.next_thread;
  } else {
    s.signals[t.signal.at].threads = t.next_thread;
  }
}

bool alone_in_group(const State& s, Slot signal) {
  const Slot first = s.signals[signal].threads;
  return first != kNoSlot && s.tasks[first].next_thread == kNoSlot;
}

// Does the parent reap without being asked: outside, a dying init (EXIT-04 b, d), and one that
// ignores SIGCHLD (TASK-06)?
bool parent_reaps(const State& s, Slot leader) {
  const Task& child = s.tasks[leader];
  if (child.parent == kNoSlot || s.tasks[child.parent].state == TaskState::dying) return true;
  const bool ignores = s.sighands[s.tasks[child.parent].sighand.at].ignores_children;
  return ignores && child.exit_signal == abi::kSIGCHLD;
}

// Returns whether it was.
bool reap_if_unwanted(State& s, Slot leader) {
  const Task& t = s.tasks[leader];
  const bool reapable = t.state == TaskState::zombie && alone_in_group(s, t.signal.at);
  if (!reapable || !parent_reaps(s, leader)) return false;
  reap(s, leader);
  return true;
}

// Everything that exit_notify() does once nothing keeps the task from becoming a zombie.
void become_zombie(State& s, Slot task) {
  const Slot signal = s.tasks[task].signal.at;
  s.tasks[task].state = TaskState::zombie;
  s.touch(task);
  const Slot leader = s.signals[signal].leader;
  if (leader != task) reap(s, task);
  (void)reap_if_unwanted(s, leader);
}

// TASK-05, find_new_reaper().
Slot new_reaper(const State& s, Slot father) {
  const Task& f = s.tasks[father];
  const Slot thread = live_thread(s, f.signal.at, father);
  if (thread != kNoSlot) return thread;
  const Slot ns = active_pid_ns(s, f);
  for (Slot at = parent_of(s, f); at != kNoSlot; at = parent_of(s, s.tasks[at])) {
    const Task& a = s.tasks[at];
    if (s.ns[active_pid_ns(s, a)].level != s.ns[ns].level) break;
    if (!s.signals[a.signal.at].subreaper) continue;
    const Slot adopter = live_thread(s, a.signal.at, kNoSlot);
    if (adopter != kNoSlot) return adopter;
  }
  return s.ns[ns].child_reaper;
}

void give_children_away(State& s, Slot father) {
  if (s.tasks[father].first_child == kNoSlot) return;
  const Slot to = new_reaper(s, father);
  if (to == father) return;
  const bool other_process = to == kNoSlot || !same_group(s.tasks[to], s.tasks[father]);
  while (s.tasks[father].first_child != kNoSlot) {
    const Slot child = s.tasks[father].first_child;
    remove_child(s, child);
    add_child(s, to, child);
    if (!other_process) continue;
    s.tasks[child].exit_signal = abi::kSIGCHLD;
    (void)reap_if_unwanted(s, child);
  }
}

// Are the group's own the only numbers left in the namespace?
bool only_own_numbers(const State& s, Slot ns, Slot signal) {
  for (std::uint32_t n = s.ns[ns].numbers; n != 0; n = s.numbers[n].next) {
    const Slot task = s.pids[s.numbers[n].pid].task;
    if (task != kNoSlot && s.tasks[task].signal.at != signal) return false;
  }
  return true;
}

void reap_zombie_children(State& s, Slot father) {
  for (Slot child = s.tasks[father].first_child; child != kNoSlot;) {
    const Slot next = s.tasks[child].next_sibling;
    if (!reap_if_unwanted(s, child)) {
      child = next;
      continue;
    }
    // Reaping one may finish nested inits, which go as well: whoever comes next may be among them.
    if (!s.tasks[father].alive) return;
    child = s.tasks[father].first_child;
  }
}

void leave_undo_lists(State& s, Slot signal) {
  for (Slot at = s.signals[signal].threads; at != kNoSlot; at = s.tasks[at].next_thread) {
    exit_sem(s, at);
  }
}

// EXIT-04: the namespace dies with its init. Returns whether the init has to wait for members.
void zap_pid_ns_processes(State& s, Slot task, Slot ns) {
  const Slot signal = s.tasks[task].signal.at;
  s.ns[ns].dead = true;
  s.ns[ns].dying = task;
  s.sighands[s.tasks[task].sighand.at].ignores_children = true;
  s.tasks[task].state = TaskState::dying;
  s.touch(task);
  std::vector<std::pair<std::int32_t, Slot>> members;
  for (std::uint32_t n = s.ns[ns].numbers; n != 0; n = s.numbers[n].next) {
    const Slot member = s.pids[s.numbers[n].pid].task;
    if (member == kNoSlot || s.tasks[member].signal.at == signal) continue;
    members.emplace_back(s.numbers[n].number, member);
  }
  std::sort(members.begin(), members.end());
  // They die at once, in any order. Here they leave their undo lists first, by their numbers, and
  // nested inits have begun to die before anybody else has ended.
  for (const auto& [number, member] : members) leave_undo_lists(s, s.tasks[member].signal.at);
  for (const auto& [number, member] : members) {
    const Task& t = s.tasks[member];
    if (s.ns[active_pid_ns(s, t)].child_reaper != member) continue;
    s.sighands[t.sighand.at].ignores_children = true;
  }
  for (const auto& [number, member] : members) {
    if (s.tasks[member].alive && is_live(s.tasks[member])) {
      exit_group(s, s.tasks[member].signal.at);
    }
  }
  reap_zombie_children(s, task);
}

void finish_dying(State& s, Slot ns) {
  const Slot task = s.ns[ns].dying;
  if (!only_own_numbers(s, ns, s.tasks[task].signal.at)) return;
  s.ns[ns].dying = kNoSlot;
  s.ns[ns].child_reaper = kNoSlot;
  become_zombie(s, task);
}

void free_numbers(State& s, Slot pid) {
  std::uint32_t at = s.pids[pid].numbers;
  s.pids[pid].numbers = 0;
  s.touch(Ref{ObjKind::pid_ns, s.pids[pid].ns.at});
  std::vector<Slot> waiting;
  while (at != 0) {
    const Number n = s.numbers[at];
    if (n.next != 0) s.numbers[n.next].prev = n.prev;
    if (n.prev != 0) {
      s.numbers[n.prev].next = n.next;
    } else {
      s.ns[n.ns].numbers = n.next;
    }
    s.pid_by_number.erase(number_key(n.ns, n.number));
    s.free_numbers.push_back(at);
    if (s.ns[n.ns].dying != kNoSlot) waiting.push_back(n.ns);
    at = n.outer;
  }
  for (Slot ns : waiting) {
    if (s.ns[ns].alive && s.ns[ns].dying != kNoSlot) finish_dying(s, ns);
  }
}

}  // namespace

Slot parent_of(const State& s, const Task& t) {
  return s.tasks[s.signals[t.signal.at].leader].parent;
}

void add_child(State& s, Slot parent, Slot leader) {
  Task& c = s.tasks[leader];
  c.parent = parent;
  c.prev_sibling = kNoSlot;
  c.next_sibling = kNoSlot;
  if (parent == kNoSlot) return;
  c.next_sibling = s.tasks[parent].first_child;
  if (c.next_sibling != kNoSlot) s.tasks[c.next_sibling].prev_sibling = leader;
  s.tasks[parent].first_child = leader;
}

void add_thread(State& s, Slot signal, Slot task) {
  // Oldest first: find_alive_thread() takes the first that it meets.
  Slot last = s.signals[signal].threads;
  if (last == kNoSlot) {
    s.signals[signal].threads = task;
    return;
  }
  while (s.tasks[last].next_thread != kNoSlot) last = s.tasks[last].next_thread;
  s.tasks[last].next_thread = task;
  s.tasks[task].prev_thread = last;
}

Slot copy_sighand(State& s, Slot of) {
  const Slot copy = s.sighands.make();
  s.sighands[copy].ignores_children = s.sighands[of].ignores_children;
  return copy;
}

Slot alloc_pid(State& s, Slot ns, std::span<const std::int32_t> wanted) {
  const Slot pid = s.pids.make();
  s.pids[pid].ns = s.hold({ObjKind::pid, pid}, {ObjKind::pid_ns, ns}, Why::pid_ns);
  std::uint32_t inner = 0;
  for (Slot at = ns; at != kNoSlot; at = s.ns[at].parent.at) {
    std::int32_t number;
    if (wanted.empty()) {
      number = next_number(s, at);
    } else {
      number = wanted.front();
      wanted = wanted.subspan(1);
    }
    const std::uint32_t made = add_number(s, pid, at, number);
    (inner == 0 ? s.pids[pid].numbers : s.numbers[inner].outer) = made;
    inner = made;
  }
  return pid;
}

void numbers_lost(State& s, Slot ns, const DrawnLevels& drawn) {
  std::uint32_t level = drawn.made ? 1 : 0;
  for (Slot at = ns; at != kNoSlot; at = s.ns[at].parent.at, ++level) {
    if (level >= drawn.first && level < drawn.first + drawn.count) next_number(s, at);
  }
  // One that has no process yet begins anew.
  if (s.ns[ns].numbers == 0 && !s.ns[ns].dead && !s.ns[ns].initial) s.ns[ns].last_number = 0;
}

void first_pid_lost(State& s, Slot ns) {
  for (Slot at = ns; at != kNoSlot; at = s.ns[at].parent.at) {
    if (s.ns[at].numbers == 0 && !s.ns[at].initial) s.ns[at].dead = true;
  }
}

void end_vfork(State& s, Slot child) {
  const Slot parent = s.tasks[child].vfork_parent;
  if (parent == kNoSlot) return;
  s.tasks[child].vfork_parent = kNoSlot;
  s.tasks[parent].vfork_child = kNoSlot;
  s.tasks[parent].state = TaskState::running;
  s.touch(parent);
}

void note_sempid(State& s, Slot ipc, Slot task) {
  const Slot leader = s.signals[s.tasks[task].signal.at].leader;
  const Slot pid = s.tasks[leader].pid.at;
  Hold& noted = s.ns[ipc].sempid;
  if (noted.at == pid) return;
  s.replace(noted, s.ns_ref(ipc), {ObjKind::pid, pid}, Why::ipc_sempid);
}

void exit_sem(State& s, Slot task) {
  Task& t = s.tasks[task];
  if (!t.undo) return;
  if (s.held_once({ObjKind::undo, t.undo.at})) {
    const Slot ipc = slot_ns(s, t, NsLink::ipc);
    s.ns[ipc].semaphore -= s.undos[t.undo.at].adjust;
    if (s.undos[t.undo.at].adjust != 0) note_sempid(s, ipc, task);
    s.touch(s.ns_ref(ipc));
  }
  s.drop(t.undo, ObjKind::undo);
}

void exit_task(State& s, Slot task) {
  end_vfork(s, task);
  if (s.tasks[task].vfork_child != kNoSlot) {
    s.tasks[s.tasks[task].vfork_child].vfork_parent = kNoSlot;
    s.tasks[task].vfork_child = kNoSlot;
  }
  exit_sem(s, task);
  s.tasks[task].was_dumpable = s.mms[s.tasks[task].mm.at].dumpable;
  s.drop(s.tasks[task].mm, ObjKind::mm);
  s.drop(s.tasks[task].files, ObjKind::files);
  s.drop(s.tasks[task].fs, ObjKind::fs);
  s.drop(s.tasks[task].nsproxy, ObjKind::nsproxy);
  // From here on it is no live thread any more, though not yet seen as a zombie.
  s.tasks[task].state = TaskState::zombie;
  s.touch(task);
  const Slot ns = active_pid_ns(s, s.tasks[task]);
  if (s.ns[ns].child_reaper == task) {
    const Slot heir = live_thread(s, s.tasks[task].signal.at, task);
    if (heir != kNoSlot) {
      s.ns[ns].child_reaper = heir;
    } else {
      zap_pid_ns_processes(s, task, ns);
      // The last member's reaping may have finished it already.
      if (s.ns[ns].dying == task) finish_dying(s, ns);
      return;
    }
  }
  give_children_away(s, task);
  become_zombie(s, task);
}

void exit_group(State& s, Slot signal) {
  // The leader goes last: the others are reaped as they exit.
  for (;;) {
    const Slot thread = live_thread(s, signal, s.signals[signal].leader);
    if (thread == kNoSlot) break;
    exit_task(s, thread);
    if (!s.signals[signal].alive) return;
  }
  const Slot leader = s.signals[signal].leader;
  if (is_live(s.tasks[leader])) exit_task(s, leader);
}

void reap(State& s, Slot task) {
  Task& t = s.tasks[task];
  const Slot signal = t.signal.at;
  remove_thread(s, task);
  if (s.signals[signal].leader == task) remove_child(s, task);
  t.state = TaskState::none;
  s.touch(task);
  s.task_names.set(t.id.n, kGone);
  const Slot pid = t.pid.at;
  if (s.pids[pid].task == task) {
    s.pids[pid].task = kNoSlot;
    free_numbers(s, pid);
  }
  Task& again = s.tasks[task];
  s.touch(Ref{ObjKind::user, s.creds[again.cred.at].user_ns.at});  // ACT-05 (c)
  s.drop(again.pid, ObjKind::pid);
  s.drop(again.sighand, ObjKind::sighand);
  s.drop(again.signal, ObjKind::signal);
  s.drop(again.cred, ObjKind::cred);
  s.tasks.free(task);
}

void become_sole_leader(State& s, Slot task) {
  const Slot signal = s.tasks[task].signal.at;
  for (;;) {
    const Slot other = live_thread(s, signal, task);
    if (other == kNoSlot) break;
    exit_task(s, other);
  }
  const Slot leader = s.signals[signal].leader;
  if (leader == task) return;
  // The zombie leader's place in the family and its struct pid go over to the caller.
  const Slot parent = s.tasks[leader].parent;
  const Slot mine = s.tasks[task].pid.at, its = s.tasks[leader].pid.at;
  remove_child(s, leader);
  add_child(s, parent, task);
  s.signals[signal].leader = task;
  // Both are held anew before either is let go of.
  const Hold leaders = s.hold_by_task(leader, {ObjKind::pid, mine}, Why::task_pid);
  const Hold callers = s.hold_by_task(task, {ObjKind::pid, its}, Why::task_pid);
  s.drop(s.tasks[leader].pid, ObjKind::pid);
  s.drop(s.tasks[task].pid, ObjKind::pid);
  s.tasks[leader].pid = leaders;
  s.tasks[task].pid = callers;
  s.pids[mine].task = leader;
  s.pids[its].task = task;
  const Slot ns = active_pid_ns(s, s.tasks[task]);
  if (s.ns[ns].child_reaper == leader) s.ns[ns].child_reaper = task;
  reap(s, leader);
}

void commit_creds(State& s, Slot task, Slot cred) {
  Task& t = s.tasks[task];
  const Cred& old = s.creds[t.cred.at];
  const Cred& now = s.creds[cred];
  bool subset = false;
  if (old.user_ns.at == now.user_ns.at) {
    subset = (now.permitted & ~old.permitted) == 0;
  } else {
    for (Slot at = now.user_ns.at; !subset && s.ns[at].owner; at = s.ns[at].owner.at) {
      subset = s.ns[at].owner.at == old.user_ns.at && s.ns[at].owner_uid == old.uid[1];
    }
  }
  if (t.mm && (!subset || old.uid[1] != now.uid[1] || old.gid[1] != now.gid[1])) {
    s.mms[t.mm.at].dumpable = false;
  }
  s.replace_by_task(t.cred, task, {ObjKind::cred, cred}, Why::task_cred);
  s.touch(task);
}

void switch_task_namespaces(State& s, Slot task, Slot nsproxy) {
  s.replace_by_task(s.tasks[task].nsproxy, task, {ObjKind::nsproxy, nsproxy}, Why::task_nsproxy);
  s.touch(task);
}

void touch_sharers(State& s, Slot fs) {
  for (std::uint32_t e = s.fs[fs].first_holder; e != 0; e = s.edges[e].next) {
    s.touch(s.edges[e].from.slot);
  }
}

}  // namespace model
