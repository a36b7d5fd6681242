// docs/mutants.md: each seeded bug, and the smallest program known to show it (kills/NAME.ns).
#pragma once

#include <map>
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

// One row of the table. Everything but the median follows from the bugs and the saved programs.
struct Row {
  const impl::BugInfo* bug = nullptr;
  Kill kill;           // no check: it is not caught
  std::string median;  // calls until a random search found it, over several seeds
};
std::string mutants_page(const std::vector<Row>& rows);

// The page without its medians, which change with every change to the generator.
std::string without_medians(std::string_view page);
// The median that a page gives for a bug, or "".
std::string median_of(std::string_view page, std::string_view bug);

}  // namespace props
