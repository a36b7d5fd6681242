// What the tables themselves promise: each rule can fire, and which of two rules wins is known.
//
// A state for each is found by Z3, turned into a program, and run: the model must name that rule,
// and the implementation must give its errno. So these theorems, too, are about the code.
#include "proofs/flags/witness.h"

#include <algorithm>
#include <optional>

#include "proofs/flags/rule_table.h"

namespace proofs {
namespace {

constexpr Entry kCalls[] = {Entry::clone, Entry::clone3, Entry::unshare, Entry::setns};

std::string label(Entry call, const abi::Profile& p) {
  return std::string(name(call)) + ", " + to_string(p);
}

std::vector<Native> natives(const Proof& proof) {
  if (proof.bug() != impl::Bug::kNone) return {Native::seeded};
  return {Native::baseline, Native::optimized};
}

// Runs a state in which that rule decides. Nothing: it decides on the kernel too.
std::optional<Counterexample> run(const Proof& proof, const RuleTable& table,
                                  const model::RuleInfo& rule, const z3::model& state) {
  const Ask ask = table.asked.in(state);
  const auto trace = stage(ask);
  if (!trace) return std::nullopt;
  Counterexample c;
  c.title = std::string(name(ask.call)) + "(" + to_string(ask.flags, table.asked.style()) +
            ") on " + to_string(ask.profile) + " should be refused by " + std::string(rule.id);
  c.facts.push_back({"rule", std::string(rule.id) + ": " + std::string(rule.says)});
  const std::string_view decided = deciding_rule(*trace);
  if (decided != rule.id) {
    c.facts.push_back(
        {"the model says", decided.empty() ? "that it passes" : std::string(decided)});
    return c;
  }
  for (const Native native : natives(proof)) {
    if (const auto difference = first_difference(*trace, native, proof.bug())) {
      c.facts.push_back({"run", difference->says});
      c.trace = difference->trace;
      return c;
    }
  }
  return std::nullopt;
}

// A state with `f` exists, and running it shows what it should.
void require_witness(Proof& proof, const RuleTable& table, const model::RuleInfo& rule,
                     const Formula& f, const std::string& what) {
  if (proof.enough()) return;
  if (proof.explorer().possible(f) != Answer::yes) return proof.require_possible(f, what);
  const auto found = run(proof, table, rule, proof.explorer().witness());
  proof.require_possible(f, what);
  if (found) proof.require_impossible(f, [&](const z3::model&) { return *found; });
}

// Each fact that entry rules ask about, one way and the other: the rule decides in any such state,
// and where that can be is the only one that would refuse, so that it shows if it is not asked.
void require_either_way(Proof& proof, const RuleTable& table, std::size_t index, const Formula& f) {
  const std::vector<CheckTerm> rules = table.entry();
  for (const std::string& question : table.questions) {
    for (const Formula& value : {proof.fact(question), !proof.fact(question)}) {
      const Formula decides = f && value;
      Formula alone = decides;
      for (std::size_t i = index + 1; i < rules.size(); ++i) alone = alone && !rules[i].fires;
      const bool only = proof.explorer().possible(alone) == Answer::yes;
      if (!only && proof.explorer().possible(decides) != Answer::yes) continue;
      require_witness(proof, table, *rules[index].info, only ? alone : decides, "");
    }
  }
}

// Rules about flags that the call cannot pass: clone shares its table with clone3, and NEWTIME is
// not for legacy clone, nor for clone3 while that refuses it.
bool out_of_reach(Entry call, const std::vector<CheckTerm>& terms, std::string_view id) {
  if (id == "CLONE-60") return call == Entry::clone;  // INTO_CGROUP
  // clone3 refuses DETACHED by itself.
  if (id == "CLONE-17-detached") return call == Entry::clone3;
  if (id != "NSP-08-time" && id != "UCNT-01-time") return false;
  return call == Entry::clone || std::any_of(terms.begin(), terms.end(), [](const CheckTerm& t) {
           return t.info->id == "CLONE3-08-time";
         });
}

}  // namespace

void prove_reachable(Proof& proof) {
  for (const Entry call : kCalls) {
    for (abi::Profile p : abi::standard_profiles()) {
      if (proof.enough()) return;
      p.userns_off = true;  // or CLONE-19 never fires
      proof.begin_case(label(call, p));
      const RuleTable table = rule_table(proof, call, p);
      proof.assume(table.premise);
      const std::size_t entry = table.entry().size();
      for (std::size_t i = 0; i < table.terms.size(); ++i) {
        const model::RuleInfo& rule = *table.terms[i].info;
        if (rule.is_step) continue;
        const Formula f = decides(proof, table.terms, i);
        const std::string what = std::string(rule.id) + " of " + label(call, p) +
                                 " never decides: rules before it take all its states";
        if (out_of_reach(call, table.terms, rule.id)) {
          proof.require_impossible(f, [&](const z3::model&) {
            return Counterexample{std::string(rule.id) + " decides " + label(call, p), {}, ""};
          });
        } else if (i < entry) {
          require_witness(proof, table, rule, f, what);
          if (p.version == abi::Profile{}.version) require_either_way(proof, table, i, f);
        } else {
          proof.require_possible(f, what);
        }
      }
    }
  }
}

void prove_order(Proof& proof) {
  abi::Profile p;
  p.userns_off = true;
  for (const Entry call : kCalls) {
    if (proof.enough()) return;
    proof.begin_case(label(call, p));
    const RuleTable table = rule_table(proof, call, p);
    const std::vector<CheckTerm> rules = table.entry();
    proof.assume(table.premise);
    for (std::size_t i = 0; i < rules.size(); ++i) {
      // The first of both decides, and without it the second would.
      Formula first = decides(proof, rules, i);
      for (std::size_t j = i + 1; j < rules.size(); ++j) {
        const Formula both = first && rules[j].fires;
        first = first && !rules[j].fires;
        if (rules[i].info->error == rules[j].info->error) continue;
        if (proof.explorer().possible(both) == Answer::yes) {
          require_witness(proof, table, *rules[i].info, both, "");
        } else {
          proof.require_impossible(both, [](const z3::model&) { return Counterexample{}; });
        }
      }
    }
  }
}

}  // namespace proofs
