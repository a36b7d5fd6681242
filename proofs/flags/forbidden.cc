// Minimal forbidden combinations: see forbidden.h.
#include "proofs/flags/forbidden.h"

#include <algorithm>
#include <bit>
#include <optional>

#include "proofs/flags/primes.h"
#include "proofs/flags/prove_forbidden.h"
#include "proofs/flags/rule_table.h"

namespace proofs {
namespace {

struct Subject {
  Entry call;
  std::string_view on;
};
constexpr Subject kSubjects[] = {
    {Entry::clone, ""}, {Entry::clone3, ""}, {Entry::unshare, ""}, {Entry::setns, "a pidfd"}};

// One call on one kernel, as a set of words and facts.
struct Question {
  Question(Proof& proof, const Subject& s, abi::Profile p) : subject(s), profile(p) {
    profile.userns_off = true;  // so that it shows what the sysctl refuses
    table.emplace(rule_table(proof, s.call, profile));
    rules = table->entry();
    table->asked.terms = &rules;
    z3::context& c = proof.context();
    refused = answer_of(c, rules) != errno_value(c, abi::Errno::kOk);
    premise = table->premise;
    // The list is about flags: clone3's struct is a good one, setns' file is open.
    const std::vector<std::string_view> fine =
        s.call == Entry::clone3
            ? std::vector<std::string_view>{"size_too_big",  "size_too_small",   "args_bad",
                                            "tail_nonzero",  "set_tid_too_long", "set_tid_null",
                                            "set_tid_empty", "set_tid_bad",      "exit_signal_bad",
                                            "cgroup_bad",    "stack_bad"}
        : s.call == Entry::setns
            ? std::vector<std::string_view>{"file_closed", "file_opath", "file_nsfs"}
            : std::vector<std::string_view>{};
    for (const std::string_view f : fine) *premise = *premise && !proof.fact(f);
    if (s.call == Entry::setns) *premise = *premise && proof.fact("file_pidfd");
    const Formula word = proof.number("flags");
    for (unsigned bit = 0; bit < 64; ++bit) {
      atoms.push_back((word & c.bv_val(std::uint64_t{1} << bit, 64)) != c.bv_val(0, 64));
    }
    for (const std::string& f : table->questions) atoms.push_back(proof.fact(f));
  }
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;

  std::vector<Cube> combinations(z3::context& c) const {
    return primes(c, *premise, *refused, atoms);
  }

  Subject subject;
  abi::Profile profile;
  std::optional<RuleTable> table;
  std::vector<CheckTerm> rules;
  std::optional<Formula> premise, refused;
  std::vector<Formula> atoms;
};

Forbidden row(const Question& q, const Cube& cube) {
  Forbidden f;
  f.call = name(q.subject.call);
  f.on = q.subject.on;
  for (const Literal& l : cube) {
    if (l.atom < 64) {
      (l.value ? f.with : f.without) |= abi::Flags(std::uint64_t{1} << l.atom);
    } else {
      (l.value ? f.while_ : f.unless).push_back(q.table->questions[l.atom - 64]);
    }
  }
  return f;
}

// The smallest call that contains the combination: these flags, and as few facts as possible.
Formula smallest(Proof& proof, const Question& q, const Cube& cube, const Forbidden& f) {
  z3::context& c = proof.context();
  Formula state = *q.premise && formula_of(c, cube, q.atoms) &&
                  proof.number("flags") == c.bv_val(std::uint64_t{f.with.bits()}, 64);
  for (const std::string& fact : q.table->questions) {
    const bool type = fact.starts_with("built_");
    const Formula plain = type ? proof.fact(fact) : !proof.fact(fact);
    if (proof.explorer().possible(state && plain) == Answer::yes) state = state && plain;
  }
  return state;
}

// Standard profiles with the same rules have the same combinations: asked of the first of them.
struct Kernels {
  std::vector<const model::RuleInfo*> rules;
  std::vector<abi::Profile> profiles;
};
std::vector<Kernels> kernels_of(Proof& proof, Entry call) {
  std::vector<Kernels> all;
  for (const abi::Profile& p : abi::standard_profiles()) {
    const auto rules = rules_on(proof, call, p);
    const auto same =
        std::find_if(all.begin(), all.end(), [&](const Kernels& k) { return k.rules == rules; });
    if (same != all.end()) {
      same->profiles.push_back(p);
    } else {
      all.push_back({rules, {p}});
    }
  }
  return all;
}

void tell(Proof& proof, const Question& q, const Cube& cube, Forbidden& f) {
  const Formula here = *q.premise && formula_of(proof.context(), cube, q.atoms);
  const model::RuleInfo* rule = nullptr;
  for (const CheckTerm& t : q.rules) {
    if (proof.explorer().possible(here && !t.fires) == Answer::no) {
      rule = t.info;
      break;
    }
  }
  // Several together: the one that decides the smallest call.
  if (rule == nullptr && proof.explorer().possible(smallest(proof, q, cube, f)) == Answer::yes) {
    rule = first_in(proof.explorer().witness(), q.rules);
  }
  if (rule == nullptr) return;
  f.error = rule->error;
  f.rule = rule->id;
  f.remedy = rule->remedy;
}

// Does every kernel refuse the smallest call?
std::optional<Counterexample> run(Proof& proof, const Question& q, const Cube& cube) {
  const Forbidden f = row(q, cube);
  if (proof.explorer().possible(smallest(proof, q, cube, f)) != Answer::yes) return std::nullopt;
  const Ask ask = q.table->asked.in(proof.explorer().witness());
  const auto trace = stage(ask);
  if (!trace) return std::nullopt;
  const bool ships = proof.bug() == impl::Bug::kNone;
  for (const Native native : {ships ? Native::baseline : Native::seeded, Native::optimized}) {
    if (const auto difference = first_difference(*trace, native, proof.bug())) {
      return Counterexample{std::string(f.call) + "(" +
                                to_string(ask.flags, q.table->asked.style()) +
                                ") is forbidden on " + to_string(ask.profile),
                            {{"run", difference->says}},
                            difference->trace};
    }
    if (!ships) break;
  }
  return std::nullopt;
}

void prove_cube(Proof& proof, const Question& q, const Cube& cube) {
  z3::context& c = proof.context();
  const auto wrong = [&](std::string_view what) {
    return [&q, &cube, what](const z3::model&) {
      const Forbidden f = row(q, cube);
      return Counterexample{std::string(f.call) + "(" + to_string(f.with, q.table->asked.style()) +
                                "): " + std::string(what),
                            {},
                            ""};
    };
  };
  const auto found = run(proof, q, cube);
  if (found) {
    proof.require_impossible(c.bool_val(true), [&](const z3::model&) { return *found; });
  }
  proof.require_impossible(formula_of(c, cube, q.atoms) && !*q.refused, wrong("is accepted"));
  for (std::size_t i = 0; i < cube.size(); ++i) {
    Cube less = cube;
    less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
    proof.require_possible(formula_of(c, less, q.atoms) && !*q.refused,
                           "a smaller combination is forbidden too");
  }
}

}  // namespace

void prove_forbidden(Proof& proof) {
  for (const Subject& subject : kSubjects) {
    for (const Kernels& kernels : kernels_of(proof, subject.call)) {
      if (proof.enough()) return;
      proof.begin_case(std::string(name(subject.call)) + ", " +
                       to_string(kernels.profiles.front()));
      const Question q(proof, subject, kernels.profiles.front());
      proof.assume(*q.premise);
      Formula contained = proof.context().bool_val(false);
      for (const Cube& cube : q.combinations(proof.context())) {
        prove_cube(proof, q, cube);
        contained = contained || formula_of(proof.context(), cube, q.atoms);
      }
      proof.require_impossible(*q.refused && !contained, [](const z3::model&) {
        return Counterexample{"a forbidden word contains none of the combinations", {}, ""};
      });
    }
  }
}

std::vector<Forbidden> forbidden_flags() {
  std::vector<Forbidden> all;
  for (const Subject& subject : kSubjects) {
    Proof proof({});
    std::vector<Forbidden> rows;
    for (const Kernels& kernels : kernels_of(proof, subject.call)) {
      const Question q(proof, subject, kernels.profiles.front());
      for (const Cube& cube : q.combinations(proof.context())) {
        Forbidden f = row(q, cube);
        tell(proof, q, cube, f);
        auto same = std::find_if(rows.begin(), rows.end(),
                                 [&](const Forbidden& r) { return r.same_combination(f); });
        if (same == rows.end()) same = rows.insert(rows.end(), std::move(f));
        for (const abi::Profile& p : kernels.profiles) same->kernels.push_back(p);
      }
    }
    const auto size = [](const Forbidden& f) {
      return std::tuple(f.while_.size() + f.unless.size() > 0,
                        std::popcount(f.with.bits()) + std::popcount(f.without.bits()),
                        f.with.bits(), f.without.bits(), f.while_, f.unless);
    };
    std::sort(rows.begin(), rows.end(),
              [&](const Forbidden& a, const Forbidden& b) { return size(a) < size(b); });
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

}  // namespace proofs
