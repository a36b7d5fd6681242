// A rule table as formulas: what fires when, and what the table as a whole answers.
//
// Reads model/'s own tables; nothing of them is transcribed.
#pragma once

#include <concepts>
#include <type_traits>
#include <vector>

#include "model/rules/all.h"
#include "proofs/symbolic_profile.h"

namespace proofs {

struct CheckTerm {
  const model::RuleInfo* info;
  Formula fires;  // of a step: is reached
};

// The checks of a table that a kernel of that version makes, in order. Of a version that is a
// symbol, whether it makes a check is a part of when that fires.
template <model::spec::Table T, class Facts>
std::vector<CheckTerm> terms_of(const Facts& facts, const SymbolicProfile& profile) {
  std::vector<CheckTerm> terms;
  for_each(model::spec::kTable<T>, [&](const auto& check) {
    const Formula made = profile.contains({check.info.since, check.info.until});
    if (made.is_false()) return;
    const Formula fires = check.predicate(facts);
    terms.push_back({&check.info, made.is_true() ? fires : made && fires});
  });
  return terms;
}

// The checks up to the first fallible step: what flags and facts alone decide.
inline std::vector<CheckTerm> before_first_step(const std::vector<CheckTerm>& all) {
  std::vector<CheckTerm> first;
  for (const CheckTerm& t : all) {
    if (t.info->is_step) break;
    first.push_back(t);
  }
  return first;
}

inline constexpr unsigned kErrnoBits = 16;
inline Formula errno_value(z3::context& c, abi::Errno e) {
  return c.bv_val(static_cast<unsigned>(e), kErrnoBits);
}

// The errno of the first rule that fires; 0 for none. Steps don't fail here.
inline Formula answer_of(z3::context& c, const std::vector<CheckTerm>& terms) {
  Formula answer = errno_value(c, abi::Errno::kOk);
  for (auto t = terms.rbegin(); t != terms.rend(); ++t) {
    if (!t->info->is_step) answer = z3::ite(t->fires, errno_value(c, t->info->error), answer);
  }
  return answer;
}

// The first rule that fires in a state, or null.
inline const model::RuleInfo* first_in(const z3::model& state,
                                       const std::vector<CheckTerm>& terms) {
  for (const CheckTerm& t : terms) {
    if (!t.info->is_step && state.eval(t.fires, true).is_true()) return t.info;
  }
  return nullptr;
}

}  // namespace proofs
