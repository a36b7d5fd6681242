// fork, vfork, clone, clone3: what a successful copy_process() does (kernel/fork.c, 6.18).
#include "model/calls/calls.h"

namespace model::calls {

Slots new_namespaces(State& s, Slot caller, Flags flags, Slot owner, abi::Id uid) {
  Slots slots = slots_of(s, s.tasks[caller]);
  constexpr std::array<NsLink, 7> order = {NsLink::mnt,
                                           NsLink::uts,
                                           NsLink::ipc,
                                           NsLink::pid_for_children,
                                           NsLink::cgroup,
                                           NsLink::net,
                                           NsLink::time_for_children};
  for (NsLink link : order) {
    const NsType type = type_of(link);
    if (!flags.has(flag_of(type))) continue;
    if (type != NsType::mnt && !s.setup.profile.configured.has(type)) continue;  // cgroup, NSP-08
    Slot& slot = slots[abi::index(link)];
    slot = make_ns(s, type, owner, owner, uid, slot);
  }
  return slots;
}

void move_root(State& s, Slot fs, Slot from, Slot to) {
  if (s.fs[fs].root_ns == s.id(s.ns_ref(from))) s.fs[fs].root_ns = s.id(s.ns_ref(to));
}

void freeze(State& s, Slot time_ns) {
  if (s.ns[time_ns].frozen) return;
  s.ns[time_ns].frozen = true;
  s.touch(s.ns_ref(time_ns));
}

namespace {

// The flags and operands that all four calls come down to.
struct Args {
  abi::TaskId child;
  Flags flags{};
  std::uint32_t exit_signal = abi::kSIGCHLD;
  abi::FileId pidfd{};
  abi::Pointer pidfd_pointer = abi::Pointer::good;
  const abi::Clone3* clone3 = nullptr;
};

void copy_creds(State& s, Slot parent, Slot child, Flags flags) {
  Slot cred = s.tasks[parent].cred.at;
  if (!flags.has(flag::THREAD)) {
    const Slot user_ns = flags.has(flag::NEWUSER) ? make_user_ns(s, s.creds[cred]) : kNoSlot;
    cred = copy_cred(s, cred);
    if (user_ns != kNoSlot) enter_user_ns(s, cred, user_ns);
  }
  s.tasks[child].cred = s.hold_by_task(child, {ObjKind::cred, cred}, Why::task_cred);
  s.touch(Ref{ObjKind::user, s.creds[cred].user_ns.at});  // ACT-05 (c), also for a shared cred
}

void copy_fs(State& s, Slot parent, Slot child, Flags flags) {
  Slot fs = s.tasks[parent].fs.at;
  if (!flags.has(flag::FS)) {
    const Slot copy = s.fs.make();
    s.fs[copy].inside = s.fs[fs].inside;
    s.fs[copy].root_ns = s.fs[fs].root_ns;
    fs = copy;
  }
  s.tasks[child].fs = s.hold_by_task(child, {ObjKind::fs, fs}, Why::task_fs);
}

// The parts that a flag shares and that carry nothing of their own.
void copy_plain(State& s, Slot parent, Slot child, Flags flags) {
  const Slot files = flags.has(flag::FILES) ? s.tasks[parent].files.at : s.files.make();
  s.tasks[child].files = s.hold_by_task(child, {ObjKind::files, files}, Why::task_files);
  const Slot its = s.tasks[parent].sighand.at;
  const Slot sighand = flags.has(flag::SIGHAND) ? its : copy_sighand(s, its);
  s.tasks[child].sighand = s.hold_by_task(child, {ObjKind::sighand, sighand}, Why::task_sighand);
  const Mm& mm = s.mms[s.tasks[parent].mm.at];
  const Slot its_mm =
      flags.has(flag::VM) ? s.tasks[parent].mm.at : make_mm(s, mm.user_ns.at, mm.dumpable);
  s.tasks[child].mm = s.hold_by_task(child, {ObjKind::mm, its_mm}, Why::task_mm);
  if (flags.has(flag::SYSVSEM)) {
    if (!s.tasks[parent].undo) {
      s.tasks[parent].undo =
          s.hold_by_task(parent, {ObjKind::undo, s.undos.make()}, Why::task_undo);
    }
    s.tasks[child].undo =
        s.hold_by_task(child, {ObjKind::undo, s.tasks[parent].undo.at}, Why::task_undo);
  }
}

void copy_signal(State& s, Slot parent, Slot child, Flags flags) {
  const bool thread = flags.has(flag::THREAD);
  const Slot signal = thread ? s.tasks[parent].signal.at : s.signals.make();
  s.tasks[child].signal = s.hold_by_task(child, {ObjKind::signal, signal}, Why::task_signal);
  if (!thread) s.signals[signal].leader = child;
  add_thread(s, signal, child);
}

// Before 6.2 CLONE_VM did not keep a child from the pending time namespace (CLONE-41).
bool keeps_time(const State& s, Flags flags) {
  return flags.has(flag::VM) && s.setup.profile.at_least(6, 2);
}

// copy_namespaces(): shares the nsproxy, or makes one (CLONE-30, CLONE-41).
void copy_namespaces(State& s, Slot parent, Slot child, Flags flags) {
  const Task& p = s.tasks[parent];
  const bool pending = slot_ns(s, p, NsLink::time) != slot_ns(s, p, NsLink::time_for_children);
  Slot nsproxy = p.nsproxy.at;
  if (flags.has(flag::NSPROXY) || (pending && !keeps_time(s, flags))) {
    const Cred& cred = s.creds[s.tasks[child].cred.at];
    const Slot old_mnt = slot_ns(s, p, NsLink::mnt);
    Slots slots = new_namespaces(s, parent, flags, cred.user_ns.at, cred.uid[1]);
    Slot& time = slots[abi::index(NsLink::time)];
    const Slot next = slots[abi::index(NsLink::time_for_children)];
    if (time != next && !keeps_time(s, flags)) {
      time = next;
      freeze(s, next);
    }
    if (flags.has(flag::NEWNS)) {
      move_root(s, s.tasks[child].fs.at, old_mnt, slots[abi::index(NsLink::mnt)]);
    }
    nsproxy = make_nsproxy(s, slots);
  }
  s.tasks[child].nsproxy = s.hold_by_task(child, {ObjKind::nsproxy, nsproxy}, Why::task_nsproxy);
}

// NSFS-05: from its first child on a pid namespace shows as pid_for_children, to all whose
// children go there.
void touch_fathers(State& s, Slot pid_ns) {
  for (std::uint32_t e = s.ns[pid_ns].first_holder; e != 0; e = s.edges[e].next) {
    if (s.edges[e].why != Why::pid_ns_for_children) continue;
    const Slot nsproxy = s.edges[e].from.slot;
    for (std::uint32_t t = s.nsproxies[nsproxy].first_holder; t != 0; t = s.edges[t].next) {
      s.touch(s.edges[t].from.slot);
    }
  }
}

void attach_pid(State& s, Slot child, const Args& args) {
  const Slot ns = slot_ns(s, s.tasks[child], NsLink::pid_for_children);
  std::span<const std::int32_t> wanted;
  if (args.clone3 != nullptr && args.clone3->size > 72) {
    wanted =
        std::span(args.clone3->set_tid)
            .first(std::min<std::size_t>(args.clone3->set_tid.size(), args.clone3->set_tid_size));
  }
  const Slot pid = alloc_pid(s, ns, wanted);
  s.tasks[child].pid = s.hold_by_task(child, {ObjKind::pid, pid}, Why::task_pid);
  s.pids[pid].task = child;
  const bool leader = s.signals[s.tasks[child].signal.at].leader == child;
  if (leader && !s.ns[ns].initial && s.numbers[s.pids[pid].numbers].number == 1) {
    s.ns[ns].child_reaper = child;
    if (!s.ns[ns].had_init) touch_fathers(s, ns);
    s.ns[ns].had_init = true;
    s.signals[s.tasks[child].signal.at].unkillable = true;
  }
}

std::int64_t make_child(State& s, Slot parent, const Args& args) {
  const Flags flags = args.flags;
  const Slot child = s.tasks.make();
  s.tasks[child].id = args.child;
  s.task_names.set(args.child.n, child);
  copy_creds(s, parent, child, flags);
  copy_fs(s, parent, child, flags);
  copy_plain(s, parent, child, flags);
  copy_signal(s, parent, child, flags);
  copy_namespaces(s, parent, child, flags);
  attach_pid(s, child, args);
  Task& c = s.tasks[child];
  c.state = TaskState::running;
  c.exit_signal = args.exit_signal;
  if (!flags.has(flag::THREAD)) {
    const bool sibling = flags.has(flag::PARENT);
    if (sibling) c.exit_signal = s.tasks[s.signals[s.tasks[parent].signal.at].leader].exit_signal;
    add_child(s, sibling ? parent_of(s, s.tasks[parent]) : parent, child);
  }
  if (flags.has(flag::PIDFD)) {
    const Slot file = make_file(s, OpenKind::pidfd, parent, args.pidfd);
    s.open_files[file].thread = flags.has(flag::THREAD);
    s.open_files[file].pid = s.hold({ObjKind::file, file}, {ObjKind::pid, c.pid.at}, Why::file_pid);
  }
  if (flags.has(flag::VFORK)) {
    c.vfork_parent = parent;
    s.tasks[parent].vfork_child = child;
    s.tasks[parent].state = TaskState::blocked;
  }
  s.touch(child);
  s.touch(parent);
  return number_in(s, c.pid.at, active_pid_ns(s, s.tasks[parent]));
}

// The numbers that a failing clone had drawn are used up, at every level, or, if the drawing itself
// failed, at those before (TASK-07).
void lose_numbers(State& s, const Task& caller, const CloneFacts& facts,
                  const spec::Judgement& failed) {
  const bool made = facts.has(flag::NEWPID);  // and gone with the child
  const Slot ns = slot_ns(s, caller, NsLink::pid_for_children);
  const std::uint32_t all = facts.automatic_levels();
  const std::uint32_t asked_for = s.ns[ns].level + (made ? 2 : 1) - all;
  const bool between = failed.past == Past::numbers && failed.result.error == abi::Errno::kEAGAIN;
  numbers_lost(s, ns, {.first = asked_for, .count = between ? failed.nth : all, .made = made});
}

// What a failing clone leaves behind: the pending time namespace is frozen, as timens_on_fork()
// does before the clone can still fail (TIME-06), TASK-07, and PIDNS-11.
void leave_traces(State& s, const Task& caller, const CloneFacts& facts, Flags flags,
                  const spec::Judgement& failed) {
  const Past past = failed.past;
  if (past >= Past::numbers) lose_numbers(s, caller, facts, failed);
  const Slot pending = slot_ns(s, caller, NsLink::time_for_children);
  if (past >= Past::namespaces && !flags.has(flag::NEWTIME) && !keeps_time(s, flags) &&
      pending != slot_ns(s, caller, NsLink::time)) {
    freeze(s, pending);
  }
  if (past == Past::pid && !flags.has(flag::NEWPID)) {
    first_pid_lost(s, slot_ns(s, caller, NsLink::pid_for_children));
  }
}

template <spec::Table T>
abi::Result copy_process(State& s, Slot caller, const Args& args, std::uint16_t fault) {
  const CloneFacts facts(s, caller, args.flags, args.pidfd_pointer, args.clone3);
  spec::Judgement j = spec::judge<T>(s, facts, fault);
  if (j.result.error != abi::Errno::kOk) {
    leave_traces(s, s.tasks[caller], facts, args.flags, j);
    return j.result;
  }
  j.result.value = make_child(s, caller, args);
  return j.result;
}

}  // namespace

abi::Result run(State& s, Slot caller, const abi::Fork& c, std::uint16_t fault) {
  return copy_process<spec::Table::clone>(s, caller, {.child = c.child}, fault);
}

abi::Result run(State& s, Slot caller, const abi::Vfork& c, std::uint16_t fault) {
  return copy_process<spec::Table::clone>(
      s, caller, {.child = c.child, .flags = flag::VFORK | flag::VM}, fault);
}

abi::Result run(State& s, Slot caller, const abi::Clone& c, std::uint16_t fault) {
  return copy_process<spec::Table::clone>(
      s, caller,
      {.child = c.child,
       .flags = c.flags & Flags(0xffffff00),  // CLONE-01: the high half is ignored
       .exit_signal = static_cast<std::uint32_t>((c.flags & flag::EXIT_SIGNAL).bits()),
       .pidfd = c.pidfd,
       .pidfd_pointer = c.pidfd_pointer},
      fault);
}

abi::Result run(State& s, Slot caller, const abi::Clone3& c, std::uint16_t fault) {
  return copy_process<spec::Table::clone3>(
      s, caller,
      {.child = c.child,
       .flags = c.flags,
       .exit_signal = static_cast<std::uint32_t>(c.exit_signal),
       .pidfd = c.pidfd,
       .pidfd_pointer = c.pidfd_pointer,
       .clone3 = &c},
      fault);
}

}  // namespace model::calls
