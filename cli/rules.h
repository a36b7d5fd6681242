// Rules as text: for `nsproxy rules`, docs/rules.md and explanations.
#pragma once

#include <string>

#include "abi/namespace.h"
#include "abi/result.h"
#include "model/rule.h"

namespace cli {

// The rule that refused; null if none did.
const model::RuleInfo* rule_of(const abi::Result& result);
// "ok", "EINVAL (CLONE-16)".
std::string outcome(const abi::Result& result);

// The table of `nsproxy rules`: as Markdown (docs/rules.md), or for a terminal.
std::string rules_as_markdown(bool steps);
std::string rules_as_text(bool steps);

}  // namespace cli
