#include "props/coverage/tables.h"

#include <algorithm>

#include "model/model.h"
#include "props/coverage/allowed.h"

namespace props {
namespace {

std::string number(std::uint64_t n) { return report::with_commas(n); }

// The entry at index 0 stands for "no rule".
template <class Visit>
void each_rule(Visit visit) {
  const auto rules = model::rules();
  for (std::size_t i = 1; i < rules.size(); ++i) visit(i, rules[i]);
}

std::string title(const model::RuleInfo& rule) {
  return std::string(rule.id) + " (" + std::string(rule.call) + ")";
}

const Allowed* allowance(const model::RuleInfo& rule) {
  for (const Allowed& allowed : kAllowed) {
    if (allowed.id == rule.id && (allowed.call.empty() || allowed.call == rule.call)) {
      return &allowed;
    }
  }
  return nullptr;
}

report::Table rules_table(const Coverage& coverage, bool steps) {
  report::Table table{steps ? "Injected failures, by call and step" : "Rules, by call",
                      {"rule", "call", "errno", "times", "fires when"},
                      {}};
  each_rule([&](std::size_t i, const model::RuleInfo& rule) {
    if (rule.is_step != steps) return;
    table.rows.push_back({std::string(rule.id), std::string(rule.call), to_string(rule.error),
                          number(coverage.rule(i)), std::string(rule.says)});
  });
  return table;
}

report::Table calls_table(const Coverage& coverage) {
  report::Table table{"Calls, by outcome", {"call", "made", "ok", "refused"}, {}};
  for (std::size_t op = 0; op < abi::kOps; ++op) {
    std::uint64_t made = 0;
    std::string refused;
    for (std::size_t e = 0; e < Coverage::kErrnos; ++e) {
      const std::uint64_t n = coverage.outcome(op, e);
      made += n;
      if (n == 0 || e == 0) continue;
      refused +=
          (refused.empty() ? "" : ", ") + to_string(static_cast<abi::Errno>(e)) + " " + number(n);
    }
    table.rows.push_back(
        {std::string(abi::op_name(op)), number(made), number(coverage.outcome(op, 0)), refused});
  }
  return table;
}

report::Table shapes_table(const Coverage& coverage) {
  report::Table table{"Shapes of states, sampled", {"shape"}, {}};
  for (std::size_t b = 0; b < kBuckets; ++b) table.columns.emplace_back(bucket_name(b));
  table.columns.emplace_back("most");
  for (std::size_t s = 0; s < kShapes; ++s) {
    const auto shape = static_cast<Shape>(s);
    std::vector<std::string>& row = table.rows.emplace_back();
    row.emplace_back(says(shape));
    for (const std::uint64_t n : coverage.shape(shape)) row.push_back(number(n));
    row.push_back(number(coverage.most(shape)));
  }
  return table;
}

}  // namespace

std::vector<report::Table> coverage_tables(const Coverage& coverage) {
  return {calls_table(coverage), shapes_table(coverage), rules_table(coverage, false),
          rules_table(coverage, true)};
}

std::vector<std::string> missing_rules(const Coverage& coverage) {
  std::vector<std::string> missing;
  each_rule([&](std::size_t i, const model::RuleInfo& rule) {
    if (coverage.rule(i) == 0 && allowance(rule) == nullptr) missing.push_back(title(rule));
  });
  return missing;
}

std::vector<std::string> needless_allowances(const Coverage& coverage) {
  std::vector<std::string> needless;
  for (const Allowed& allowed : kAllowed) {
    bool needed = false;
    each_rule([&](std::size_t i, const model::RuleInfo& rule) {
      needed = needed || (allowance(rule) == &allowed && coverage.rule(i) == 0);
    });
    if (!needed) needless.push_back(std::string(allowed.id) + " " + std::string(allowed.call));
  }
  return needless;
}

std::vector<std::string> idle_invariants(const Coverage& coverage) {
  std::vector<std::string> idle;
  for (std::size_t i = 0; i < model::kInvariants; ++i) {
    if (coverage.exercised(i) == 0) idle.emplace_back(model::invariants()[i].id);
  }
  return idle;
}

std::vector<report::Check> invariant_checks(const Coverage& coverage) {
  std::vector<report::Check> checks;
  for (std::size_t i = 0; i < model::kInvariants; ++i) {
    const model::InvariantInfo& invariant = model::invariants()[i];
    report::Check check;
    check.name = std::string(invariant.id);
    check.kind = report::Kind::invariant;
    check.verdict = coverage.exercised(i) == 0 ? report::Verdict::not_run : report::Verdict::holds;
    if (coverage.exercised(i) == 0) check.reason = "no program came where it says something";
    check.says = std::string(invariant.says);
    if (!invariant.except.empty()) check.details = {"except: " + std::string(invariant.except)};
    check.counts = {{"programs", coverage.exercised_in(i)}, {"times", coverage.exercised(i)}};
    checks.push_back(std::move(check));
  }
  return checks;
}

}  // namespace props
