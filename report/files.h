// A report as files.
#pragma once

#include <string>
#include <vector>

#include "report/report.h"

namespace report {

// Writes report.json, report.xml (JUnit) and report.md into a directory, which is made if need be.
// Returns the paths written; on failure `error` says what could not be written.
std::vector<std::string> write_files(const Report& report, const std::string& directory,
                                     std::string& error);

// Where a Bazel test leaves files for its caller: TEST_UNDECLARED_OUTPUTS_DIR, or "" if not in one.
std::string test_outputs();

}  // namespace report
