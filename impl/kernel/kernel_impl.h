// Kernel's members: see kernel.h. Included by the .cc files that instantiate a Kernel, nowhere
// else.
#pragma once

#include "impl/kernel.h"
#include "impl/kernel/dispatch.h"
#include "impl/kernel/view.h"

namespace impl {

template <class M, class P>
Kernel<M, P>::Kernel(const abi::Setup& setup) : Kernel(setup, Bug::kNone) {}

template <class M, class P>
Kernel<M, P>::Kernel(const abi::Setup& setup, Bug bug)
    : state_(std::make_unique<State<M, P>>(setup, bug)) {}

template <class M, class P>
Kernel<M, P>::Kernel(Kernel&&) noexcept = default;

template <class M, class P>
Kernel<M, P>::~Kernel() = default;

template <class M, class P>
abi::Result Kernel<M, P>::apply(const abi::Call& call) {
  return apply_call(state_->boot_cpu(), call);
}

template <class M, class P>
std::span<const abi::TaskId> Kernel<M, P>::touched_tasks() const {
  return state_->boot_cpu().touched_tasks();
}

template <class M, class P>
std::span<const abi::ObjId> Kernel<M, P>::touched_objects() const {
  return state_->boot_cpu().touched_objects();
}

template <class M, class P>
abi::View Kernel<M, P>::view() const {
  return view_all<Build<M, P>>(*state_);
}

template <class M, class P>
abi::TaskView Kernel<M, P>::task(abi::TaskId id) const {
  const auto* const task = state_->boot_cpu().find(id);
  return task != nullptr ? view_task(state_->boot_cpu(), *task) : abi::TaskView{};
}

template <class M, class P>
abi::ObjectView Kernel<M, P>::object(abi::ObjId id) const {
  return view_by_id<Build<M, P>>(*state_, id);
}

template <class M, class P>
abi::Totals Kernel<M, P>::totals() const {
  return state_->totals();
}

template <class M, class P>
const abi::Setup& Kernel<M, P>::setup() const {
  return state_->setup;
}

template <class M, class P>
std::vector<CountReport> Kernel<M, P>::count_failures() const {
  std::vector<CountReport> all = state_->past_reports;
  for (const auto& cpu : state_->cpus) {
    all.insert(all.end(), cpu->m.reports().begin(), cpu->m.reports().end());
  }
  return all;
}

template <class M, class P>
Kernel<M, P>::Processor::Processor(Kernel& kernel)
    : state_(kernel.state_.get()), cpu_(state_->add_cpu()) {}

template <class M, class P>
Kernel<M, P>::Processor::~Processor() {
  state_->remove_cpu(cpu_);
}

template <class M, class P>
abi::Result Kernel<M, P>::Processor::apply(const abi::Call& call) {
  return apply_call(*cpu_, call);
}

}  // namespace impl
