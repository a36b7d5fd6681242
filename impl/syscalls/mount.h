// Mounts and roots: binding namespace files, unmounting them, chroot, pivot_root.
//
// Mirrors do_loopback, can_umount, path_pivot_root of fs/namespace.c and ksys_chroot of fs/open.c
// (6.18), as far as a namespace file or the place of "/" is concerned.
#pragma once

#include "impl/file/file.h"

namespace impl {

// May the caller change its mount namespace?
template <class K>
typename K::Bool may_mount(Cpu<K>& cpu) {
  return ns_capable(cpu, cpu.nsproxy()->mnt_ns->owner, abi::cap::SYS_ADMIN);
}

// The bind of that name in a mount namespace. Under namespace_lock.
template <class K>
Mount<K>** find_bind(MntNs<K>& ns, abi::BindId name) {
  Mount<K>** link = &ns.mounts;
  while (*link != nullptr && (*link)->name != name) link = &(*link)->next;
  return link;
}

// MOUNT-01. Skipped if the name is in use in the caller's mount namespace.
template <class K>
abi::Result sys_bind_ns(Cpu<K>& cpu, const abi::BindNs& call) {
  MntNs<K>& ns = *cpu.nsproxy()->mnt_ns;
  {
    const Guard guard(cpu, cpu.kernel.namespace_lock);
    if (*find_bind(ns, call.bind) != nullptr) return abi::Result::skip();
  }
  const Fd<K> file(cpu, call.file);
  if (cpu.bug(Bug::kBindCapableFirst) && !may_mount(cpu)) {
    return abi::Result::failure(Errno::kEPERM);
  }
  if (!file) return abi::Result::failure(Errno::kEBADF);
  if (file->type == FileType::pidfd && cpu.kernel.rules.pidfds_can_be_bound) {
    return abi::Result::skip();
  }
  if (cpu.bug(Bug::kBindTypeFirst) && file->type != FileType::ns) {
    return abi::Result::failure(Errno::kEINVAL);
  }
  if (!may_mount(cpu) && !cpu.bug(Bug::kBindNotCapable)) return abi::Result::failure(Errno::kEPERM);
  if (file->type != FileType::ns) return abi::Result::failure(Errno::kEINVAL);
  if (mnt_ns_loop(cpu, *file->inode->ns) && !cpu.bug(Bug::kBindAllowsLoops)) {
    return abi::Result::failure(Errno::kEINVAL);
  }
  if (cpu.fails(Step::alloc_mount)) return abi::Result::failure(errno_of(Step::alloc_mount));
  auto* const mount = cpu.template alloc<Mount<K>>();
  mount->name = call.bind;
  mount->inode = cpu.bug(Bug::kBindNotCounted) ? file->inode : cpu.get(file->inode);
  mount->locked = false;
  const Guard guard(cpu, cpu.kernel.namespace_lock);
  mount->next = ns.mounts;
  ns.mounts = mount;  // transfers
  return abi::Result::success();
}

// MOUNT-02.
template <class K>
abi::Result sys_unbind_ns(Cpu<K>& cpu, const abi::UnbindNs& call) {
  if (cpu.bug(Bug::kUnbindNameFirst) && *find_bind(*cpu.nsproxy()->mnt_ns, call.bind) == nullptr) {
    return abi::Result::failure(Errno::kEINVAL);
  }
  if (!may_mount(cpu)) return abi::Result::failure(Errno::kEPERM);
  Mount<K>* mount = nullptr;
  {
    const Guard guard(cpu, cpu.kernel.namespace_lock);
    Mount<K>** const link = find_bind(*cpu.nsproxy()->mnt_ns, call.bind);
    mount = *link;
    if (mount == nullptr) return abi::Result::failure(Errno::kEINVAL);
    if (mount->locked && !cpu.bug(Bug::kUnbindIgnoresLock)) {
      return abi::Result::failure(Errno::kEINVAL);
    }
    *link = mount->next;
  }
  if (!cpu.bug(Bug::kUnbindKeepsMount)) free_mount(cpu, mount);
  return abi::Result::success();
}

// MOUNT-04.
template <class K>
abi::Result sys_chroot(Cpu<K>& cpu, const abi::Chroot& call) {
  if (!ns_capable(cpu, cpu.cred()->user_ns, abi::cap::SYS_CHROOT)) {
    return abi::Result::failure(Errno::kEPERM);
  }
  const std::uint64_t ns = cpu.nsproxy()->mnt_ns->ns_id;
  const Root root = call.place == abi::RootPlace::top ? Root::top_of(ns) : Root::inside(ns);
  cpu.touch_task(*cpu.current);
  set_fs_root(cpu, *cpu.m.own(cpu.current->fs), root);
  return abi::Result::success();
}

// MOUNT-05. Everybody whose root was the namespace's root still has it so: that place is what a
// Root names, so only the caller's own changes.
template <class K>
abi::Result sys_pivot_root(Cpu<K>& cpu) {
  if (!may_mount(cpu)) return abi::Result::failure(Errno::kEPERM);
  cpu.touch_task(*cpu.current);
  set_fs_root(cpu, *cpu.m.own(cpu.current->fs), Root::top_of(cpu.nsproxy()->mnt_ns->ns_id));
  return abi::Result::success();
}

}  // namespace impl
