#include "props/mutants/table.h"

#include <algorithm>

#include "props/subjects/subjects.h"

namespace props {
namespace {

constexpr std::size_t kMedianColumn = 6;  // counted from 0, the empty one before the first bar

std::vector<std::string> cells(std::string_view line) {
  std::vector<std::string> out;
  for (;;) {
    const std::size_t bar = line.find('|');
    std::string_view cell = line.substr(0, bar);
    while (cell.starts_with(' ')) cell.remove_prefix(1);
    while (cell.ends_with(' ')) cell.remove_suffix(1);
    out.emplace_back(cell);
    if (bar == std::string_view::npos) return out;
    line.remove_prefix(bar + 1);
  }
}

template <class Visit>
void each_line(std::string_view text, Visit visit) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    visit(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

std::string row_text(const Row& row) {
  const impl::BugInfo& bug = *row.bug;
  std::string caught, length;
  if (row.kill.check) {
    caught = name(*row.kill.check);
    length = "[" + std::to_string(row.kill.calls) + "](../" + kill_file(bug) + ")";
  } else {
    caught = "not yet: " + std::string(out_of_reach(bug));
  }
  return "| " + std::string(bug.name) + " | " + std::string(name(bug.group)) + " | " +
         std::string(bug.says) + " | " + std::string(bug.source) + " | " + caught + " | " +
         row.median + " | " + length + " |\n";
}

}  // namespace

std::string kill_file(const impl::BugInfo& bug) {
  return "props/mutants/kills/" + std::string(bug.name) + ".ns";
}

Kill kill(const impl::BugInfo& bug, const abi::Trace& trace) {
  abi::Program program;
  for (const abi::TraceLine& line : trace.lines) program.push_back(line.call);
  RunOptions options;
  options.whole_every = 1;
  Workspace work;
  ProgramSource source(program);
  const Run run = seeded_subject(bug.bug)->run(trace.setup, source, options, work, nullptr);
  if (!run.difference) return {};
  return {run.difference->check, program.size()};
}

std::string mutants_page(const std::vector<Row>& rows) {
  const auto caught = std::count_if(rows.begin(), rows.end(),
                                    [](const Row& row) { return row.kill.check.has_value(); });
  std::string page =
      "# Seeded bugs\n\n"
      "Each is a switch in the implementation (`impl/bugs.h`), off in everything that ships. The "
      "harness is as\nstrong as what it catches: `bazel test //props/mutants/...` hunts each one "
      "with random programs, and\nreplays the smallest program known for it. Written by `./bazelw "
      "run //props:mutants -- --write`.\n\n";
  page += std::to_string(caught) + " of " + std::to_string(rows.size()) + " are caught.\n\n";
  page +=
      "*Caught by*: the check that sees it first (`props/differ/difference.h`). *Calls to find*: "
      "median over 10\nseeds when this page was written. *Program*: how many calls the smallest "
      "one has.\n\n"
      "| bug | group | what is wrong | source | caught by | calls to find | program |\n"
      "|---|---|---|---|---|---|---|\n";
  for (const Row& row : rows) page += row_text(row);
  return page;
}

std::string without_medians(std::string_view page) {
  std::string out;
  each_line(page, [&](std::string_view line) {
    std::vector<std::string> row = cells(line);
    if (row.size() <= kMedianColumn) {
      out += std::string(line) + "\n";
      return;
    }
    row[kMedianColumn].clear();
    for (const std::string& cell : row) out += cell + "|";
    out += "\n";
  });
  return out;
}

std::string median_of(std::string_view page, std::string_view bug) {
  std::string median;
  each_line(page, [&](std::string_view line) {
    const std::vector<std::string> row = cells(line);
    if (row.size() > kMedianColumn && row[1] == bug) median = row[kMedianColumn];
  });
  return median;
}

}  // namespace props
