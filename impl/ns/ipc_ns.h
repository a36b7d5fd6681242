// Ipc namespaces, and the one semaphore that each has here.
//
// Mirrors copy_ipcs and put_ipc_ns of ipc/namespace.c and freeary of ipc/sem.c (6.18). What else is
// inside, message queues and shared memory, is left out: nothing that programs here can do reaches
// it. Death is immediate; Linux takes its time (REF-12), which only lengthens how long a quota
// stays used.
#pragma once

#include "impl/task/pid.h"

namespace impl {

template <class K>
Fallible<IpcNs<K>> copy_ipcs(Cpu<K>& cpu, typename K::Word flags, UserNs<K>* user_ns, IpcNs<K>* old,
                             Keep keep) {
  if (!cpu.has(flags, flag::NEWIPC)) return keep_ns(cpu, old, keep);
  if (!configured(cpu, abi::NsType::ipc)) return Errno::kEINVAL;
  const auto made = make_ns<IpcNs<K>>(cpu, user_ns, {Step::init});
  if (made.failed()) return made;
  made.value->semaphore.set(0);
  made.value->sempid = nullptr;
  return made;
}

// The semaphore goes first, and with it its hold of who used it last.
template <class K>
void put_ipc_ns(Cpu<K>& cpu, IpcNs<K>* ns) {
  if (!ns_put(cpu, ns)) return;
  if (ns->sempid != nullptr && !cpu.bug(Bug::kIpcNsKeepsSempid)) put_pid(cpu, ns->sempid);
  free_ns(cpu, ns);
}

}  // namespace impl
