// Programs for a system: generated for its kernel, and the quota probe.
#pragma once

#include <functional>

#include "abi/system.h"
#include "props/generate/mix.h"

namespace props::conform {

struct GeneratedProgram {
  abi::Setup setup;
  abi::Program program;
};

// `fit` gives the setup that a place can have.
GeneratedProgram generate(std::uint64_t seed, const Limits& limits,
                          const std::function<abi::Setup(const abi::Setup&)>& fit);

// Of every type as many namespaces as a limit on the initial user namespace allows, and one more:
// what earlier programs leaked there is missing.
abi::Program quota_probe();

}  // namespace props::conform
