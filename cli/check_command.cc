// `nsproxy check`: everything that this machine can check in about a minute, as a table.
#include <chrono>
#include <string>

#include "cli/checks.h"
#include "cli/commands.h"
#include "cli/io.h"
#include "cli/show.h"
#include "proofs/prove.h"
#include "report/files.h"

namespace cli {
namespace {

using CheckFunction = void (*)(report::Report&, const CheckOptions&);
constexpr CheckFunction kChecks[] = {check_corpus, check_logs, check_diff, check_kernel,
                                     check_proofs};

// Runs one of them. Rows that do not know their own time get that of the check.
void timed(CheckFunction check, const CheckOptions& options, report::Report& out) {
  const std::size_t before = out.checks.size();
  const auto start = std::chrono::steady_clock::now();
  check(out, options);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  double known = 0;
  for (std::size_t i = before; i < out.checks.size(); ++i) known += out.checks[i].seconds;
  if (known > 0) return;
  const std::size_t added = out.checks.size() - before;
  for (std::size_t i = before; i < out.checks.size(); ++i) {
    if (out.checks[i].verdict == report::Verdict::not_run) continue;
    out.checks[i].seconds = took.count() / static_cast<double>(added);
  }
}

}  // namespace

int run_check(Arguments args) {
  std::string directory;
  bool tables = false;
  CheckOptions how;
  Options options("check",
                  "Checks everything that this machine can check in about a minute, and prints a "
                  "row for each: verdict,\nname, what holds, counts, time. What cannot run says "
                  "why, and is never counted as holding.");
  options.value(
      "--report", "DIR",
      "where to write report.json, report.xml (JUnit), report.md and traces; by default a "
      "new directory among the temporary files",
      keep_in(directory));
  options.value(
      "--seconds", "T",
      "how long to run generated programs; by default 15, and at most 6 on the running kernel",
      read_into(how.diff_time, seconds_from, "a number from 1 on"));
  options.value("--theorem", "GLOB", "only theorems of that name, as for prove; by default all",
                keep_in(how.theorems));
  options.flag("--tables", "also print the tables behind the rows", tables);
  options.closing(
      "Exit status: 0 what ran holds, 1 something is violated, 2 wrong usage, 3 nothing could "
      "run.");
  if (const auto status = options.read(args)) return *status;

  // Said before a minute has gone by, rather than after it.
  if (proofs::theorem_names(how.theorems).empty()) {
    return usage_error("--theorem: no theorem is called " + how.theorems +
                       "; `nsproxy prove --list` prints their names");
  }
  if (const std::string wrong = make_directory(directory); !wrong.empty()) {
    return usage_error("--report: " + wrong);
  }
  if (directory.empty()) directory = report::temporary_directory();
  report::Report result;
  result.title = "nsproxy check";
  LiveLine line;
  how.directory = directory;
  how.progress = [&line](std::string_view text) { line.show(text); };
  for (const CheckFunction check : kChecks) timed(check, how, result);
  line.clear();
  return show(result, {.tables = tables, .directory = directory});
}

}  // namespace cli
