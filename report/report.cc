#include "report/report.h"

#include <algorithm>

namespace report {
namespace {

int badness(Verdict v) {
  switch (v) {
    case Verdict::violated:
      return 3;
    case Verdict::unknown:
      return 2;
    case Verdict::not_run:
      return 0;
    case Verdict::holds:
      return 1;
  }
  return 3;
}

// The part of a check that ran counts: a shard that could not run does not take a result away.
void merge_check(Check& into, const Check& from) {
  if (badness(from.verdict) > badness(into.verdict)) {
    into.verdict = from.verdict;
    into.reason = from.reason;
  }
  for (const Count& count : from.counts) {
    const auto same = std::find_if(into.counts.begin(), into.counts.end(),
                                   [&](const Count& c) { return c.name == count.name; });
    if (same == into.counts.end()) {
      into.counts.push_back(count);
    } else {
      same->value += count.value;
    }
  }
  into.seconds += from.seconds;
  into.details.insert(into.details.end(), from.details.begin(), from.details.end());
  into.files.insert(into.files.end(), from.files.begin(), from.files.end());
}

}  // namespace

std::string_view name(Kind kind) {
  static constexpr std::string_view kNames[kKinds] = {"differential", "invariant",   "coverage",
                                                      "exhaustive",   "mutants",     "corpus",
                                                      "proof",        "conformance", "log"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view name(Verdict verdict) {
  static constexpr std::string_view kNames[kVerdicts] = {"holds", "violated", "unknown", "not run"};
  return kNames[static_cast<std::size_t>(verdict)];
}

Verdict overall(const Report& report) {
  const auto any = [&](Verdict v) {
    return std::any_of(report.checks.begin(), report.checks.end(),
                       [v](const Check& c) { return c.verdict == v; });
  };
  for (const Verdict v : {Verdict::violated, Verdict::holds, Verdict::unknown}) {
    if (any(v)) return v;
  }
  return Verdict::not_run;
}

int exit_status(const Report& report) {
  switch (overall(report)) {
    case Verdict::holds:
      return 0;
    case Verdict::violated:
      return 1;
    default:
      return 3;
  }
}

void merge(Report& into, const Report& from) {
  if (into.title.empty()) into.title = from.title;
  for (const Fact& fact : from.facts) {
    if (std::find(into.facts.begin(), into.facts.end(), fact) == into.facts.end()) {
      into.facts.push_back(fact);
    }
  }
  for (const Check& check : from.checks) {
    const auto same = std::find_if(into.checks.begin(), into.checks.end(), [&](const Check& c) {
      return c.name == check.name && c.kind == check.kind;
    });
    if (same == into.checks.end()) {
      into.checks.push_back(check);
    } else {
      merge_check(*same, check);
    }
  }
  into.findings.insert(into.findings.end(), from.findings.begin(), from.findings.end());
  into.tables.insert(into.tables.end(), from.tables.begin(), from.tables.end());
}

std::string with_commas(std::uint64_t n) {
  std::string text = std::to_string(n);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, ",");
  return text;
}

std::string summary(const std::vector<Count>& counts) {
  std::string text;
  for (const Count& count : counts) {
    if (!text.empty()) text += "; ";
    text += count.name + " " + with_commas(count.value);
  }
  return text;
}

}  // namespace report
