#include "props/mutants/table.h"

#include <algorithm>
#include <cmath>

#include "props/subjects/seeded.h"

namespace props {
namespace {

// Columns of what was measured, counted from 0, the empty one before the first bar.
constexpr std::size_t kMeasured = 6;
constexpr std::size_t kColumns = 10;

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
  std::string text = "| " + std::string(bug.name) + " | " + std::string(name(bug.group)) + " | " +
                     std::string(bug.says) + " | " + std::string(bug.source) + " | " + caught;
  for (const std::string& cell : row.measured) text += " | " + cell;
  return text + " | " + length + " |\n";
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

Measured measured(const Catch& found) {
  if (found.seeds == 0) return {};
  return {std::to_string(found.caught) + "/" + std::to_string(found.seeds),
          found.caught == 0 ? "" : std::to_string(found.median_calls),
          std::to_string(std::lround(found.seconds * 1000 / found.seeds))};
}

std::string mutants_page(const std::vector<Row>& rows) {
  const auto caught = std::count_if(rows.begin(), rows.end(),
                                    [](const Row& row) { return row.kill.check.has_value(); });
  std::string page =
      "# Seeded bugs\n\n"
      "Each is a switch in the implementation (`impl/bugs.h`), off in everything that ships. The "
      "harness is as\nstrong as what it catches. `bazel test //props:mutants` replays the smallest "
      "program known for each and\nhunts each with random programs; `./bazelw run "
      "//props/mutants:hunt -- --write` wrote this page.\n\n";
  page += std::to_string(caught) + " of " + std::to_string(rows.size()) +
          " are caught. The others need two processors that meet at the wrong moment.\n\n";
  page +=
      "*Caught by*: the check that sees it first (`props/differ/difference.h`). *Seeds*: how many "
      "of the random\nsearches found it within 20,000 programs. *Calls*: median over those until "
      "it "
      "showed. *ms*: time of one search.\n*Program*: how many calls the smallest known one has; 0: "
      "ending t0 is enough.\n\n"
      "| bug | group | what is wrong | source | caught by | seeds | calls | ms | program |\n"
      "|---|---|---|---|---|---|---|---|---|\n";
  for (const Row& row : rows) page += row_text(row);
  return page;
}

std::string without_measured(std::string_view page) {
  std::string out;
  each_line(page, [&](std::string_view line) {
    std::vector<std::string> row = cells(line);
    if (row.size() <= kColumns) {
      out += std::string(line) + "\n";
      return;
    }
    for (std::size_t i = 0; i < Measured{}.size(); ++i) row[kMeasured + i].clear();
    for (const std::string& cell : row) out += cell + "|";
    out += "\n";
  });
  return out;
}

Measured measured_of(std::string_view page, std::string_view bug) {
  Measured measured;
  each_line(page, [&](std::string_view line) {
    const std::vector<std::string> row = cells(line);
    if (row.size() <= kColumns || row[1] != bug) return;
    std::copy_n(row.begin() + kMeasured, measured.size(), measured.begin());
  });
  return measured;
}

}  // namespace props
