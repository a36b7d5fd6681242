// The books of a proof: see proof.h.
#include "proofs/proof.h"

#include <utility>

#include "proofs/smtlib.h"

namespace proofs {

std::string_view name(Verdict v) {
  switch (v) {
    case Verdict::proved:
      return "proved";
    case Verdict::refuted:
      return "refuted";
    case Verdict::unknown:
      return "unknown";
    case Verdict::vacuous:
      return "vacuous";
  }
  return "";
}

Proof::Proof(const Budget& budget, impl::Bug bug, bool keep)
    : bug_(bug),
      keep_(keep),
      context_(std::make_unique<z3::context>()),
      explorer_(std::make_unique<Explorer>(*context_, budget)) {}

Formula Proof::fact(std::string_view name) {
  return context_->bool_const(std::string(name).c_str());
}

Formula Proof::number(std::string_view name, unsigned bits) {
  return context_->bv_const(std::string(name).c_str(), bits);
}

void Proof::begin_case(std::string label) {
  label_ = std::move(label);
  ++outcome_.cases;
  wishes_.clear();
  explorer_->clear();
}

void Proof::doubt(std::string why) {
  if (doubt_.empty()) doubt_ = label_.empty() ? std::move(why) : label_ + ": " + why;
}

bool Proof::begin_paths() {
  paths_.clear();
  failures_.clear();
  if (enough()) return false;
  switch (explorer_->possible(context_->bool_val(true))) {
    case Answer::yes:
      return true;
    case Answer::no:
      if (vacuous_.empty()) vacuous_ = label_ + ": no state meets the premise";
      return false;
    case Answer::unknown:
      doubt(explorer_->trouble());
      return false;
  }
  return false;
}

// Meets as many wishes as one after the other allows, and describes the state that is left.
void Proof::refute(Formula failure, const Describe& describe) {
  if (enough()) return;
  z3::model state = explorer_->witness();
  for (const Formula& wish : wishes_) {
    if (!state.eval(wish, true).is_true()) {
      if (explorer_->possible(failure && wish) != Answer::yes) continue;
      state = explorer_->witness();
    }
    failure = failure && wish;
  }
  Counterexample found = describe(state);
  if (!label_.empty()) found.facts.push_back({"case", label_});
  outcome_.counterexamples.push_back(std::move(found));
}

void Proof::require(const Formula& goal, const Describe& describe) {
  ++outcome_.goals;
  const Answer fails = explorer_->possible(!goal);
  if (fails == Answer::unknown) doubt(explorer_->trouble());
  if (fails == Answer::yes) refute(!goal, describe);
  if (keep_) {
    std::vector<Formula> all = explorer_->path();
    all.push_back(!goal);
    failures_.push_back(all_of(all));
  }
  if (informative_) return;
  // Without the path: does the goal say anything?
  z3::solver alone(*context_);
  for (const Formula& f : explorer_->premise()) alone.add(f);
  alone.add(!goal);
  informative_ = alone.check() == z3::sat;
}

void Proof::note_path() {
  if (keep_) paths_.push_back(all_of(explorer_->path()));
}

void Proof::end_paths(bool complete) {
  if (!complete) doubt(explorer_->trouble());
  if (!keep_ || enough()) return;
  keep("a path is missing", none_of(paths_));
  keep("a goal fails", !none_of(failures_));
}

// Z3 prints an `and` or `or` of nothing, which is not SMT-LIB.
Formula Proof::all_of(const std::vector<Formula>& formulas) const {
  z3::expr_vector all(*context_);
  for (const Formula& f : formulas) all.push_back(f);
  return formulas.empty() ? context_->bool_val(true) : z3::mk_and(all);
}
Formula Proof::none_of(const std::vector<Formula>& formulas) const {
  z3::expr_vector all(*context_);
  for (const Formula& f : formulas) all.push_back(!f);
  return formulas.empty() ? context_->bool_val(true) : z3::mk_and(all);
}

void Proof::keep(std::string_view what, const Formula& unsatisfiable) {
  std::vector<Formula> all = explorer_->premise();
  all.push_back(unsatisfiable);
  obligations_.push_back({label_ + ": " + std::string(what), to_smtlib(*context_, all)});
}

void Proof::require_possible(const Formula& f, std::string_view what) {
  ++outcome_.goals;
  informative_ = true;
  switch (explorer_->possible(f)) {
    case Answer::yes:
      return;
    case Answer::no:
      if (!enough()) {
        outcome_.counterexamples.push_back({std::string(what), {{"case", label_}}, ""});
      }
      return;
    case Answer::unknown:
      doubt(explorer_->trouble());
  }
}

bool Proof::require_impossible(const Formula& f, const Describe& describe) {
  ++outcome_.goals;
  informative_ = true;
  const Answer found = explorer_->possible(f);
  if (found == Answer::unknown) doubt(explorer_->trouble());
  if (found == Answer::yes) refute(f, describe);
  if (keep_ && found == Answer::no) keep("a state exists", f);
  return found == Answer::no;
}

Outcome Proof::finish() {
  outcome_.effort = explorer_->effort();
  if (!outcome_.counterexamples.empty()) {
    outcome_.verdict = Verdict::refuted;
    outcome_.reason = outcome_.counterexamples.front().title;
  } else if (!doubt_.empty()) {
    outcome_.verdict = Verdict::unknown;
    outcome_.reason = doubt_;
  } else if (!vacuous_.empty()) {
    outcome_.verdict = Verdict::vacuous;
    outcome_.reason = vacuous_;
  } else if (outcome_.goals == 0 || !informative_) {
    outcome_.verdict = Verdict::vacuous;
    outcome_.reason = outcome_.goals == 0 ? "no goal was reached" : "its goals need no code";
  } else {
    outcome_.verdict = Verdict::proved;
  }
  return outcome_;
}

}  // namespace proofs
