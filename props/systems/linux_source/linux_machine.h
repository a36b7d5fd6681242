// The machine of kernels whose nsproxy.c is Linux's own: the native one, with objects that C sees.
//
// Counts, steps and locks are impl's. Each object begins with what kernel.h calls struct object: a
// namespace needs its flag and its operations where C looks for them, so they are part of Count,
// with which every object begins.
#pragma once

#include "impl/kernel.h"
#include "impl/machine/native.h"

// C's; see kernel.h.
struct nsset;
struct ns_common;
struct proc_ns_operations {
  int type;
  int (*install)(struct nsset* nsset, struct ns_common* ns);
};

namespace props {

// By NsType; their install() is impl's function of the type.
extern const std::array<proc_ns_operations, abi::kNsTypes> kNsOperations;

class LinuxMachine : public impl::NativeMachine {
 public:
  using NativeMachine::NativeMachine;

  struct Count : NativeMachine::Count {
    std::uint32_t ns_type = 0;
    const proc_ns_operations* ops = nullptr;
  };

  template <class T>
  void allocated(T& o) {
    if constexpr (requires { T::kType; }) {
      o.refs.ops = &kNsOperations[abi::index(T::kType)];
      o.refs.ns_type = static_cast<std::uint32_t>(o.refs.ops->type);
    }
  }
};

using LinuxKernel = impl::Kernel<LinuxMachine, impl::BaselinePolicy>;

}  // namespace props
