// Many programs on one subject: a time or a number of programs, a seed, and what came of it.
//
// The n-th program of a run has its own seed (random.h), so shards take every k-th program and
// never meet. When a program shows a difference its calls are saved before anything else is done
// with them; then it is shrunk, within a time budget, and retold.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "props/coverage/coverage.h"
#include "props/differ/run.h"
#include "props/differ/shrink.h"
#include "props/generate/mix.h"
#include "report/report.h"

namespace props {

struct Progress {
  std::string_view subject;
  std::uint64_t programs = 0;
  std::uint64_t calls = 0;
  double seconds = 0;
  std::uint64_t findings = 0;
  std::string_view doing;  // "running", "shrinking"
};
using OnProgress = std::function<void(const Progress&)>;

struct CampaignOptions {
  std::uint64_t seed = 1;
  std::uint64_t programs = 10000;       // of all shards together
  std::chrono::milliseconds time{0};    // 0: no limit
  std::uint64_t shard = 0, shards = 1;  // this one takes programs shard, shard + shards, …
  Limits limits;
  RunOptions run;
  std::chrono::milliseconds shrink_time{20000};
  std::size_t most_findings = 1;  // stops after so many
  bool save = true;               // traces of what is found, before and after shrinking
  std::string directory;          // where; "": as save_trace() says
  OnProgress progress;            // called a few times a second, if set
};

// A difference that a campaign found.
struct Found {
  std::uint64_t seed = 0;          // of the program
  std::uint64_t number = 0;        // of the program in the run
  std::uint64_t calls_before = 0;  // calls made by this campaign until it showed
  Difference unshrunk;
  std::size_t unshrunk_length = 0;
  Shrunk shrunk;
  report::Finding finding;
};

struct CampaignResult {
  std::uint64_t programs = 0;
  std::uint64_t calls = 0;
  double seconds = 0;    // without shrinking
  double processor = 0;  // of these, those that this thread ran
  Coverage coverage;
  std::vector<Found> found;
};

CampaignResult run_campaign(const Subject& subject, const CampaignOptions& options);

// Saves, shrinks and retells one failing program. `difference` is what the program showed.
Found investigate(const Subject& subject, const abi::Setup& setup, const abi::Program& program,
                  const Difference& difference, std::uint64_t seed, const CampaignOptions& options);

// What Bazel says about this run of a test.
struct BazelRun {
  std::uint64_t shard = 0, shards = 1;  // TEST_SHARD_INDEX, TEST_TOTAL_SHARDS
  std::uint64_t number = 1;             // TEST_RUN_NUMBER, with --runs_per_test
};
// Also tells Bazel that sharding is understood.
BazelRun bazel_run();
// Repeated runs get seeds of their own; the first keeps the seed.
std::uint64_t seed_of_run(std::uint64_t seed, std::uint64_t number);

}  // namespace props
