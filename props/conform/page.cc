#include "props/conform/page.h"

#include "props/conform/tables.h"
#include "report/markdown.h"

namespace props::conform {
namespace {

// How often is of that run only.
report::Table without_times(report::Table table) {
  for (std::size_t at = table.columns.size(); at-- > 0;) {
    if (table.columns[at] != kTimes) continue;
    const auto offset = static_cast<std::ptrdiff_t>(at);
    table.columns.erase(table.columns.begin() + offset);
    for (auto& row : table.rows) row.erase(row.begin() + offset);
  }
  return table;
}

}  // namespace

std::string conformance_page(const report::Report& report, const std::string& system) {
  std::string out = "# What " + system + " does of what Linux does\n\n";
  out +=
      "The standing traces (`props/corpus`, `props/systems/examples`) carried out on it and held\n"
      "against the model. A trace ends where it meets a deviation. The deviations are a list that "
      "is\nwritten by hand ([form](guests.md#known-deviations)); what is not in it fails the test "
      "that keeps\nthis page current, and so does what is gone.\n\n";
  out += "    ./bazelw run //:nsproxy -- conform --system " + system + " --page > docs/" + system +
         ".md\n\n";
  for (const report::Fact& fact : report.facts) {
    if (fact.label != "system" && fact.label != "seed") out += "Run as: " + fact.text + ".\n";
  }
  for (const report::Table& table : report.tables) {
    if (table.title != kConformanceTitle && table.title != kKnownTitle) continue;
    out += "\n" + to_markdown(without_times(table));
  }
  while (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace props::conform
