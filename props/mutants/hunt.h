// Hunting seeded bugs: how fast the runner finds each, by which check, and how small it gets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "impl/bugs.h"
#include "props/differ/campaign.h"

namespace props {

struct HuntOptions {
  std::uint64_t first_seed = 1;
  unsigned seeds = 10;
  std::uint64_t programs = 20000;  // given up after so many, for each seed
  std::chrono::milliseconds shrink_time{3000};
};

// What the seeds found.
struct Catch {
  unsigned seeds = 0;              // that were tried
  unsigned caught = 0;             // that found a difference
  std::uint64_t median_calls = 0;  // until it showed, over those
  double seconds = 0;              // all together, without shrinking
  std::optional<Found> smallest;   // the shortest shrunk program
};

Catch hunt(impl::Bug bug, const HuntOptions& options);

// Bugs that this harness cannot see, and why: "" for those that it must.
std::string_view out_of_reach(const impl::BugInfo& bug);

}  // namespace props
