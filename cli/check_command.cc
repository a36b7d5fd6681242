// `nsproxy check`: everything that this machine can check in about a minute, as a table.
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "cli/checks.h"
#include "cli/commands.h"
#include "cli/io.h"
#include "report/files.h"
#include "report/terminal.h"

namespace cli {
namespace {

using CheckFunction = void (*)(report::Report&);
constexpr CheckFunction kChecks[] = {check_corpus, check_logs};

// Runs one of them; the time is that of the rows that it adds.
void timed(CheckFunction check, report::Report& out) {
  const std::size_t before = out.checks.size();
  const auto start = std::chrono::steady_clock::now();
  check(out);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  const std::size_t added = out.checks.size() - before;
  for (std::size_t i = before; i < out.checks.size(); ++i) {
    if (out.checks[i].verdict == report::Verdict::not_run) continue;
    out.checks[i].seconds = took.count() / static_cast<double>(added);
  }
}

bool wants_colour() { return ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr; }

}  // namespace

int run_check(Arguments args) {
  std::string directory;
  bool tables = false;
  Options options("check",
                  "Checks everything that this machine can check in about a minute, and prints a "
                  "row for each: verdict,\nname, what holds, counts, time. What cannot run says "
                  "why, and is never counted as holding.");
  options.value("--report", "DIR", "also write report.json, report.xml (JUnit) and report.md there",
                keep_in(directory));
  options.flag("--tables", "also print the tables behind the rows", tables);
  options.closing(
      "Exit status: 0 what ran holds, 1 something is violated, 2 wrong usage, 3 nothing could "
      "run.");
  if (const auto status = options.read(args)) return *status;

  // Said before a minute has gone by, rather than after it.
  std::error_code error;
  if (!directory.empty()) std::filesystem::create_directories(directory, error);
  if (error) return usage_error("--report: " + directory + " cannot be made: " + error.message());

  report::Report result;
  result.title = "nsproxy check";
  for (const CheckFunction check : kChecks) timed(check, result);
  print(report::to_terminal(result, {.colour = wants_colour(), .tables = tables}));
  if (!directory.empty()) {
    std::string wrong;
    const auto files = report::write_files(result, directory, wrong);
    for (const std::string& file : files) print("wrote " + file + "\n");
    if (!wrong.empty()) return usage_error("--report: " + wrong);
  }
  return report::exit_status(result);
}

}  // namespace cli
