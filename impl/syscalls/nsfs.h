// Opening and asking namespaces: /proc/PID/ns, pidfds, and the ioctls of both.
//
// Mirrors fs/proc/namespaces.c, fs/nsfs.c, fs/pidfs.c and pidfd_open() of kernel/pid.c (6.18). Left
// out: readlink and stat (a view shows the same), the mount iteration ioctls.
#pragma once

#include "impl/file/file.h"
#include "impl/nsproxy/nsset.h"
#include "impl/task/ptrace.h"

namespace impl {

// -- /proc/PID/ns

// Whether the link is in /proc/PID/ns at all.
template <class K>
bool has_link(const Cpu<K>& cpu, abi::NsLink link) {
  return configured(cpu, abi::type_of(link));
}

// The namespace behind a link of `task`, with a reference for the caller; null where there is none
// any more (ENOENT). In a read section and without a lock: a namespace that dies meanwhile has been
// replaced, so that looking again finds another or none.
template <class K>
NsHead<K>* get_task_ns(Cpu<K>& cpu, const Task<K>& task, abi::NsLink link) {
  for (;;) {
    NsHead<K>* ns = nullptr;
    if (link == NsLink::user) {
      ns = cpu.m.load(task.cred)->user_ns;
    } else if (link == NsLink::pid && !cpu.bug(Bug::kPidLinkShowsChildren)) {
      ns = task_active_pid_ns(cpu, task);
      if (!ns_try_get(cpu, ns)) return nullptr;  // the task is being reaped
      return ns;
    } else {
      const Nsproxy<K>* const nsproxy = cpu.m.load(task.nsproxy);
      if (nsproxy == nullptr) return nullptr;
      ns = nsproxy->slot(link == NsLink::pid ? NsLink::pid_for_children : link);
    }
    if (cpu.bug(Bug::kSnapshotWithoutTryGet)) {
      ns_get(cpu, ns);
      return ns;
    }
    if (cpu.bug(Bug::kLinkNotCounted) || ns_try_get(cpu, ns)) return ns;
    if (task.state.get() == abi::TaskState::none || !cpu.retry()) return nullptr;
  }
}

template <class K>
abi::Result sys_open_ns(Cpu<K>& cpu, const abi::OpenNs& call, FileName<K>& name) {
  NsHead<K>* ns = nullptr;
  {
    const ReadGuard guard(cpu);
    const Task<K>* const task = cpu.find(call.target);
    const bool link = static_cast<bool>(has_link(cpu, call.link));
    const bool late = cpu.bug(Bug::kLinkAfterPtrace);
    if (task == nullptr || (!link && !late)) return abi::Result::failure(Errno::kENOENT);
    if (!ptrace_may_access(cpu, *task, PtraceMode::fs_creds)) {
      return abi::Result::failure(Errno::kEACCES);
    }
    if (!link) return abi::Result::failure(Errno::kENOENT);
    ns = get_task_ns(cpu, *task, call.link);
  }
  if (ns == nullptr) return abi::Result::failure(Errno::kENOENT);
  if (call.link == NsLink::pid_for_children && !cpu.bug(Bug::kPidForChildrenAlwaysOpens) &&
      !static_cast<PidNs<K>*>(ns)->had_reaper.get()) {  // NSFS-05
    if (!cpu.bug(Bug::kOpenRefusalKeepsPidNs)) put_ns(cpu, ns);
    return abi::Result::failure(Errno::kENOENT);
  }
  const Errno e = open_namespace(cpu, ns, name, call.o_path);
  return e == Errno::kOk ? abi::Result::success() : abi::Result::failure(e);
}

// -- pidfds and other files

// FILE-01.
template <class K>
abi::Result sys_pidfd_open(Cpu<K>& cpu, const abi::OpenPidfd& call, FileName<K>& name) {
  const bool thread_known = static_cast<bool>(cpu.kernel.rules.pidfd_thread);
  if (cpu.bug(Bug::kPidfdOpenGoneFirst) && cpu.find(call.target) == nullptr) {
    return abi::Result::failure(Errno::kESRCH);
  }
  if (call.thread && !thread_known) return abi::Result::failure(Errno::kEINVAL);
  Pid<K>* pid = nullptr;
  bool leader = false;
  {
    const Guard guard(cpu, cpu.kernel.tasklist_lock);
    const Task<K>* const task = cpu.find(call.target);
    if (task != nullptr &&
        pid_nr_ns(*cpu.m.load(task->pid), *task_active_pid_ns(cpu, *cpu.current)) != 0) {
      pid = cpu.m.load(task->pid);
      if (!cpu.bug(Bug::kPidfdOpenNotCounted)) cpu.get(pid);
      leader = is_leader(*task);
    }
  }
  if (pid == nullptr) return abi::Result::failure(Errno::kESRCH);
  Errno e = Errno::kOk;
  if (!call.thread && !leader) {
    e = cpu.kernel.rules.pidfd_leader_error ? Errno::kENOENT : Errno::kEINVAL;
  } else {
    const auto file = pidfd_file(cpu, pid);
    e = file.error;
    if (!file.failed()) name.bind(file.value);  // transfers
  }
  if (!cpu.bug(Bug::kPidfdOpenKeepsPid)) put_pid(cpu, pid);
  return e == Errno::kOk ? abi::Result::success() : abi::Result::failure(e);
}

// FILE-02: files that keep something alive.
template <class K>
abi::Result sys_open_file(Cpu<K>& cpu, const abi::OpenFile& call, FileName<K>& name) {
  Pid<K>* pid = nullptr;
  if (call.kind == abi::FileKind::proc_dir) {
    const Guard guard(cpu, cpu.kernel.tasklist_lock);
    const Task<K>* const task = cpu.find(call.target);
    if (task == nullptr) return abi::Result::failure(Errno::kENOENT);
    pid = cpu.m.load(task->pid);
    if (!cpu.bug(Bug::kProcDirNotCounted)) cpu.get(pid);
  }
  if (cpu.fails(Step::open_file)) {
    if (pid != nullptr && !cpu.bug(Bug::kProcDirFailureKeepsPid)) put_pid(cpu, pid);
    return abi::Result::failure(errno_of(Step::open_file));
  }
  File<K>* const file = alloc_file(cpu, FileType::other);
  file->pid = pid;  // transfers
  const Nsproxy<K>& mine = *cpu.nsproxy();
  if (call.kind == abi::FileKind::socket) {
    file->net_ns = cpu.bug(Bug::kSocketNotCounted) ? mine.net_ns : ns_get(cpu, mine.net_ns);
  }
  if (call.kind == abi::FileKind::cgroupfs) {
    file->cgroup =
        cpu.bug(Bug::kCgroupFileNotCounted) ? mine.cgroup_ns : ns_get(cpu, mine.cgroup_ns);
  }
  name.bind(file);  // transfers
  return abi::Result::success();
}

template <class K>
abi::Result sys_close(Cpu<K>& cpu, const abi::Close& call) {
  File<K>* const file = cpu.kernel.files.at(cpu.m, call.file.n).take(cpu.m);
  if (file == nullptr) return abi::Result::failure(Errno::kEBADF);
  fput(cpu, file);
  return abi::Result::success();
}

// -- relatives of a namespace

// NSFS-10: the owner, if the caller's user namespace is it or above it (ns_get_owner).
template <class K>
NsHead<K>* visible_owner(Cpu<K>& cpu, const NsHead<K>& ns) {
  UserNs<K>* const owner = ns.owner;
  const UserNs<K>* const mine = cpu.cred()->user_ns;
  for (const UserNs<K>* at = owner; at != nullptr; at = at->parent()) {
    if (at != mine && !cpu.bug(Bug::kForeignOwnerVisible)) continue;
    return cpu.bug(Bug::kOwnerNotCounted) ? owner : ns_get(cpu, owner);
  }
  return nullptr;
}

// NSFS-11: the parent, if the caller's active pid namespace is it or above it (pidns_get_parent).
template <class K>
NsHead<K>* visible_parent(Cpu<K>& cpu, const PidNs<K>& ns) {
  const PidNs<K>* const mine = task_active_pid_ns(cpu, *cpu.current);
  for (const PidNs<K>* at = ns.parent; at != nullptr; at = at->parent) {
    if (at == mine) return cpu.bug(Bug::kParentNotCounted) ? ns.parent : ns_get(cpu, ns.parent);
  }
  return nullptr;
}

// Opens what was found; nothing was: EPERM.
template <class K>
Errno open_relative(Cpu<K>& cpu, NsHead<K>* found, FileName<K>* name) {
  if (found == nullptr) return Errno::kEPERM;
  return open_namespace(cpu, found, *name, false);
}

}  // namespace impl
