#include "props/conform/tables.h"

#include <algorithm>

#include "model/model.h"

namespace props::conform {
namespace {

std::string count(std::uint64_t n) { return n == 0 ? "" : report::with_commas(n); }

// Deviations name calls as traces write them: exit_group is an exit.
bool is_of(const KnownDeviation& d, std::size_t op) {
  const std::string_view name = abi::op_name(op);
  return d.call == name || (name == "exit" && d.call == "exit_group") ||
         (name == "write_id_map" && (d.call == "write_uid_map" || d.call == "write_gid_map"));
}

report::Table calls(const Tally& tally) {
  report::Table table;
  table.title = "Calls: what came of them";
  table.columns = {"call",   "as the model says", "of these ok", "refused", "skipped",
                   "differ", "not there",         "not run"};
  CallTally all;
  const auto add_row = [&](const std::string& name, const CallTally& c) {
    table.rows.push_back({name, count(c.ok + c.refused + c.skipped), count(c.ok), count(c.refused),
                          count(c.skipped), count(c.differ), count(c.absent), count(c.not_run)});
  };
  for (std::size_t op = 0; op < abi::kOps; ++op) {
    const CallTally& c = tally.calls[op];
    all.ok += c.ok;
    all.refused += c.refused;
    all.skipped += c.skipped;
    all.differ += c.differ;
    all.absent += c.absent;
    all.not_run += c.not_run;
    if (c.ok + c.refused + c.skipped + c.differ + c.absent + c.not_run != 0) {
      add_row(std::string(abi::op_name(op)), c);
    }
  }
  add_row("all", all);
  return table;
}

report::Table reasons(const Tally& tally) {
  report::Table table;
  table.title = "Not run, and why";
  table.columns = {"reason", "calls", "programs cut short"};
  for (const auto& [reason, n] : tally.not_run) {
    table.rows.push_back({reason, report::with_commas(n), ""});
  }
  for (const auto& [reason, n] : tally.limits) {
    table.rows.push_back({reason, "", report::with_commas(n)});
  }
  return table;
}

report::Table rules(const Tally& tally) {
  report::Table table;
  table.title = "Rules that decided";
  table.columns = {"rule", "gives", "times", "kernels", "function"};
  const auto rules = model::rules();
  for (std::size_t i = 1; i < rules.size(); ++i) {
    const std::uint64_t n = tally.coverage.rule(i);
    if (n == 0) continue;
    const model::RuleInfo& rule = rules[i];
    table.rows.push_back({std::string(rule.id), abi::to_string(rule.error), report::with_commas(n),
                          abi::versions_text(rule.since, rule.until), std::string(rule.function)});
  }
  return table;
}

}  // namespace

std::vector<report::Table> tables(const Tally& tally) {
  std::vector<report::Table> out{calls(tally), rules(tally)};
  if (!tally.not_run.empty() || !tally.limits.empty()) out.push_back(reasons(tally));
  return out;
}

report::Table conformance(const Tally& tally, const std::vector<KnownDeviation>& known) {
  report::Table table;
  table.title = kConformanceTitle;
  table.columns = {"call", "as the model says", "known deviations", "not there"};
  for (std::size_t op = 0; op < abi::kOps; ++op) {
    const CallTally& c = tally.calls[op];
    const bool agrees = c.ok + c.refused != 0;
    if (!agrees && c.differ + c.absent == 0) continue;
    const auto listed = std::count_if(known.begin(), known.end(),
                                      [&](const KnownDeviation& d) { return is_of(d, op); });
    table.rows.push_back({std::string(abi::op_name(op)), agrees ? "yes" : "",
                          count(static_cast<std::uint64_t>(listed)),
                          c.absent == 0 ? ""
                          : agrees      ? "some of it"
                                        : "all of it"});
  }
  return table;
}

std::vector<std::string> row_of(const KnownDeviation& d, std::uint64_t times) {
  const std::string call = d.call + (d.about.empty() ? "" : "(" + d.about + ")");
  const std::string how = d.model.empty() ? "shows " + d.shows : d.model + " against " + d.system;
  return {call, how, count(times), d.what};
}

std::string to_text(const agent::Greeting& greeting) {
  std::string out = "Linux " + to_string(greeting.profile);
  if (greeting.caps != abi::kCapFull) {
    out += ", t0 has at most " + abi::caps_to_string(greeting.caps);
  }
  if (!greeting.any_id) out += ", and uid 0 only";
  for (std::size_t i = 0; i < agent::kParts; ++i) {
    const auto part = static_cast<agent::Part>(i);
    if (greeting.unseen.has(part)) out += "; " + std::string(name(part)) + " not seen";
  }
  if (greeting.unseen.caps != 0) {
    out += "; without " + abi::caps_to_string(greeting.unseen.caps);
  }
  return out;
}

}  // namespace props::conform
