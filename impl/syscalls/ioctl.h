// The ioctls of namespace files and pidfds.
//
// Mirrors ns_ioctl() of fs/nsfs.c and pidfd_ioctl() of fs/pidfs.c (6.18), with what each version
// knows. Left out: NS_MNT_GET_INFO and its kind, PIDFD_GET_INFO.
#pragma once

#include "impl/syscalls/nsfs.h"

namespace impl {

using abi::NsOp;

constexpr bool is_pidfd_op(NsOp op) { return op >= NsOp::pidfd_get_cgroup; }
// Ops that make a descriptor.
constexpr bool makes_file(NsOp op) {
  return is_pidfd_op(op) || op == NsOp::get_userns || op == NsOp::get_parent;
}

template <class K>
bool knows_op(const Cpu<K>& cpu, NsOp op) {
  if (op == NsOp::unknown) return false;
  if (op == NsOp::get_id) return static_cast<bool>(cpu.kernel.rules.ns_get_id);
  const bool since_6_11 = op == NsOp::get_mntns_id || op >= NsOp::get_pid_from_pidns;
  return !since_6_11 || cpu.kernel.rules.pidfd_ns_ioctls;
}

// -- namespace files

// NSFS-16: numbers, from one pid namespace to another.
template <class K>
abi::Result translate_pid(Cpu<K>& cpu, const PidNs<K>& theirs, NsOp op, std::int64_t arg) {
  const PidNs<K>& mine = *task_active_pid_ns(cpu, *cpu.current);
  const bool in = op == NsOp::get_pid_in_pidns || op == NsOp::get_tgid_in_pidns;
  const bool group = op == NsOp::get_tgid_from_pidns || op == NsOp::get_tgid_in_pidns;
  const Guard guard(cpu, cpu.kernel.tasklist_lock);
  const auto asked = static_cast<std::int32_t>(arg);
  const Task<K>* task = find_task_by_pid_ns(cpu, asked, in ? mine : theirs);
  if (task == nullptr) return abi::Result::failure(Errno::kESRCH);
  if (group) task = task->signal->leader;
  const std::int32_t number = pid_nr_ns(*cpu.m.load(task->pid), in ? theirs : mine);
  if (number == 0) return abi::Result::failure(Errno::kESRCH);
  return abi::Result::success(number);
}

template <class K>
abi::Result from_errno(Errno e) {
  return e == Errno::kOk ? abi::Result::success() : abi::Result::failure(e);
}

template <class K>
abi::Result ns_ioctl(Cpu<K>& cpu, NsHead<K>& ns, const abi::NsIoctl& call, FileName<K>* name) {
  const auto write = [&](std::int64_t value) {
    return call.pointer == abi::Pointer::good ? abi::Result::success(value)
                                              : abi::Result::failure(Errno::kEFAULT);
  };
  const auto invalid = abi::Result::failure(Errno::kEINVAL);
  switch (call.op) {
    case NsOp::get_userns:
      return from_errno<K>(open_relative(cpu, visible_owner(cpu, ns), name));
    case NsOp::get_parent:
      if (ns.type == abi::NsType::user) {
        return from_errno<K>(open_relative(cpu, visible_owner(cpu, ns), name));
      }
      if (ns.type != abi::NsType::pid) return invalid;
      return from_errno<K>(
          open_relative(cpu, visible_parent(cpu, static_cast<PidNs<K>&>(ns)), name));
    case NsOp::get_nstype:
      return abi::Result::success(static_cast<std::int64_t>(abi::flag_of(ns.type).bits()));
    case NsOp::get_owner_uid: {
      if (ns.type != abi::NsType::user) return invalid;
      constexpr abi::Id overflow = 65534;
      const abi::Id owner = static_cast<UserNs<K>&>(ns).owner_uid;
      return write(
          map_id_up(cpu, *cpu.cred()->user_ns, abi::MapKind::uid, owner).value_or(overflow));
    }
    case NsOp::get_mntns_id:
      if (ns.type != abi::NsType::mnt) return invalid;
      return write(static_cast<std::int64_t>(ns.ns_id));
    case NsOp::get_id:
      return write(static_cast<std::int64_t>(ns.ns_id));
    case NsOp::get_pid_from_pidns:
    case NsOp::get_tgid_from_pidns:
    case NsOp::get_pid_in_pidns:
    case NsOp::get_tgid_in_pidns:
      if (ns.type != abi::NsType::pid) return invalid;
      return translate_pid(cpu, static_cast<PidNs<K>&>(ns), call.op, call.arg);
    case NsOp::pidfd_get_uts:
      // NS_MNT_GET_INFO has that number, and a struct that the command is too short for.
      if (cpu.kernel.rules.nsfs_by_number) return invalid;
      [[fallthrough]];
    default:
      return abi::Result::failure(Errno::kENOTTY);
  }
}

// -- pidfds

constexpr abi::NsLink link_of(NsOp op) {
  using enum abi::NsLink;
  constexpr std::array<abi::NsLink, 10> links = {
      cgroup, ipc, mnt, net, pid, pid_for_children, time, time_for_children, user, uts};
  return links[static_cast<std::size_t>(op) - static_cast<std::size_t>(NsOp::pidfd_get_cgroup)];
}

// Whether the call passes an argument: the address of the result is one.
constexpr bool passes_argument(const abi::NsIoctl& call) {
  const bool writes =
      call.op == NsOp::get_owner_uid || call.op == NsOp::get_mntns_id || call.op == NsOp::get_id;
  return writes ? call.pointer != abi::Pointer::null : call.arg != 0;
}

// PIDFD-01 to 07.
template <class K>
abi::Result pidfd_ioctl(Cpu<K>& cpu, const Pid<K>& pid, const abi::NsIoctl& call,
                        FileName<K>* name) {
  const bool old = static_cast<bool>(cpu.kernel.rules.pidfd_ioctl_arg_first);
  const bool ignores_arg = cpu.bug(Bug::kPidfdIoctlIgnoresArg);
  if (old && passes_argument(call) && !ignores_arg) return abi::Result::failure(Errno::kEINVAL);
  const bool known = is_pidfd_op(call.op);
  if (!old && !known) return abi::Result::failure(Errno::kENOTTY);
  const abi::NsLink link = known ? link_of(call.op) : abi::NsLink::mnt;
  NsHead<K>* ns = nullptr;
  {
    const ReadGuard guard(cpu);
    const Task<K>* const task = cpu.m.load(pid.task);
    if (call.arg != 0 && cpu.bug(Bug::kPidfdArgFirst)) {
      return abi::Result::failure(Errno::kEINVAL);
    }
    if (task == nullptr) return abi::Result::failure(Errno::kESRCH);
    const bool exited = cpu.m.load(task->nsproxy) == nullptr;
    if (exited && cpu.bug(Bug::kPidfdExitedFirst)) return abi::Result::failure(Errno::kESRCH);
    if (call.arg != 0 && !ignores_arg) return abi::Result::failure(Errno::kEINVAL);
    if (cpu.bug(Bug::kPidfdTypeFirst) && !configured(cpu, abi::type_of(link))) {
      return abi::Result::failure(Errno::kEOPNOTSUPP);
    }
    const bool may = static_cast<bool>(ptrace_may_access(cpu, *task, PtraceMode::fs_creds));
    const bool access_first = cpu.kernel.rules.pidfd_access_first || cpu.bug(Bug::kPidfdExitedLast);
    if (!may && access_first) return abi::Result::failure(Errno::kEACCES);
    if (exited) return abi::Result::failure(Errno::kESRCH);
    if (!may) return abi::Result::failure(Errno::kEACCES);
    if (!known) return abi::Result::failure(Errno::kENOTTY);
    if (!configured(cpu, abi::type_of(link)) && !cpu.bug(Bug::kUnconfiguredLinkOpens))
      return abi::Result::failure(Errno::kEOPNOTSUPP);
    ns = get_task_ns(cpu, *task, link);
  }
  if (ns == nullptr) return abi::Result::failure(Errno::kESRCH);
  return from_errno<K>(open_namespace(cpu, ns, *name, false));
}

// IOCTL-01. `name` is there if the op makes a descriptor.
template <class K>
abi::Result sys_ioctl(Cpu<K>& cpu, const abi::NsIoctl& call, FileName<K>* name) {
  const Fd<K> file(cpu, call.file);
  if (cpu.bug(Bug::kIoctlOpFirst) && !knows_op(cpu, call.op)) {
    return abi::Result::failure(Errno::kENOTTY);
  }
  if (!file.usable()) return abi::Result::failure(Errno::kEBADF);
  const bool asks_pidfd = file->type == FileType::pidfd && cpu.kernel.rules.pidfd_ioctl_arg_first;
  if (!asks_pidfd && !knows_op(cpu, call.op)) return abi::Result::failure(Errno::kENOTTY);
  switch (file->type) {
    case FileType::ns:
      return ns_ioctl(cpu, *file->inode->ns, call, name);
    case FileType::pidfd:
      return pidfd_ioctl(cpu, *file->pid, call, name);
    case FileType::other:
      break;
  }
  return abi::Result::failure(Errno::kENOTTY);
}

}  // namespace impl
