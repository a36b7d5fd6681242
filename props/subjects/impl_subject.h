// Subjects made of impl's kernels: included by this folder's .cc files only.
#pragma once

#include <memory>
#include <string>

#include "impl/kernel.h"
#include "model/model.h"
#include "props/differ/pair_subject.h"

namespace props {

template <class Kernel>
struct MakeKernel {
  impl::Bug bug = impl::Bug::kNone;
  Kernel operator()(const abi::Setup& setup) const { return Kernel(setup, bug); }
};

template <class Kernel>
std::unique_ptr<Subject> impl_subject(std::string name, impl::Bug bug = impl::Bug::kNone) {
  return std::make_unique<PairSubject<model::Model, MakeKernel<Kernel>>>(std::move(name),
                                                                         MakeKernel<Kernel>{bug});
}

}  // namespace props
