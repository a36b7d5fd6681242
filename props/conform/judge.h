// Holds what a system did against the model: results, what tasks show, namespaces by a renaming.
//
// The system's calls are made first and the model is asked afterwards about those that were carried
// out, so that a call which the system cannot be asked is as if it had not been in the program.
// Objects and their counts are not seen from user space and not compared.
#pragma once

#include <optional>

#include "abi/trace.h"
#include "props/coverage/coverage.h"
#include "props/differ/compare.h"
#include "props/differ/difference.h"
#include "props/systems/agent_system.h"

namespace props::conform {

struct Judgement {
  std::optional<Difference> difference;
  // The calls that were carried out, up to the one that differs; with the model's results.
  abi::Trace trace;
  // What the system gave to the last of them.
  abi::Result last;
  // Why the program was not judged to its end: something that the agent cannot see (docs/agent.md).
  std::string limit;
};

// `setup` is what the recording began with, `unseen` what the system cannot show. Coverage may be
// null.
Judgement judge(const abi::Setup& setup, const systems::Recording& recording,
                const agent::Unseen& unseen, Comparison& work, Coverage* coverage);

// The rule that decided, its source, and when kernels have it: "" for none.
std::string rule_text(const abi::Result& reference);

}  // namespace props::conform
