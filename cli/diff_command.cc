// `nsproxy diff`: the model against each implementation on generated programs, or on a trace.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "abi/words.h"
#include "cli/commands.h"
#include "cli/io.h"
#include "cli/show.h"
#include "props/differ/diff.h"

namespace cli {
namespace {

constexpr std::string_view kAbout =
    "Runs generated programs on the model and on each implementation, side by side, and compares "
    "after\nevery call: results, what every task shows, every reference count with the model's "
    "holders, totals\nof live objects; checks the model's invariants; at the end closes and ends "
    "everything and looks for\nleaks. What differs is saved, made small, and explained.";

constexpr std::string_view kClosing =
    "A case is a program: at most some hundred calls, all by tasks of one fresh system. The n-th "
    "program of a\nseed is always the same, for every implementation.\n\n"
    "Exit status: 0 nothing differs, 1 something does, 2 wrong usage or input.";

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

// What is wrong with the names, or "".
std::string unknown_impl(const std::vector<std::string>& wanted,
                         const std::vector<std::string>& known) {
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  for (const std::string& name : wanted) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string_view near = nsabi::nearest(name, candidates);
    return "--impl: there is no " + nsabi::quoted(name) +
           (near.empty() ? "; there are " + joined(known)
                         : "; did you mean " + std::string(near) + "?");
  }
  return "";
}

std::optional<std::uint64_t> cases_from(std::string_view text) {
  const auto n = nsabi::number_from<std::uint64_t>(text);
  return n && *n == 0 ? std::nullopt : n;
}

std::optional<std::size_t> length_from(std::string_view text) {
  const auto n = nsabi::number_from<std::size_t>(text);
  return n && (*n == 0 || *n > 9) ? std::nullopt : n;
}

}  // namespace

int run_diff(Arguments args) {
  props::DiffOptions diff;
  std::string directory, replay;
  bool tables = false;
  const std::vector<std::string> known = props::diff_names();
  const std::string names =
      "the implementation, several times for several: " + joined(known) + "; by default all";
  Options options("diff", kAbout);
  options.values("--impl", "NAME", names, diff.impls);
  options.value("--cases", "N", "programs for each; by default 20000, or until the time is up",
                read_into(diff.cases, cases_from, "a number from 1 on"));
  options.value("--seed", "S", "of the programs; by default a new one, which is printed",
                read_into(diff.seed, nsabi::number_from<std::uint64_t>, "a 64-bit number"));
  options.value("--seconds", "T", "stop after so long, all implementations together",
                read_into(diff.time, seconds_from, "a number from 1 on"));
  options.value("--profile", "V", "the kernel: 6.18, 6.1,no-time, …; by default each program's own",
                read_into(diff.profile, abi::profile_from, "a kernel such as 6.18 or 6.1,no-time"));
  options.value(
      "--exhaustive", "LENGTH",
      "instead of generated programs, every one of up to so many calls of a small alphabet",
      read_into(diff.exhaustive, length_from, "a number from 1 to 9"));
  options.value("--replay", "TRACE", "run this trace (docs/trace.md; - is standard input) instead",
                keep_in(replay));
  options.value("--report", "DIR",
                "write report.json, report.xml (JUnit), report.md and the traces there",
                keep_in(directory));
  options.flag("--tables", "also print the coverage: calls, shapes of states, rules, failures",
               tables);
  options.closing(kClosing);
  if (const auto status = options.read(args)) return *status;
  if (const std::string wrong = unknown_impl(diff.impls, known); !wrong.empty()) {
    return usage_error(wrong);
  }
  if (diff.exhaustive && (diff.cases || diff.seed || !replay.empty())) {
    return usage_error("--exhaustive draws no programs: leave out --cases, --seed and --replay");
  }
  if (!replay.empty()) {
    const auto read = read_trace(replay);
    if (const auto* failure = std::get_if<Failure>(&read)) return usage_error(failure->what);
    diff.replay = {std::get<abi::Trace>(read), input_name(replay)};
  }
  if (const std::string wrong = make_directory(directory); !wrong.empty()) {
    return usage_error("--report: " + wrong);
  }
  diff.directory = directory;
  LiveLine line;
  diff.progress = [&line](const props::Progress& p) { line.show(props::progress_line(p)); };
  const report::Report result = props::run_diff(diff);
  line.clear();
  return show(result, {.tables = tables, .directory = directory});
}

}  // namespace cli
