// What was found: the one result model of everything that is checked.
//
// A report knows results, never how they were made. A check that did not run says why, and is never
// shown or counted as one that holds. The writers (terminal.h, json.h, junit.h, markdown.h) show
// the same report; files.h writes them all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace report {

enum class Kind : std::uint8_t {
  differential,  // two systems side by side
  invariant,     // a promise about states
  coverage,      // what a run must have met
  exhaustive,    // every program up to a bound
  mutants,       // seeded bugs that must be caught
  corpus,        // standing traces
  proof,
  conformance,  // a system against the model
  log,          // a recorded run
};
inline constexpr std::size_t kKinds = 9;

enum class Verdict : std::uint8_t {
  holds,
  violated,
  unknown,  // it ran, and neither came out: a solver's time was up, say
  not_run,
};
inline constexpr std::size_t kVerdicts = 4;

std::string_view name(Kind kind);
std::string_view name(Verdict verdict);

struct Count {
  std::string name;  // "programs"
  std::uint64_t value = 0;
  bool operator==(const Count&) const = default;
};

struct Check {
  std::string name;
  Kind kind = Kind::differential;
  Verdict verdict = Verdict::not_run;
  std::string says;    // what holds, in a sentence
  std::string reason;  // why it did not run or is unknown; of a violation, what was seen first
  std::vector<Count> counts;
  double seconds = 0;
  std::vector<std::string> details;
  std::vector<std::string> files;  // what was written about it
  bool operator==(const Check&) const = default;
};

// A labelled text, of one line or many.
struct Fact {
  std::string label;
  std::string text;
  bool operator==(const Fact&) const = default;
};

// One thing that is wrong, with what a reader needs to see it again.
struct Finding {
  std::string check;  // the Check that it belongs to
  std::string title;
  std::string trace;        // trace text (abi/trace.h), or empty
  std::vector<Fact> facts;  // the two results, the rule that decided, who holds what
  std::string replay;       // the command that shows it again
  std::vector<std::string> files;
  bool operator==(const Finding&) const = default;
};

struct Table {
  std::string title;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;  // each as long as columns
  bool operator==(const Table&) const = default;
};

struct Report {
  std::string title;
  std::vector<Fact> facts;  // seed, profile, host, …
  std::vector<Check> checks;
  std::vector<Finding> findings;
  std::vector<Table> tables;
  bool operator==(const Report&) const = default;
};

// violated if any check is; else holds if any does; else unknown if any is; else not_run.
Verdict overall(const Report& report);
// What a command that made this report exits with: 0 holds, 1 violated, 3 nothing could be decided.
int exit_status(const Report& report);
// Appends the parts of another report: of a shard, or of another kind of check. Checks of the same
// name and kind become one: the worse verdict, counts and seconds added up.
void merge(Report& into, const Report& from);

// "1,234,567".
std::string with_commas(std::uint64_t n);
// "programs 1,000; calls 80,214".
std::string summary(const std::vector<Count>& counts);

}  // namespace report
