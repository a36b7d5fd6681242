// The minimal forbidden combinations of flags: what each call refuses whatever else is passed.
//
// A combination is a set of flags that are set, flags that are not, and facts about the caller. It
// is forbidden if every call that contains it is refused by a rule that looks at flags, and minimal
// if that is true of no part of it. Z3 finds them and shows that none is missing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "abi/errno.h"
#include "abi/flags.h"
#include "abi/profile.h"

namespace proofs {

struct Forbidden {
  std::string_view call;               // "clone", …
  std::string_view on;                 // setns: "a pidfd"; else empty
  abi::Flags with{}, without{};        // bits that are set, that are not
  std::vector<std::string> while_;     // facts that hold, as symbolic_facts.h names them
  std::vector<std::string> unless;     // facts that do not
  abi::Errno error = abi::Errno::kOk;  // that the rule gives
  std::string_view rule;               // that fires for it
  std::string_view remedy;
  std::vector<abi::Profile> kernels;  // standard profiles that refuse it for this reason

  bool same_combination(const Forbidden& o) const {
    return call == o.call && on == o.on && with == o.with && without == o.without &&
           while_ == o.while_ && unless == o.unless;
  }
};

// Every one, call by call, those with few flags first.
std::vector<Forbidden> forbidden_flags();
// The same as a page of Markdown: docs/flags.md.
std::string forbidden_page();

}  // namespace proofs
