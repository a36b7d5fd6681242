// Mount namespaces: bind mounts of namespace files, copied and dissolved with their namespace.
//
// Mirrors fs/namespace.c (6.18): copy_mnt_ns, put_mnt_ns, mnt_ns_loop. Of the mount tree only what
// a namespace rule sees is kept: bind mounts of nsfs files, because they keep namespaces alive, and
// where "/" is. Mount propagation and mount points are left out; a bug in them cannot be seen here.
#pragma once

#include "impl/ns/simple_ns.h"
#include "impl/task/fs.h"

namespace impl {

template <class K>
void put_inode(Cpu<K>& cpu, Inode<K>* inode);

template <class K>
void free_mount(Cpu<K>& cpu, Mount<K>* mount) {
  if (!cpu.put_private(mount)) return;
  Inode<K>* const inode = mount->inode;
  cpu.free(mount);
  if (!cpu.bug(Bug::kMountForgetsInode)) put_inode(cpu, inode);
}

// Nobody holds the namespace. Its mounts may be the last to hold other mount namespaces, and those
// others: a list, for the chain may be long.
template <class K>
void put_mnt_ns(Cpu<K>& cpu, MntNs<K>* ns) {
  if (!ns_put(cpu, ns)) return;
  cpu.to_dissolve.push_back(ns);
  if (cpu.dissolving) return;
  cpu.dissolving = true;
  while (!cpu.to_dissolve.empty()) {
    MntNs<K>* const dead = cpu.to_dissolve.back();
    cpu.to_dissolve.pop_back();
    for (Mount<K>* mount = dead->mounts; mount != nullptr;) {
      Mount<K>* const next = mount->next;
      if (!cpu.bug(Bug::kDissolveForgetsMounts)) free_mount(cpu, mount);
      mount = next;
    }
    free_ns(cpu, dead);
  }
  cpu.dissolving = false;
}

// A mount namespace can hold only younger ones, so that no two hold each other.
template <class K>
bool mnt_ns_loop(Cpu<K>& cpu, const NsHead<K>& ns) {
  if (ns.type != abi::NsType::mnt) return false;
  return cpu.nsproxy()->mnt_ns->ns_id >= ns.ns_id;
}

// MOUNT-03: everything but binds of mount namespaces. Locked where the owner changes.
template <class K>
void copy_tree(Cpu<K>& cpu, const MntNs<K>& from, MntNs<K>& to) {
  const Guard guard(cpu, cpu.kernel.namespace_lock);
  Mount<K>** end = &to.mounts;
  for (const Mount<K>* old = from.mounts; old != nullptr; old = old->next) {
    if (old->inode->ns->type == abi::NsType::mnt && !cpu.bug(Bug::kCopyTreeCopiesMntBinds)) {
      continue;
    }
    auto* const mount = cpu.template alloc<Mount<K>>();
    mount->name = old->name;
    mount->inode = cpu.bug(Bug::kCopyTreeNotCounted) ? old->inode : cpu.get(old->inode);
    mount->locked = old->locked || (from.owner != to.owner && !cpu.bug(Bug::kCopyTreeLocksNothing));
    mount->next = nullptr;
    *end = mount;
    end = &mount->next;
  }
}

// NSP-09: `new_fs`, if its root is in the old tree, is moved to the same place in the copy. It must
// not be in use if a later step can fail (BUG-01).
template <class K>
Fallible<MntNs<K>> copy_mnt_ns(Cpu<K>& cpu, typename K::Word flags, MntNs<K>* old,
                               UserNs<K>* user_ns, Fs<K>* new_fs, Keep keep) {
  if (!cpu.has(flags, flag::NEWNS)) return keep_ns(cpu, old, keep);
  const auto made = make_ns<MntNs<K>>(cpu, user_ns, {Step::init});
  if (made.failed()) return made;
  MntNs<K>* const ns = made.value;
  ns->mounts = nullptr;
  copy_tree(cpu, *old, *ns);
  const Root root = new_fs->root.get();
  if (root.mnt_ns_id() == old->ns_id && !cpu.bug(Bug::kCopyMntLeavesRoot)) {
    new_fs->root.set(root.is_top() ? Root::top_of(ns->ns_id) : Root::inside(ns->ns_id));
  }
  return made;
}

}  // namespace impl
