// Path exploration: see explorer.h.
#include "proofs/explorer.h"

#include <utility>

namespace proofs {

Explorer::Explorer(z3::context& context, const Budget& budget)
    : context_(context), solver_(context, z3::solver::simple()), budget_(budget) {
  z3::params params(context);
  params.set("rlimit", budget.query_effort);
  params.set("random_seed", 0u);
  solver_.set(params);
}

void Explorer::assume(const Formula& f) {
  premise_.push_back(f);
  kept_.push_back(f);
  solver_.add(f);
  model_.reset();
}

void Explorer::clear() {
  solver_.reset();
  premise_.clear();
  trail_.clear();
  model_.reset();
}

Answer Explorer::check(const Formula& f) {
  ++effort_.queries;
  solver_.push();
  solver_.add(f);
  const z3::check_result result = solver_.check();
  if (result == z3::sat) witness_ = solver_.get_model();
  if (result == z3::unknown) trouble_ = "the solver gave up: " + solver_.reason_unknown();
  solver_.pop();
  if (result == z3::unknown) return Answer::unknown;
  return result == z3::sat ? Answer::yes : Answer::no;
}

std::size_t Explorer::HashOfQuestion::operator()(const Question& q) const {
  std::size_t h = 1469598103934665603u;  // FNV-1a
  for (const unsigned n : q) h = (h ^ n) * 1099511628211u;
  return h;
}

Explorer::Question Explorer::question(const Formula& f) const {
  Question q;
  q.reserve(premise_.size() + trail_.size() + 2);
  q.push_back(static_cast<unsigned>(premise_.size()));
  for (const Formula& p : premise_) q.push_back(p.id());
  // All that the solver holds: while a path is repeated, that is more than was decided so far.
  for (const Decision& d : trail_) {
    if (d.forked) q.push_back(2 * d.condition.id() + (d.value ? 1 : 0));
  }
  q.push_back(f.id());
  return q;
}

Answer Explorer::possible(const Formula& f) {
  Question q = question(f);
  if (impossible_.contains(q)) return Answer::no;
  const Answer answer = check(f);
  if (answer == Answer::no) {
    kept_.push_back(f);
    impossible_.emplace(std::move(q), true);
  }
  return answer;
}

std::optional<bool> Explorer::by_model(const Formula& f) const {
  if (!model_) return std::nullopt;
  const Formula value = model_->eval(f, true);
  if (value.is_true()) return true;
  if (value.is_false()) return false;
  return std::nullopt;
}

void Explorer::begin() {
  trail_.clear();
  model_.reset();
  paths_here_ = 0;
  complete_ = true;
  trouble_.clear();
}

void Explorer::begin_path() { cursor_ = 0; }

void Explorer::give_up(std::string why) {
  complete_ = false;
  if (trouble_.empty()) trouble_ = std::move(why);
}

void Explorer::push(const Formula& f) {
  solver_.push();
  solver_.add(f);
}

bool Explorer::decide(const Formula& asked) {
  if (cursor_ < trail_.size()) {
    const Decision& d = trail_[cursor_++];
    if (!z3::eq(d.condition, asked)) give_up("a path did not repeat");
    return d.value;
  }
  if (trail_.size() >= budget_.decisions_per_path) {
    give_up("too many decisions on one path");
    return false;
  }
  std::optional<z3::model> if_no, if_yes;
  const Outcomes possible = outcomes_of(asked, if_no, if_yes);
  const bool both = possible == Outcomes::both;
  // What is not there comes first: counterexamples are found with few flags and few facts.
  const bool value = possible == Outcomes::only_yes;
  trail_.push_back({asked, value, both, both, both ? std::move(if_yes) : std::nullopt});
  ++cursor_;
  if (both) {
    model_ = std::move(if_no);
    push(!asked);
  } else if (value && if_yes) {
    model_ = std::move(if_yes);
  } else if (!value && if_no) {
    model_ = std::move(if_no);
  }
  return value;
}

Explorer::Outcomes Explorer::outcomes_of(const Formula& asked, std::optional<z3::model>& if_no,
                                         std::optional<z3::model>& if_yes) {
  Question q = question(asked);
  if (const auto found = asked_.find(q); found != asked_.end()) {
    // The path's model stays good where it can be told to be.
    const std::optional<bool> side = by_model(asked);
    if (side) (*side ? if_yes : if_no) = model_;
    return found->second;
  }
  const std::size_t troubles = trouble_.size();
  // The side that the path's model shows needs no query.
  const std::optional<bool> side = by_model(asked);
  if (side) (*side ? if_yes : if_no) = model_;
  const auto can_be = [&](bool value, std::optional<z3::model>& state) {
    if (state) return true;
    const Answer answer = check(value ? asked : !asked);
    if (answer == Answer::yes) state = witness_;
    return answer != Answer::no;
  };
  const bool yes = can_be(true, if_yes);
  const bool no = !yes || can_be(false, if_no);
  const Outcomes outcomes = !yes ? Outcomes::only_no : no ? Outcomes::both : Outcomes::only_yes;
  if (trouble_.size() == troubles) {
    kept_.push_back(asked);
    asked_.emplace(std::move(q), outcomes);
  }
  return outcomes;
}

bool Explorer::end_path() {
  ++effort_.paths;
  if (++paths_here_ >= budget_.paths) give_up("more paths than the budget allows");
  if (!complete_) {
    for (; !trail_.empty(); trail_.pop_back()) {
      if (trail_.back().forked) solver_.pop();
    }
    return false;
  }
  for (; !trail_.empty(); trail_.pop_back()) {
    Decision& last = trail_.back();
    if (last.forked) solver_.pop();
    if (!last.alternative) continue;
    last.alternative = false;
    model_ = std::exchange(last.of_alternative, std::nullopt);
    last.value = !last.value;
    push(last.value ? last.condition : !last.condition);
    return true;
  }
  return false;
}

std::vector<Formula> Explorer::path() const {
  std::vector<Formula> decided;
  for (std::size_t i = 0; i < cursor_ && i < trail_.size(); ++i) {
    const Decision& d = trail_[i];
    if (d.forked) decided.push_back(d.value ? d.condition : !d.condition);
  }
  return decided;
}

}  // namespace proofs
