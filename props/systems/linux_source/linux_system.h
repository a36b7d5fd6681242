// impl with Linux's nsproxy.c as its core, as a system.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "props/systems/linux_source/core_call.h"

extern template class impl::Kernel<props::LinuxMachine, impl::BaselinePolicy>;

namespace props {

class LinuxSystem : private LinuxKernel {
 public:
  // The core must be there (no reason), and fit the profile's version.
  LinuxSystem(const abi::Setup& setup, const linux_core& core)
      : LinuxKernel(setup), state_(std::make_unique<CoreState>()) {
    state_->core = &core;
  }

  abi::Result apply(const abi::Call& call) {
    const Applying applying(*state_);
    return LinuxKernel::apply(call);
  }
  using LinuxKernel::count_failures;
  using LinuxKernel::object;
  using LinuxKernel::task;
  using LinuxKernel::totals;
  using LinuxKernel::touched_objects;
  using LinuxKernel::touched_tasks;
  using LinuxKernel::view;

  // What nsproxy.c did that no kernel allows; "": nothing. After that the system is not to be used.
  const std::string& trouble() const { return state_->trouble; }

 private:
  std::unique_ptr<CoreState> state_;
  FaultCatcher faults_;
};

}  // namespace props
