// Coverage as tables of a report, and what a run should have met but did not.
#pragma once

#include <string>
#include <vector>

#include "props/coverage/coverage.h"
#include "report/report.h"

namespace props {

// Rules and fallible steps by how often they decided; calls by outcome; shapes of states.
std::vector<report::Table> coverage_tables(const Coverage& coverage);

// "CLONE-10 (clone3)" for each rule or step that no call met, without those that are allowed to be
// missing (allowed.h).
std::vector<std::string> missing_rules(const Coverage& coverage);
// Allowed rules that were met after all, or that there are none of: the list is out of date.
std::vector<std::string> needless_allowances(const Coverage& coverage);

// Invariants that were asked of nothing of which they could have been false.
std::vector<std::string> idle_invariants(const Coverage& coverage);

// One row per invariant of the model: in how many programs, and how often, it had something to say.
std::vector<report::Check> invariant_checks(const Coverage& coverage);

}  // namespace props
