// The parts of `nsproxy check`: each looks at one kind of evidence and adds its rows to a report.
//
// To add one: its function here, its line in the table of check_command.cc.
#pragma once

#include <string>

#include "report/report.h"

namespace cli {

// The standing traces (props/corpus) on the model: the results that they state, every invariant.
void check_corpus(report::Report& out);
// Recorded runs of container tools (cli/strace/testdata): what the kernel answered, by the model.
void check_logs(report::Report& out);

}  // namespace cli
