// Counterexamples on the concrete kernels: the same program, counted by the same walk.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proofs/counts/plan.h"

namespace proofs {

// The law that was broken, the kind of object that it was about, and the steps that were reached.
struct Symptom {
  Law law = Law::balance;
  std::size_t kind = kTaskNode;
  std::vector<abi::Step> steps{};
};

struct Shown {
  abi::Call call;  // the one that shows it, with the step that failed
  abi::Result result;
  std::string says;
};

// Runs the program and then each of `last` in turn, on a fresh kernel each, until one breaks the
// same law for the same kind of object.
std::optional<Shown> replay(Variant variant, impl::Bug bug, const Plan& plan,
                            const abi::Setup& setup, const std::vector<abi::Call>& program,
                            const std::vector<abi::Call>& last, const Symptom& symptom);

}  // namespace proofs
