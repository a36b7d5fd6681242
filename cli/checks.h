// The parts of `nsproxy check`: each looks at one kind of evidence and adds its rows to a report.
//
// To add one: its function here, its line in the table of check_command.cc.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "report/report.h"

namespace cli {

struct CheckOptions {
  std::string directory;                           // for what a check saves
  std::chrono::milliseconds diff_time{15000};      // for generated programs
  std::chrono::milliseconds kernel_time{6000};     // for generated programs on the running kernel
  std::string theorems = "*";                      // a glob of their names
  std::function<void(std::string_view)> progress;  // one line, for a person who waits
};

// The standing traces (props/corpus) on the model: the results that they state, every invariant.
void check_corpus(report::Report& out, const CheckOptions& options);
// Recorded runs of container tools (cli/strace/testdata): what the kernel answered, by the model.
void check_logs(report::Report& out, const CheckOptions& options);
// The model and impl, side by side on generated programs, for some seconds.
void check_diff(report::Report& out, const CheckOptions& options);

// The running kernel and the model: the standing traces and generated programs, by system calls.
void check_kernel(report::Report& out, const CheckOptions& options);

// Every theorem, by Z3; their audit is `nsproxy prove`.
void check_proofs(report::Report& out, const CheckOptions& options);

}  // namespace cli
