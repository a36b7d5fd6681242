// A theorem, and what became of it.
//
// A theorem is a function that goes through its cases (a profile, a variant of the implementation,
// a shape of the heap): for each it states the premise, runs the code on every path and requires a
// goal at the end of each. Proof keeps the books: nothing is called proved unless every path of
// every case was explored, every goal decided, every premise can be met, and at least one goal
// would not hold without the code.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "impl/bugs.h"
#include "proofs/explorer.h"
#include "proofs/symbolic_value.h"
#include "report/report.h"

namespace proofs {

enum class Verdict : std::uint8_t { proved, refuted, unknown, vacuous };
std::string_view name(Verdict v);

// A state in which the goal fails, in the words of the domain.
struct Counterexample {
  std::string title;
  std::vector<report::Fact> facts;
  std::string trace;  // trace text that shows it on the concrete implementation, or empty
};

struct Outcome {
  Verdict verdict = Verdict::unknown;
  std::string reason;                           // of anything but proved
  std::vector<Counterexample> counterexamples;  // the first few
  std::uint64_t cases = 0;
  std::uint64_t goals = 0;
  Effort effort;
  double seconds = 0;
};

// One unsatisfiable formula that the theorem rests on, as SMT-LIB 2 text with its declarations.
struct Obligation {
  std::string label;
  std::string smt;
};

class Proof {
 public:
  // `bug`: the mutant to prove it of; kNone for what ships. With `keep`, obligations are kept.
  explicit Proof(const Budget& budget, impl::Bug bug = impl::Bug::kNone, bool keep = false);

  z3::context& context() { return *context_; }
  Explorer& explorer() { return *explorer_; }
  impl::Bug bug() const { return bug_; }

  // Symbols; the same name is the same symbol.
  Formula fact(std::string_view name);
  Formula number(std::string_view name, unsigned bits = 64);
  Word word(std::string_view name) { return {explorer(), number(name)}; }
  Bool choice(std::string_view name) { return {explorer(), fact(name)}; }

  // A new case: no premise yet.
  void begin_case(std::string label);
  const std::string& label() const { return label_; }
  void assume(const Formula& f) { explorer_->assume(f); }
  const std::vector<Formula>& premise() const { return explorer_->premise(); }
  // What a counterexample of this case should also meet, where that is possible: the first first.
  void prefer(std::vector<Formula> wishes) { wishes_ = std::move(wishes); }

  // Runs `once` on every path of this case. Enough counterexamples end it early.
  template <class F>
  void for_all_paths(F&& once) {
    if (!begin_paths()) return;
    const bool complete = explorer_->all_paths([&] {
      if (!enough()) once();
      note_path();
    });
    end_paths(complete);
  }
  // What must hold at the end of this path. `describe` is asked for a state where it does not.
  using Describe = std::function<Counterexample(const z3::model&)>;
  void require(const Formula& goal, const Describe& describe);

  // The code has done what the goals of this path are computed from. Where no symbol is left in any
  // goal, this is what shows that they are about it.
  void saw_code() { informative_ = true; }

  // Theorems about tables need no paths: a formula that must, or must not, have a state.
  void require_possible(const Formula& f, std::string_view what);
  bool require_impossible(const Formula& f, const Describe& describe);

  // Enough counterexamples: of a mutant, one that a kernel shows. A theorem need not go on.
  bool enough() const {
    const auto& found = outcome_.counterexamples;
    if (found.size() >= kEnough) return true;
    return bug_ != impl::Bug::kNone && !found.empty() && !found.back().trace.empty();
  }

  Outcome finish();
  const std::vector<Obligation>& obligations() const { return obligations_; }

 private:
  static constexpr std::size_t kEnough = 3;

  bool begin_paths();
  void note_path();
  void end_paths(bool complete);
  void keep(std::string_view what, const Formula& unsatisfiable);
  Formula all_of(const std::vector<Formula>& formulas) const;
  Formula none_of(const std::vector<Formula>& formulas) const;
  void refute(Formula failure, const Describe& describe);
  void doubt(std::string why);

  impl::Bug bug_;
  bool keep_;
  std::unique_ptr<z3::context> context_;
  std::unique_ptr<Explorer> explorer_;
  std::string label_;
  std::vector<Formula> wishes_;
  Outcome outcome_;
  std::string doubt_, vacuous_;
  bool informative_ = false;  // some goal does not follow from its premise alone
  std::vector<Formula> paths_, failures_;
  std::vector<Obligation> obligations_;
};

struct Theorem {
  std::string_view name;   // "flags.clone"
  std::string_view group;  // its test target
  std::string_view says;   // one sentence
  Budget budget;
  void (*prove)(Proof&);
  std::vector<impl::Bug> mutants;  // each must be refuted by it
  bool of_code = true;             // false: of numbers alone, which no mutant can touch
};

}  // namespace proofs
