// What a system that is not Linux does, as a page: which calls it has, and its known deviations.
#pragma once

#include <string>

#include "report/report.h"

namespace props::conform {

// Of a run of the standing traces on that system; see docs/gvisor.md.
std::string conformance_page(const report::Report& report, const std::string& system);

}  // namespace props::conform
