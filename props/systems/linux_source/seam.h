// Where impl's kernel calls Linux's nsproxy.c instead of impl/nsproxy: full specializations of the
// functions that the rest of impl calls, for the one kernel type whose core is C.
//
// What they replace: kernel/nsproxy.c's functions, and setns with it. All others, among them the
// install functions of each type, are impl's, as they are not nsproxy.c's. Included once, before
// anything of that kernel is instantiated.
#pragma once

#include "impl/kernel/kernel_impl.h"
#include "props/systems/linux_source/core_call.h"

namespace impl {

using props::CoreCall;
using LinuxK = props::LinuxBuild;

// What C sees of an object, and back: the same memory.
template <class C, class T>
C* to_c(T* object) {
  return reinterpret_cast<C*>(object);  // NOLINT
}

// The errno of what a kernel function returned; EFAULT after an oops.
inline Errno core_errno(bool returned, int value) {
  if (!returned) return Errno::kEFAULT;
  return static_cast<Errno>(-value);
}

template <>
inline void free_nsproxy<LinuxK>(Cpu<LinuxK>& cpu, Nsproxy<LinuxK>* ns) {
  CoreCall(cpu, "free_nsproxy").run([&](const linux_core& core) {
    core.free_nsproxy(to_c<nsproxy>(ns));
  });
}

template <>
inline void nsproxy_free<LinuxK>(Cpu<LinuxK>& cpu, Nsproxy<LinuxK>* ns) {
  CoreCall(cpu, "free_nsproxy").run([&](const linux_core& core) {
    core.discard_nsproxy(to_c<nsproxy>(ns));
  });
}

template <>
inline void switch_task_namespaces<LinuxK>(Cpu<LinuxK>& cpu, Task<LinuxK>& task,
                                           Nsproxy<LinuxK>* ns) {
  CoreCall(cpu, "switch_task_namespaces").run([&](const linux_core& core) {
    core.switch_task_namespaces(to_c<task_struct>(&task), to_c<nsproxy>(ns));
  });
  cpu.touch_task(task);
}

template <>
inline void exit_task_namespaces<LinuxK>(Cpu<LinuxK>& cpu, Task<LinuxK>& task) {
  CoreCall(cpu, "exit_task_namespaces").run([&](const linux_core& core) {
    core.exit_task_namespaces(to_c<task_struct>(&task));
  });
  cpu.touch_task(task);
}

template <>
inline Errno exec_task_namespaces<LinuxK>(Cpu<LinuxK>& cpu) {
  int error = 0;
  const bool returned = CoreCall(cpu, "exec_task_namespaces").run([&](const linux_core& core) {
    error = core.exec_task_namespaces();
  });
  cpu.touch_task(*cpu.current);
  return core_errno(returned, error);
}

template <>
inline Errno copy_namespaces<LinuxK>(Cpu<LinuxK>& cpu, LinuxK::Word flags, Task<LinuxK>& child,
                                     UserNs<LinuxK>*) {
  // A child begins as a copy of its parent.
  cpu.m.init(child.nsproxy, cpu.nsproxy());
  int error = 0;
  const bool returned = CoreCall(cpu, "copy_namespaces").run([&](const linux_core& core) {
    error = core.copy_namespaces(flags, to_c<task_struct>(&child));
  });
  if (returned && error == 0) return Errno::kOk;
  cpu.m.init(child.nsproxy, static_cast<Nsproxy<LinuxK>*>(nullptr));
  return core_errno(returned, error);
}

template <>
inline Fallible<Nsproxy<LinuxK>> unshare_nsproxy_namespaces<LinuxK>(Cpu<LinuxK>& cpu,
                                                                    LinuxK::Word flags,
                                                                    UserNs<LinuxK>* new_user_ns,
                                                                    Fs<LinuxK>* new_fs) {
  // Of the new credentials only their user namespace is asked for.
  Cred<LinuxK> new_cred;
  new_cred.user_ns = new_user_ns;
  nsproxy* made = nullptr;
  int error = 0;
  const bool returned =
      CoreCall(cpu, "unshare_nsproxy_namespaces").run([&](const linux_core& core) {
        error = core.unshare_nsproxy_namespaces(
            flags, &made, new_user_ns != nullptr ? to_c<cred>(&new_cred) : nullptr,
            to_c<fs_struct>(new_fs));
      });
  if (!returned || error != 0) return core_errno(returned, error);
  return to_c<Nsproxy<LinuxK>>(made);
}

template <>
inline abi::Result sys_setns<LinuxK>(Cpu<LinuxK>& cpu, abi::FileId name, LinuxK::Word flags) {
  int error = 0;
  const bool returned = CoreCall(cpu, "setns").run([&](const linux_core& core) {
    error = core.setns(static_cast<int>(name.n), static_cast<int>(flags));
  });
  cpu.touch_task(*cpu.current);
  const Errno e = core_errno(returned, error);
  return e == Errno::kOk ? abi::Result::success() : abi::Result::failure(e);
}

}  // namespace impl
