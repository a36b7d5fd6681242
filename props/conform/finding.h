// What differs, for people: the trace, both results, the rule and its source, how to see it again.
#pragma once

#include <string>

#include "props/conform/conform.h"
#include "props/conform/judge.h"
#include "report/report.h"

namespace props::conform {

// `repeats`: it was seen again. Writes stem.ns and stem.c into the options' directory.
report::Finding to_finding(const std::string& stem, const Judgement& judgement, bool repeats,
                           const ConformOptions& options);

// The agent lost hold of a program, twice.
report::Finding lost_finding(const std::string& name, const abi::Setup& setup,
                             const abi::Program& program, const std::string& why,
                             const ConformOptions& options);

}  // namespace props::conform
