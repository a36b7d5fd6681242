// What decides a call, and what would decide otherwise: the answers of `nsproxy explain`.
//
// Nothing here repeats a rule. An answer is found by asking the model: in the situation given, in
// others (which rules could refuse this call elsewhere?), with something changed (what makes it
// pass?), and on other kernel versions. So every line of an answer was tried.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "cli/situation.h"
#include "model/rule.h"

namespace cli {

// A rule that refuses the call in another situation.
struct Refusal {
  const model::RuleInfo* rule = nullptr;
  std::vector<std::string> options;  // those of explain that lead there
};

// The same situation on another kernel.
struct OtherVersion {
  abi::Version version;
  std::string outcome;  // "ok", "EINVAL (CLONE-16)"; "" if the situation cannot be had there
};

struct Answer {
  explicit Answer(Scene s) : scene(std::move(s)) {}

  Scene scene;
  abi::Result result;
  const model::RuleInfo* rule = nullptr;  // that refuses; null if the call passes
  std::vector<std::string> caller;        // what there is to know of the caller
  std::vector<std::string> cures;         // if it is refused: what makes it pass here
  std::vector<Refusal> refusals;          // if it passes: what could refuse it elsewhere
  std::vector<OtherVersion> versions;
};

std::variant<Answer, Failure> explain(const Situation& situation, std::string_view call);
std::string to_text(const Answer& answer);

// The caller's ids, capabilities, threads, root and pending namespaces, as far as they matter.
std::vector<std::string> describe_caller(const model::Model& model, abi::TaskId caller);

// Another situation or another call, and how to say what is different.
struct Variant {
  std::vector<std::string> shown;
  Situation situation;
  std::string call;
};
// Situations in which some rule or other refuses calls like this one.
std::vector<Variant> harder_variants(const Situation& base, std::string_view text,
                                     const abi::Call& call);
// What often makes calls like this one pass.
std::vector<Variant> cure_variants(const Situation& base, const abi::Call& call);

}  // namespace cli
