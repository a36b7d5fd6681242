// Programs for RapidCheck: drawn by Generator from a seed that RapidCheck draws, shrunk on the
// concrete calls.
//
// The names in a program are settled while it runs, so drawing one runs it on the model. RC_PARAMS
// works as usual: seed, max_success, max_size (100 is full length), reproduce.
#pragma once

#include <rapidcheck.h>

#include <iosfwd>

#include "abi/system.h"
#include "props/generate/mix.h"

namespace props {

struct Case {
  abi::Setup setup;
  abi::Program program;
};
// As trace text.
std::ostream& operator<<(std::ostream& os, const Case& c);

rc::Gen<Case> cases(const Limits& limits = {});

}  // namespace props
