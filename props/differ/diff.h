// `nsproxy diff` as a function: the model against each implementation, and a report of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "abi/profile.h"
#include "abi/trace.h"
#include "props/differ/campaign.h"
#include "report/report.h"

namespace props {

// A trace to run instead of generated programs, and what messages call it.
struct DiffReplay {
  abi::Trace trace;
  std::string name;
};

struct DiffOptions {
  std::vector<std::string> impls;       // of diff_names(); empty: all of impl's
  std::optional<std::uint64_t> cases;   // programs for each; by default kDefaultCases, or until
                                        // the time is up
  std::optional<std::uint64_t> seed;    // by default a random one
  std::chrono::milliseconds time{0};    // all together; 0: no limit
  std::optional<abi::Profile> profile;  // by default each program draws one
  std::string directory;                // for traces; "": as save_trace() says
  std::optional<DiffReplay> replay;
  std::optional<std::size_t> exhaustive;  // instead: every program of up to so many calls
  std::chrono::milliseconds shrink_time{20000};
  OnProgress progress;
  std::uint64_t shard = 0, shards = 1;  // this run takes one of `shards` parts of the programs
};

inline constexpr std::uint64_t kDefaultCases = 20000;

// Names of what can be asked for as an implementation.
std::vector<std::string> diff_names();

// Never throws; what cannot be run (an unknown name, no time left) is a check not run.
report::Report run_diff(const DiffOptions& options);

// "baseline: 12,345 programs, 1,004,213 calls, 1.02 M calls/s" for a live line.
std::string progress_line(const Progress& progress);

}  // namespace props
