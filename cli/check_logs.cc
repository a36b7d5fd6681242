// Recorded runs of container tools on the model: see checks.h.
#include <filesystem>
#include <string>
#include <vector>

#include "cli/checks.h"
#include "cli/io.h"
#include "cli/runfiles.h"
#include "cli/strace/strace_log.h"

namespace cli {
namespace {

constexpr std::string_view kFolder = "cli/strace/testdata";
constexpr std::string_view kName = "logs";

report::Finding finding(const std::string& file, const strace_log::Divergence& d) {
  report::Finding out;
  out.check = kName;
  out.title = file + ":" + std::to_string(d.line) + ": " + d.text;
  out.facts = {{"kernel", d.kernel}, {"model", d.model}};
  if (!d.rule.empty()) out.facts.push_back({"rule", d.rule + ": " + d.says});
  for (const std::string& line : d.state) out.facts.push_back({"state", line});
  out.replay = "nsproxy strace " + file;
  return out;
}

// Adds the log to the row's sums, its own row to the table, and its findings.
void add(const std::string& file, const strace_log::LogReport& log, strace_log::Tally& sum,
         report::Table& table, report::Report& out) {
  sum.agreed += log.total.agreed;
  sum.diverged += log.total.diverged;
  sum.outside += log.total.outside;
  const auto text = [](std::size_t n) { return report::with_commas(n); };
  table.rows.push_back({file, log.tool, text(log.tasks), text(log.checked()),
                        text(log.total.outside), text(log.total.diverged)});
  for (const strace_log::Divergence& d : log.divergences) {
    out.findings.push_back(finding(file, d));
  }
}

}  // namespace

void check_logs(report::Report& out, const CheckOptions&) {
  report::Check check;
  check.name = kName;
  check.kind = report::Kind::log;
  check.says = "what the kernel answered to container tools is what the model says";
  const auto directory = data_directory(kFolder);
  const auto files = directory ? files_in(*directory, ".strace") : std::vector<std::string>();
  if (files.empty()) {
    check.reason = "no logs found: run it through Bazel, or stand in a checkout";
    out.checks.push_back(std::move(check));
    return;
  }
  report::Table table{.title = "Logs",
                      .columns = {"log", "tool", "tasks", "checked", "outside", "diverged"},
                      .rows = {}};
  strace_log::Tally sum;
  std::size_t unreadable = 0;
  for (const std::string& path : files) {
    const std::string name = std::filesystem::path(path).filename().string();
    const auto input = read_input(path);
    const auto* text = std::get_if<std::string>(&input);
    const auto log = text == nullptr ? strace_log::LogReport{} : strace_log::check_log(*text, {});
    if (!log.readable) {
      ++unreadable;
      check.details.push_back(name + ": cannot be read");
      continue;
    }
    add(std::string(kFolder) + "/" + name, log, sum, table, out);
  }
  check.counts = {{"logs", files.size()},
                  {"calls", sum.agreed + sum.diverged},
                  {"outside the model", sum.outside}};
  const bool holds = sum.diverged == 0 && unreadable == 0;
  check.verdict = holds ? report::Verdict::holds : report::Verdict::violated;
  if (sum.diverged > 0) check.counts.push_back({"diverged", sum.diverged});
  out.checks.push_back(std::move(check));
  out.tables.push_back(std::move(table));
}

}  // namespace cli
