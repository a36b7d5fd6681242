// Path exploration: see explorer.h.
#include "proofs/explorer.h"

#include <utility>

namespace proofs {

Explorer::Explorer(z3::context& context, const Budget& budget)
    : context_(context), solver_(context, z3::solver::simple()), budget_(budget) {
  z3::params params(context);
  params.set("timeout", budget.query_milliseconds);
  params.set("random_seed", 0u);
  solver_.set(params);
}

void Explorer::assume(const Formula& f) {
  premise_.push_back(f);
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

Answer Explorer::possible(const Formula& f) { return check(f); }

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
  ++cursor_;
  // The side that the path's model shows needs no query.
  std::optional<bool> known = by_model(asked);
  if (!known) {
    const Answer yes = check(asked);
    if (yes == Answer::yes) model_ = witness_;
    known = yes != Answer::no;
    if (!*known) {
      trail_.push_back({asked, false, false, false, std::nullopt});
      return false;
    }
  }
  const Formula other = *known ? !asked : asked;
  const Answer possible = check(other);
  const bool both = possible != Answer::no;
  trail_.push_back({asked, *known, both, both, std::nullopt});
  if (possible == Answer::yes) trail_.back().of_alternative = witness_;
  if (both) push(*known ? asked : !asked);
  return *known;
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
