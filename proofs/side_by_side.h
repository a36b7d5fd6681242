// A trace on the model and on a concrete kernel: the first thing that differs.
//
// This is how a counterexample is shown to be one of the code that ships, and not of the proof. No
// renaming is kept: objects are compared as a bag of what can be said of each (kind, holders, uses,
// level, …), and tasks by all but their objects. That sees every wrong result, leak and lost
// reference; a namespace taken for another of its kind with as many holders it does not see.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "abi/trace.h"
#include "impl/bugs.h"

namespace proofs {

enum class Native : std::uint8_t { baseline, optimized, seeded };

struct Difference {
  std::string says;   // "t0.unshare(CLONE_VM) gives ok, and should give EINVAL"
  std::string trace;  // up to there, each call with the model's result
};

// `bug` is switched on in `seeded`; the others ignore it.
std::optional<Difference> first_difference(const abi::Trace& trace, Native native, impl::Bug bug);

// The id of the rule of the model that decides the last call; empty if it passes.
std::string_view deciding_rule(const abi::Trace& trace);

}  // namespace proofs
