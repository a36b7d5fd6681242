// `nsproxy diff` as a function: the model against each implementation, and a report of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "abi/profile.h"
#include "props/differ/campaign.h"
#include "report/report.h"

namespace props {

struct DiffOptions {
  std::vector<std::string> impls;  // names; empty: all
  std::optional<std::uint64_t>
      cases;  // programs for each; by default 20,000, or until the time is up
  std::optional<std::uint64_t> seed;    // by default a random one
  std::chrono::milliseconds time{0};    // for each; 0: no limit
  std::optional<abi::Profile> profile;  // by default each program draws one
  std::string directory;                // for traces; "": a folder for temporary files
  std::optional<std::string> replay;    // path of a trace to run instead
  std::chrono::milliseconds shrink_time{20000};
  OnProgress progress;
  std::uint64_t shard = 0, shards = 1;  // this run takes one of `shards` parts of the programs
};

// Names of what can be asked for as an implementation.
std::vector<std::string> diff_names();

// Never throws; what cannot be run (an unknown name, an unreadable trace) is a check not run.
report::Report run_diff(const DiffOptions& options);

// "baseline: 12,345 programs, 1,004,213 calls, 1.02 M calls/s" for a live line.
std::string progress_line(const Progress& progress);

}  // namespace props
