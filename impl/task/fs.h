// fs_struct: where a task's "/" is, and who shares it.
//
// Mirrors fs/fs_struct.c (6.18) and current_chrooted() of fs/namespace.c. A root is the mount
// namespace whose tree it is in and whether it is that tree's top; the working directory follows
// the root everywhere that a namespace rule looks, and is left out.
#pragma once

#include "impl/kernel/state.h"

namespace impl {

template <class K>
void put_fs(Cpu<K>& cpu, Fs<K>* fs) {
  if (cpu.put_private(fs)) cpu.free(fs);
}

template <class K>
Fallible<Fs<K>> copy_fs_struct(Cpu<K>& cpu, const Fs<K>& old) {
  if (cpu.fails(Step::copy_fs)) return errno_of(Step::copy_fs);
  auto* const fs = cpu.template alloc<Fs<K>>();
  fs->root.set(old.root.get());
  return fs;
}

// Moves "/" of everyone who shares it.
template <class K>
void set_fs_root(Cpu<K>& cpu, Fs<K>& fs, Root root) {
  fs.root.set(root);
  // The views of its sharers change too: what a lone processor's caller may ask about.
  if (!cpu.m.alone() || !cpu.shared(&fs)) return;
  cpu.kernel.template slab<Task<K>>().for_each([&](const Task<K>& t) {
    if (cpu.m.load(t.fs) == &fs) cpu.touch_task(t);
  });
}

template <class K>
bool is_chrooted(const Fs<K>& fs, const MntNs<K>& mnt_ns) {
  return fs.root.get() != Root::top_of(mnt_ns.ns_id);
}

template <class K>
bool current_chrooted(Cpu<K>& cpu) {
  return is_chrooted(*cpu.m.own(cpu.current->fs), *cpu.nsproxy()->mnt_ns);
}

}  // namespace impl
