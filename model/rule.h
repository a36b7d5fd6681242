// Rules as data: what `nsproxy rules` prints, coverage counts and an explanation cites.
//
// A rule is one check that the kernel makes; a table of them, in the kernel's order, is a call's
// specification. Predicates are generic lambdas over a Facts type (model/facts.h), so that the same
// rule is evaluated on a state and on Z3 terms.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "abi/errno.h"
#include "abi/profile.h"

namespace model {

struct RuleInfo {
  std::string_view id;        // "CLONE-10", unique over all tables but for shared parts
  abi::Errno error;           // what the call gives when the rule fires
  abi::Since since;           // first version that has it
  abi::Since until;           // first version that does not; kNever
  std::string_view function;  // the kernel function that checks it
  std::string_view call;      // the table it stands in: "clone3", "unshare", "setns", …
  std::string_view says;      // when it fires, as a sentence
  std::string_view remedy;    // what would make the call pass
  bool is_step = false;       // a fallible step (abi/step.h): fires by fault injection only
};

// Every rule of every table, in order; Result::rule indexes this, 0 being "no rule".
std::span<const RuleInfo> rules();

}  // namespace model
