// The report as JUnit XML, the form that continuous integration systems read.
#pragma once

#include <string>
#include <string_view>

#include "report/report.h"

namespace report {

// One test case per check: violated is a failure, unknown an error, not run is skipped.
std::string to_junit(const Report& report);

// Text for XML: markup escaped, control characters (which XML 1.0 cannot hold) and bytes that are
// not UTF-8 replaced by U+FFFD.
std::string xml_escaped(std::string_view text);

}  // namespace report
