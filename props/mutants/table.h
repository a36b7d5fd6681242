// docs/mutants.md: each seeded bug, and the smallest program known to show it (kills/NAME.ns).
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "abi/trace.h"
#include "impl/bugs.h"
#include "props/differ/difference.h"
#include "props/mutants/hunt.h"

namespace props {

// Where a bug's program is kept, below the workspace.
std::string kill_file(const impl::BugInfo& bug);

// What a saved program does to a mutant: the check that sees it, or nothing.
struct Kill {
  std::optional<Check> check;
  std::size_t calls = 0;
};
Kill kill(const impl::BugInfo& bug, const abi::Trace& trace);

// What a random search took, as the page says it: seeds that found it of those tried, median calls,
// milliseconds a seed. Empty for a bug that was never hunted.
using Measured = std::array<std::string, 3>;
Measured measured(const Catch& found);

// One row of the table. Everything but what was measured follows from the bugs and the saved
// programs.
struct Row {
  const impl::BugInfo* bug = nullptr;
  Kill kill;  // no check: it is not caught
  Measured measured;
};
std::string mutants_page(const std::vector<Row>& rows);

// The page without what was measured, which changes with every change to the generator.
std::string without_measured(std::string_view page);
// What a page says was measured for a bug.
Measured measured_of(std::string_view page, std::string_view bug);

}  // namespace props
