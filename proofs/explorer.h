// Every path of a function, by running it again.
//
// A symbolic condition that the function branches on (symbolic_value.h) asks decide() which way to
// go. Where both ways are possible under what was decided before, the first run takes one and a
// later run the other: the decisions of the last run are recorded, and the last one with an open
// alternative is turned round. One incremental solver holds the common prefix, one scope for each
// real fork. Nothing depends on time or addresses, so that runs repeat exactly.
//
// `unknown` is never taken for an answer: an undecided side counts as possible, which can only add
// paths, and a path with one is reported. The method is that of EXE and KLEE (Cadar et al., 2006,
// 2008), without a memory model: the heap is concrete and only values are symbolic.
//
// Profiles and variants that make no difference ask the same questions under the same conditions
// again: those are answered from memory. Z3 shares equal terms, so that equal questions are equal
// lists of term numbers.
#pragma once

#include <z3++.h>

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace proofs {

using Formula = z3::expr;

// What a theorem may use. Paths are counted over one exploration.
struct Budget {
  std::uint64_t paths = 20'000;
  std::uint64_t decisions_per_path = 4'000;
  unsigned query_effort = 50'000'000;  // in Z3's own measure, which no clock has a part in
};

struct Effort {
  std::uint64_t paths = 0;
  std::uint64_t queries = 0;
};

enum class Answer : std::uint8_t { no, yes, unknown };

class Explorer {
 public:
  Explorer(z3::context& context, const Budget& budget);
  Explorer(const Explorer&) = delete;
  Explorer& operator=(const Explorer&) = delete;

  z3::context& context() { return context_; }

  // The premise of what is explored next. Forgotten by clear().
  void assume(const Formula& f);
  void clear();
  // Is there a state with this, on the current path? A "no" is remembered.
  Answer possible(const Formula& f);
  // The state that the last possible() with answer yes found.
  const z3::model& witness() const { return *witness_; }

  // Runs `once` for each path. False if the budget did not reach, or a run did not repeat.
  template <class F>
  bool all_paths(F&& once) {
    begin();
    do {
      begin_path();
      once();
    } while (end_path());
    return complete_;
  }

  // Called by symbolic conditions: the outcome on this path.
  bool decide(const Formula& condition);

  // What was decided on the current path, forks and forced outcomes alike.
  std::vector<Formula> path() const;
  const std::vector<Formula>& premise() const { return premise_; }
  const Effort& effort() const { return effort_; }
  // Why all_paths() gave false, or an answer was unknown; else empty.
  const std::string& trouble() const { return trouble_; }

 private:
  struct Decision {
    Formula condition;
    bool value;
    bool forked;       // has a solver scope
    bool alternative;  // the other value is still to be explored
    std::optional<z3::model> of_alternative;
  };
  // A question: the premise, the forks so far, and the formula, by their numbers as terms.
  using Question = std::vector<unsigned>;
  struct HashOfQuestion {
    std::size_t operator()(const Question& q) const;
  };
  enum class Outcomes : std::uint8_t { only_no, only_yes, both };

  void begin();
  void begin_path();
  bool end_path();
  void push(const Formula& f);
  Answer check(const Formula& f);
  Question question(const Formula& f) const;
  // Whether the condition can be true and false here. Sets the models where they are found.
  Outcomes outcomes_of(const Formula& condition, std::optional<z3::model>& if_no,
                       std::optional<z3::model>& if_yes);
  std::optional<bool> by_model(const Formula& f) const;
  void give_up(std::string why);

  z3::context& context_;
  z3::solver solver_;
  Budget budget_;
  Effort effort_;
  std::vector<Formula> premise_;
  std::vector<Decision> trail_;
  std::unordered_map<Question, Outcomes, HashOfQuestion> asked_;
  std::unordered_map<Question, bool, HashOfQuestion> impossible_;
  std::vector<Formula> kept_;  // every term that has a number in a question
  std::size_t cursor_ = 0;
  std::uint64_t paths_here_ = 0;
  std::optional<z3::model> model_;    // of the current path as far as it is decided
  std::optional<z3::model> witness_;  // of the last possible()
  bool complete_ = true;
  std::string trouble_;
};

}  // namespace proofs
