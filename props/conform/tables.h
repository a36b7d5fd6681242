// What a conformance run met, as tables.
#pragma once

#include <string>
#include <vector>

#include "props/conform/place.h"
#include "report/report.h"

namespace props::conform {

// Calls by agreement; what was not run, by reason; the rules that decided, with the versions that
// have them.
std::vector<report::Table> tables(const Tally& tally);

// "6.18.44, t0 has at most full-CAP_SYS_RESOURCE".
std::string to_text(const agent::Greeting& greeting);

}  // namespace props::conform
