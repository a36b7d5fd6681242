// Counterexamples about flags: see told.h.
#include "proofs/flags/told.h"

namespace proofs {

abi::Flags flags_in(const z3::model& state, const Formula& bits) {
  return abi::Flags(state.eval(bits, true).get_numeral_uint64());
}

std::set<std::string, std::less<>> facts_in(const z3::model& state) {
  std::set<std::string, std::less<>> facts;
  for (unsigned i = 0; i < state.num_consts(); ++i) {
    const z3::func_decl symbol = state.get_const_decl(i);
    if (!symbol.range().is_bool() || !state.get_const_interp(symbol).is_true()) continue;
    facts.insert(symbol.name().str());
  }
  return facts;
}

Ask Asked::in(const z3::model& state) const {
  return {call, profile.in(state), flags_in(state, bits), facts_in(state)};
}

namespace {

std::string told(const std::set<std::string, std::less<>>& facts) {
  std::string text;
  for (const std::string& fact : facts) {
    const std::string_view words = in_words(fact);
    if (words.empty()) continue;
    if (!text.empty()) text += "; ";
    text += words;
  }
  return text.empty() ? "nothing special" : text;
}

}  // namespace

Counterexample disagreement(const Asked& asked, abi::Errno implementation, Native native,
                            impl::Bug bug, const z3::model& state) {
  const Ask ask = asked.in(state);
  const model::RuleInfo* const rule = first_in(state, *asked.terms);
  const abi::Errno should = rule != nullptr ? rule->error : abi::Errno::kOk;
  Counterexample found;
  found.title = std::string(name(asked.call)) + "(" + to_string(ask.flags, asked.style()) +
                ") on " + to_string(ask.profile) + ": the implementation's checks say " +
                to_string(implementation) + ", the rules " + to_string(should);
  if (rule != nullptr) {
    found.facts.push_back({"rule", std::string(rule->id) + ": " + std::string(rule->says)});
  }
  found.facts.push_back({"in a state where", told(ask.facts)});
  if (const auto trace = stage(ask)) {
    if (const auto difference = first_difference(*trace, native, bug)) {
      found.facts.push_back({"run", difference->says});
      found.trace = difference->trace;
    }
  }
  return found;
}

std::vector<Formula> simplest(Proof& proof, const Formula& bits,
                              const std::vector<std::string_view>& facts) {
  std::vector<Formula> wishes;
  for (const std::string_view fact : facts) wishes.push_back(!proof.fact(fact));
  z3::context& c = proof.context();
  for (unsigned bit = 0; bit < 64; ++bit) {
    wishes.push_back((bits & c.bv_val(std::uint64_t{1} << bit, 64)) == c.bv_val(0, 64));
  }
  return wishes;
}

}  // namespace proofs
