#include "props/generate/plans.h"

#include <iterator>
#include <utility>

#include "props/generate/makers.h"

namespace props {
namespace {

using abi::Flags;
using abi::NsLink;
using abi::TaskId;
namespace flag = abi::flag;

constexpr Flags kSigchld{abi::kSIGCHLD};
constexpr Flags kThread{flag::THREAD | flag::SIGHAND | flag::VM};

// By clone or clone3, as a flag word that both take.
TaskId clone_either(Generator& g, TaskId caller, Flags flags) {
  const TaskId child = g.new_task();
  if (g.random().one_in(2)) {
    g.plan(caller, abi::Clone{.child = child, .flags = flags | kSigchld});
  } else {
    abi::Clone3 c;
    c.child = child;
    c.flags = flags;
    g.plan(caller, c);
  }
  return child;
}

TaskId clone_child(Generator& g, TaskId caller, Flags flags) {
  const TaskId child = g.new_task();
  g.plan(caller, abi::Clone{.child = child, .flags = flags | kSigchld});
  return child;
}

abi::FileId open_ns(Generator& g, TaskId caller, TaskId target, NsLink link) {
  const abi::FileId file = g.new_file();
  g.plan(caller, abi::OpenNs{.file = file, .target = target, .link = link});
  return file;
}

abi::FileId open_pidfd(Generator& g, TaskId caller, TaskId target) {
  const abi::FileId file = g.new_file();
  g.plan(caller, abi::OpenPidfd{.file = file, .target = target});
  return file;
}

NsLink some_link(Generator& g) { return static_cast<NsLink>(g.random().below(abi::kNsLinks)); }

void end_and_reap(Generator& g, TaskId parent, TaskId child) {
  g.plan(child, abi::Exit{});
  g.plan(parent, abi::Wait{child});
}

// One level of user namespaces with the caller's own ids mapped, so that the next one is allowed.
// `first`: ids of the caller as its user namespace shows them; below, they show as 0.
void nest_user(Generator& g, TaskId t, bool first, const abi::TaskView& view) {
  g.plan(t, abi::Unshare{flag::NEWUSER});
  if (first) g.plan(t, abi::WriteSetgroups{t, false});
  g.plan(t, abi::WriteIdMap{t, abi::MapKind::uid, {{0, first ? view.uid[1] : 0, 1}}});
  g.plan(t, abi::WriteIdMap{t, abi::MapKind::gid, {{0, first ? view.gid[1] : 0, 1}}});
}

void plan_user(Generator& g, const Live& live, TaskId t) {
  const abi::TaskView& view = live.task(t).view;
  const std::uint32_t levels = g.random().often(g.mix().deep_user) ? 35 : 1 + g.random().below(2u);
  nest_user(g, t, true, view);
  for (std::uint32_t i = 1; i < levels; ++i) nest_user(g, t, false, view);
  if (levels > 33) clone_either(g, t, flag::NEWUSER);
  if (g.random().one_in(2)) g.plan(t, abi::Unshare{some_types(g) | flag::NEWUTS});
}

// A child in a user namespace whose maps its parent writes, as container managers do.
void plan_container(Generator& g, const Live&, TaskId t) {
  if (g.random().one_in(4)) g.plan(t, abi::Prctl{abi::PrctlOp::set_keepcaps, 1});
  const TaskId child = clone_child(g, t, some_types(g) | flag::NEWUSER);
  const abi::Extent range{0, g.random().one_in(2) ? 0u : 1000u, 70000};
  g.plan(t, abi::WriteIdMap{child, abi::MapKind::uid, {range}});
  g.plan(t, abi::WriteIdMap{child, abi::MapKind::gid, {range}});
  if (g.random().one_in(2)) g.plan(child, abi::Setresuid{0, 0, 0});
  if (g.random().one_in(4)) g.plan(child, abi::Setresuid{1000, 1000, 1000});
  const abi::FileId pidfd = open_pidfd(g, t, child);
  g.plan(child, abi::Unshare{some_types(g)});
  g.plan(t, abi::Setns{pidfd, some_types(g) | flag::NEWUSER});
}

void plan_deep_pid(Generator& g, const Live&, TaskId t) {
  const std::uint32_t levels = g.random().often(g.mix().deep_pid) ? 34 : 2 + g.random().below(3u);
  for (std::uint32_t i = 0; i < levels; ++i) {
    // Pending and too deep at once, near the limit.
    if (i > 29 && g.random().one_in(4)) {
      for (int times = 0; times < 2; ++times) g.plan(t, abi::Unshare{flag::NEWPID});
    }
    t = clone_either(g, t, flag::NEWPID);
  }
}

// A pid namespace whose init has gone, entered afterwards through a file or a pidfd.
void plan_dead_pid(Generator& g, const Live&, TaskId t) {
  const TaskId init = clone_child(g, t, flag::NEWPID);
  const bool by_pidfd = g.random().one_in(3);
  const abi::FileId file = by_pidfd ? open_pidfd(g, t, init) : open_ns(g, t, init, NsLink::pid);
  const TaskId member = g.new_task();
  if (g.random().one_in(2)) g.plan(init, abi::Fork{member});
  if (g.random().one_in(2)) g.plan(t, abi::Setns{file, flag::NEWPID});
  g.plan(init, abi::Exit{});
  if (g.random().one_in(2)) g.plan(t, abi::Wait{init});
  g.plan(t, abi::Setns{file, flag::NEWPID});
  g.plan(t, abi::Fork{g.new_task()});
  g.plan(t, abi::Unshare{flag::NEWPID});
}

// PIDNS-11: the first process of a pid namespace fails late.
void plan_first_fork(Generator& g, const Live&, TaskId t) {
  g.plan(t, abi::Unshare{flag::NEWPID});
  const TaskId child = g.new_task();
  if (g.random().one_in(2)) {
    g.plan(t, abi::Clone{.child = child,
                         .flags = flag::PIDFD | kSigchld,
                         .pidfd = g.new_file(),
                         .pidfd_pointer = abi::Pointer::bad});
  } else {
    abi::Clone3 c;
    c.child = child;
    c.flags = flag::INTO_CGROUP;
    g.plan(t, c);
  }
  if (g.random().one_in(2)) open_ns(g, t, t, NsLink::pid_for_children);
  g.plan(t, abi::Fork{g.new_task()});
}

void plan_set_tid(Generator& g, const Live&, TaskId t) {
  if (g.random().one_in(2)) g.plan(t, abi::Unshare{flag::NEWPID | some_types(g)});
  for (std::uint32_t n = 1 + g.random().below(3u); n > 0; --n) {
    abi::Clone3 c;
    c.child = g.new_task();
    c.set_tid_pointer = abi::Pointer::good;
    c.set_tid_size = 1 + g.random().below(2u);
    c.set_tid.assign(c.set_tid_size, static_cast<std::int32_t>(1 + g.random().below(20u)));
    if (g.random().one_in(2)) c.set_tid[0] = 1;
    g.plan(t, c);
  }
}

// A pending time namespace: offsets, children with and without their own mm, execve.
void plan_time(Generator& g, const Live&, TaskId t) {
  g.plan(t, abi::Unshare{flag::NEWTIME});
  if (g.random().one_in(2)) g.plan(t, abi::WriteTimens{t, 1 + g.random().below(1000u), 0});
  if (g.random().one_in(6)) {  // entered before there is any child
    g.plan(t, abi::Setns{open_ns(g, t, t, NsLink::time_for_children), flag::NEWTIME});
    return g.plan(t, abi::WriteTimens{t, 1, 0});
  }
  TaskId child = g.new_task();
  switch (g.random().below(4u)) {
    case 0:
      g.plan(t, abi::Vfork{child});
      break;
    case 1:
      g.plan(t, abi::Fork{child});
      break;
    case 2:
      g.plan(t, abi::Clone{.child = child, .flags = kThread});
      break;
    default:
      g.plan(t, abi::Clone{.child = child, .flags = flag::VM | flag::NEWUTS | kSigchld});
      break;
  }
  if (g.random().one_in(2)) g.plan(t, abi::WriteTimens{t, 1 + g.random().below(1000u), 0});
  if (g.random().one_in(3)) clone_child(g, child, flag::VM);
  g.plan(g.random().one_in(3) ? t : child, abi::Execve{});
  const NsLink link = g.random().one_in(2) ? NsLink::time : NsLink::time_for_children;
  g.plan(t, abi::Setns{open_ns(g, t, child, link), flag::NEWTIME});
  if (g.random().one_in(3)) g.plan(t, abi::WriteTimens{t, 1 + g.random().below(1000u), 0});
}

// A limit of the own or an ancestor's user namespace is hit, in the midst of other types.
void plan_quota(Generator& g, const Live&, TaskId t) {
  if (g.random().one_in(2)) g.plan(t, abi::Unshare{flag::NEWUSER});
  const abi::NsType type = g.random().of(abi::kAllNsTypes);
  g.plan(t, abi::SetLimit{type, g.random().below(3u)});
  const Flags flags = some_types(g) | flag_of(type);
  g.plan(t, abi::Unshare{flags});
  if (g.random().one_in(2)) clone_child(g, t, flags & ~flag::NEWUSER);
  g.plan(t, abi::Unshare{flag_of(type)});
}

void plan_semaphore(Generator& g, const Live&, TaskId t) {
  g.plan(t, abi::Semop{});
  const Flags kind = g.random().one_in(2) ? kThread : Flags{};
  const TaskId sharer = clone_child(g, t, kind | flag::SYSVSEM);
  g.plan(sharer, abi::Semop{});
  const abi::FileId file = open_ns(g, t, t, NsLink::ipc);
  g.plan(sharer, abi::Unshare{g.random().one_in(2) ? flag::NEWIPC : flag::SYSVSEM});
  g.plan(sharer, abi::Semop{});
  g.plan(t, abi::Setns{file, flag::NEWIPC});
  g.plan(sharer, abi::Exit{});
}

// SEM-02: a semaphore keeps the pid namespace of who used it last, with its charge, until another
// uses it, takes adjustments back, or the ipc namespace goes.
void plan_last_user(Generator& g, const Live&, TaskId t) {
  if (g.random().one_in(3)) g.plan(t, abi::Unshare{flag::NEWIPC});
  if (g.random().one_in(2)) g.plan(t, abi::Semop{});
  if (g.random().one_in(2)) g.plan(t, abi::SetLimit{abi::NsType::pid, 1 + g.random().below(2u)});
  const Flags kind = g.random().one_in(3) ? some_types(g) : Flags{};
  const TaskId user = clone_child(g, t, kind | flag::NEWPID);
  g.plan(user, abi::Semop{});
  if (g.random().one_in(3)) g.plan(t, abi::Semop{});
  end_and_reap(g, t, user);
  clone_child(g, t, flag::NEWPID);
  if (g.random().one_in(2)) {
    g.plan(t, abi::Semop{});
  } else {
    g.plan(t, abi::Unshare{g.random().one_in(2) ? flag::NEWIPC : flag::SYSVSEM});
  }
  clone_child(g, t, flag::NEWPID);
}

// A namespace kept by its file or a bind mount after its tasks have gone.
void plan_keep(Generator& g, const Live&, TaskId t) {
  const TaskId child = clone_child(g, t, some_types(g));
  const NsLink link = some_link(g);
  const abi::FileId file = open_ns(g, t, child, link);
  const abi::BindId bind = g.new_bind();
  const bool bound = g.random().one_in(3);
  if (bound) g.plan(t, abi::BindNs{bind, file});
  end_and_reap(g, t, child);
  g.plan(t, abi::Setns{file, flag_of(type_of(link))});
  g.plan(t, abi::Close{file});
  if (!bound) return;
  if (g.random().one_in(2)) clone_child(g, t, flag::NEWNS);
  if (g.random().one_in(3)) g.plan(t, abi::Unshare{flag::NEWNS | flag::NEWUSER});
  g.plan(t, abi::UnbindNs{bind});
}

void plan_join_file(Generator& g, const Live& live, TaskId t) {
  const NsLink link = some_link(g);
  const abi::FileId file = open_ns(g, t, g.target(live), link);
  g.plan(t, abi::Setns{file, g.random().one_in(2) ? Flags{} : flag_of(type_of(link))});
  if (g.random().one_in(2)) g.plan(t, abi::Fork{g.new_task()});
  g.plan(t, abi::Close{file});
}

void plan_join_pidfd(Generator& g, const Live& live, TaskId t) {
  const TaskId target = g.target(live);
  const abi::FileId file = open_pidfd(g, t, target);
  if (g.random().one_in(3)) g.plan(target, abi::Unshare{some_types(g)});
  if (g.random().one_in(6)) g.plan(target, abi::Exit{});
  g.plan(t, abi::Setns{file, some_types(g) | flag_of(g.random().of(abi::kAllNsTypes))});
}

// SETNS-43, 44: a shared fs_struct against setns of a mount namespace.
void plan_shared_fs(Generator& g, const Live&, TaskId t) {
  const TaskId sharer = clone_child(g, t, flag::FS);
  const TaskId target = clone_child(g, t, flag::NEWNS | some_types(g));
  if (g.random().one_in(2)) g.plan(t, abi::Chroot{});
  const abi::FileId file = open_pidfd(g, t, target);
  g.plan(t, abi::Setns{file, flag::NEWNS});
  g.plan(t, abi::Setns{file, flag::NEWNS | flag_of(g.random().of(abi::kAllNsTypes))});
  g.plan(sharer, abi::Unshare{flag::NEWUSER});
}

// Thread groups: a leader that has gone, a last thread, execve by a thread.
void plan_threads(Generator& g, const Live&, TaskId t) {
  const TaskId leader = clone_child(g, t, {});
  const TaskId thread = g.new_task();
  g.plan(leader, abi::Clone{.child = thread, .flags = kThread | flag::FS | flag::FILES});
  if (g.random().one_in(2)) g.plan(thread, abi::Unshare{some_types(g) | flag::NEWUTS});
  const abi::FileId file = open_pidfd(g, t, leader);
  if (!g.random().one_in(4)) g.plan(leader, abi::Exit{.group = false});
  g.plan(t, abi::Setns{file, flag::NEWUTS | flag::NEWIPC});
  open_ns(g, t, leader, some_link(g));
  g.plan(thread, abi::Unshare{g.random().one_in(2) ? flag::NEWUSER : flag::VM});
  if (g.random().one_in(2)) {
    g.plan(thread, abi::Execve{});
  } else {
    g.plan(thread, abi::Setns{open_ns(g, t, t, NsLink::time), {}});
  }
  if (g.random().one_in(2)) g.plan(t, abi::Wait{leader});
}

// Access as for ptrace: other ids, a mm that is not dumpable, fewer capabilities.
void plan_ptrace(Generator& g, const Live& live, TaskId t) {
  const TaskId child = clone_child(g, t, some_types(g));
  const abi::FileId file = open_pidfd(g, t, child);
  switch (g.random().below(4u)) {
    case 0:
      g.plan(child, abi::Setresuid{1000, 1000, 1000});
      break;
    case 1:
      g.plan(t, abi::Setresuid{1000, 1000, 1000});
      break;
    case 2:
      g.plan(child, abi::Prctl{abi::PrctlOp::set_dumpable, 0});
      break;
    default:
      g.plan(t, make_capset(g, live, t));
      break;
  }
  if (g.random().one_in(3)) g.plan(child, abi::Exit{});
  g.plan(t, abi::Setns{file, some_types(g) | flag::NEWUTS});
  open_ns(g, t, child, some_link(g));
  g.plan(t, abi::NsIoctl{.file = file, .op = abi::NsOp::pidfd_get_uts, .made = g.new_file()});
}

// CAP-04: a task that enters another user's namespace can be looked into no more, not even by the
// user who owns all that it is in.
void plan_foreign_user(Generator& g, const Live&, TaskId t) {
  const TaskId owner = clone_child(g, t, {});
  g.plan(owner, abi::Setresuid{1000, 1000, 1000});
  const TaskId looker = clone_child(g, owner, {});
  g.plan(owner, abi::Unshare{flag::NEWUSER});
  const abi::FileId file = open_ns(g, t, owner, NsLink::user);
  const TaskId joiner = g.random().one_in(3) ? t : clone_child(g, t, {});
  g.plan(joiner, abi::Setns{file, flag::NEWUSER});
  open_ns(g, looker, joiner, some_link(g));
}

// Relations between namespaces as their files show them.
void plan_relations(Generator& g, const Live& live, TaskId t) {
  const TaskId target = g.target(live);
  static constexpr NsLink kHierarchic[] = {NsLink::user, NsLink::pid};
  const NsLink link = g.random().one_in(2) ? some_link(g) : g.random().of(kHierarchic);
  const abi::FileId file = open_ns(g, t, target, link);
  const abi::FileId made = g.new_file();
  const bool owner = g.random().one_in(2);
  g.plan(t, abi::NsIoctl{.file = file,
                         .op = owner ? abi::NsOp::get_userns : abi::NsOp::get_parent,
                         .made = made});
  g.plan(t, abi::NsIoctl{.file = file, .op = abi::NsOp::get_owner_uid});
  g.plan(t, abi::NsIoctl{.file = made, .op = abi::NsOp::get_id});
  g.plan(t, abi::Setns{made, {}});
  g.plan(t, abi::Close{file});
}

// Orphans: to a thread, to a subreaper, to the pid namespace's init, to the outside.
void plan_orphans(Generator& g, const Live&, TaskId t) {
  if (g.random().one_in(2)) g.plan(t, abi::Prctl{abi::PrctlOp::set_child_subreaper, 1});
  const TaskId middle = clone_child(g, t, g.random().one_in(3) ? flag::NEWPID : Flags{});
  const TaskId leaf = clone_child(g, middle, g.random().one_in(3) ? flag::NEWPID : Flags{});
  const TaskId first = g.random().one_in(2) ? middle : leaf;
  g.plan(first, abi::Exit{});
  g.plan(first == middle ? leaf : middle, abi::Exit{});
  g.plan(t, abi::Wait{leaf});
  g.plan(t, abi::Wait{middle});
  g.plan(t, abi::Wait{leaf});
}

// One call again and again, another step of it failing each time: what is left of a failure meets
// the next one.
void plan_each_step(Generator& g, const Live& live, TaskId t) {
  Random& random = g.random();
  const Flags types = some_types(g) | flag_of(random.of(abi::kAllNsTypes));
  const Flags user = random.one_in(2) ? flag::NEWUSER : Flags{};
  const std::uint32_t kind = random.below(4u);
  const abi::FileId pidfd = kind == 3 ? open_pidfd(g, t, g.target(live)) : abi::FileId{};
  const std::uint32_t first = 1 + random.below(32u);
  for (std::uint32_t n = first; n < first + 6; ++n) {
    const auto fault = static_cast<std::uint16_t>(n);
    if (kind == 0) {
      abi::Clone c{.child = g.new_task(), .flags = types | user | kSigchld};
      if (random.one_in(2)) {
        c.flags |= flag::PIDFD;
        c.pidfd = g.new_file();
      }
      g.plan(t, c, fault);
    } else if (kind == 1) {
      abi::Clone3 c;
      c.child = g.new_task();
      c.flags = types | user | flag::PIDFD;
      c.pidfd = g.new_file();
      g.plan(t, c, fault);
    } else if (kind == 2) {
      g.plan(t, abi::Unshare{types | user | flag::FILES}, fault);
    } else {
      g.plan(t, abi::Setns{pidfd, types | user}, fault);
    }
  }
}

// PIDNS-01: a task in a pid namespace that a user namespace below its own owns makes another.
void plan_foreign_pid(Generator& g, const Live&, TaskId t) {
  const TaskId child = clone_child(g, t, flag::NEWUSER | flag::NEWPID);
  g.plan(t, abi::Setns{open_ns(g, t, child, NsLink::pid), flag::NEWPID});
  const TaskId inner = g.new_task();
  g.plan(t, abi::Fork{inner});
  const Flags user = g.random().one_in(2) ? flag::NEWUSER : Flags{};
  if (g.random().one_in(3)) {
    g.plan(inner, abi::Unshare{flag::NEWPID | user});
  } else {
    clone_either(g, inner, flag::NEWPID | user);
  }
}

// UCNT-02: the limit of a user namespace further up is hit, and lifted again.
void plan_outer_quota(Generator& g, const Live&, TaskId t) {
  const abi::NsType type = g.random().of(abi::kAllNsTypes);
  const TaskId child = clone_child(g, t, flag::NEWUSER);
  g.plan(t, abi::SetLimit{type, 0});
  g.plan(child, abi::Unshare{flag_of(type)});
  g.plan(child, abi::SetLimit{type, 1});
  g.plan(t, abi::SetLimit{type, 100});
  g.plan(child, abi::Unshare{flag_of(type)});
}

// Bind mounts in copies of their mount namespace, and copies that they are locked in.
void plan_mounts(Generator& g, const Live&, TaskId t) {
  const TaskId child = clone_child(g, t, some_types(g) | flag::NEWNS);
  const NsLink link = g.random().one_in(2) ? NsLink::mnt : some_link(g);
  const abi::FileId file = open_ns(g, t, child, link);
  const abi::BindId bind = g.new_bind();
  g.plan(t, abi::BindNs{bind, file});
  g.plan(t, abi::Close{file});
  const TaskId copy =
      clone_child(g, t, flag::NEWNS | (g.random().one_in(2) ? flag::NEWUSER : Flags{}));
  g.plan(g.random().one_in(2) ? t : copy, abi::UnbindNs{bind});
  g.plan(g.random().one_in(2) ? copy : child, abi::Exit{});
}

using Plan = void (*)(Generator&, const Live&, TaskId);
constexpr Plan kPlans[] = {
    plan_user,      plan_user,        plan_container,   plan_deep_pid,  plan_dead_pid,
    plan_dead_pid,  plan_first_fork,  plan_set_tid,     plan_time,      plan_time,
    plan_quota,     plan_quota,       plan_semaphore,   plan_keep,      plan_join_file,
    plan_join_file, plan_join_pidfd,  plan_join_pidfd,  plan_shared_fs, plan_threads,
    plan_threads,   plan_ptrace,      plan_relations,   plan_orphans,   plan_each_step,
    plan_each_step, plan_foreign_pid, plan_outer_quota, plan_mounts,    plan_foreign_user,
    plan_last_user,
};

}  // namespace

void draw_plan(Generator& g, const Live& live) {
  const TaskId t = g.caller(live);
  if (!live.running().has(t.n)) return;
  if (g.mix().deep_user != 0 && g.random().one_in(2)) return plan_user(g, live, t);
  if (g.mix().deep_pid != 0 && g.random().one_in(2)) return plan_deep_pid(g, live, t);
  g.random().of(kPlans)(g, live, t);
}

}  // namespace props
