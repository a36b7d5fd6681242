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

// A new directory among the temporary files, the same one for the whole run of this program; made
// when it is first asked for. "" if it cannot be made.
const std::string& temporary_directory();

// Where a Bazel test leaves files for its caller: TEST_UNDECLARED_OUTPUTS_DIR, or "" if not in one.
std::string test_outputs();

}  // namespace report
