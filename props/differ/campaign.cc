#include "props/differ/campaign.h"

#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "props/differ/crash_watch.h"
#include "props/differ/finding.h"

namespace props {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// What this thread has run so far, in seconds: on a busy machine less than has gone by.
double processor_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

std::optional<std::uint64_t> number_from(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  char* end = nullptr;
  const std::uint64_t n = std::strtoull(text, &end, 10);
  if (end == text || *end != '\0') return std::nullopt;
  return n;
}

// Tells the owner of the campaign how it goes, a few times a second.
class Reporter {
 public:
  Reporter(const Subject& subject, const CampaignOptions& options)
      : subject_(subject), options_(options), next_(Clock::now()) {}

  void now(const CampaignResult& result, double seconds, std::string_view doing) {
    if (!options_.progress) return;
    options_.progress(
        {subject_.name(), result.programs, result.calls, seconds, result.found.size(), doing});
  }
  void sometimes(const CampaignResult& result, double seconds) {
    if (!options_.progress || Clock::now() < next_) return;
    next_ = Clock::now() + std::chrono::milliseconds(250);
    now(result, seconds, "running");
  }

 private:
  const Subject& subject_;
  const CampaignOptions& options_;
  Clock::time_point next_;
};

}  // namespace

BazelRun bazel_run() {
  if (const char* status = std::getenv("TEST_SHARD_STATUS_FILE")) std::ofstream{status};
  return {.shard = number_from("TEST_SHARD_INDEX").value_or(0),
          .shards = std::max<std::uint64_t>(1, number_from("TEST_TOTAL_SHARDS").value_or(1)),
          .number = number_from("TEST_RUN_NUMBER").value_or(1)};
}

std::uint64_t seed_of_run(std::uint64_t seed, std::uint64_t number) {
  return number <= 1 ? seed : program_seed(scramble(seed), number);
}

Found investigate(const Subject& subject, const abi::Setup& setup, const abi::Program& program,
                  const Difference& difference, std::uint64_t seed,
                  const CampaignOptions& options) {
  Found found;
  found.seed = seed;
  found.unshrunk = difference;
  found.unshrunk_length = program.size();
  abi::Trace whole{.setup = setup, .lines = {}};
  for (const abi::Call& call : program) whole.lines.push_back({.call = call, .expected = {}});
  const std::string stem = std::string(subject.name()) + "-" + std::to_string(seed);
  const std::string about = "model against " + std::string(subject.name()) + ", program seed " +
                            std::to_string(seed) + "\n";
  const auto save = [&](const std::string& file, const abi::Trace& trace, const std::string& what) {
    return options.save ? save_trace(options.directory, file, trace, about + what) : "";
  };
  const std::string first =
      save(stem + "-unshrunk.ns", whole, "before shrinking: " + difference.what);
  // The calls of the ending are part of the program here; only a leak needs to end again.
  RunOptions run = options.run;
  run.ending = difference.check == Check::leak;
  run.whole_every = 1;
  Workspace work;
  const Try attempt = [&](const abi::Setup& s, const abi::Program& p) {
    ProgramSource source(p);
    return subject.run(s, source, run, work, nullptr).difference;
  };
  found.shrunk = shrink({setup, program, difference}, attempt, options.shrink_time);
  const Failing& small = found.shrunk.failing;
  const std::optional<Story> story = subject.tell(small.setup, small.program, run);
  if (!story) {  // the difference depends on more than the program: say so, with what there is
    found.finding.check = check_name(subject);
    found.finding.title = "not repeatable: " + difference.what;
    found.finding.trace = print(whole);
    if (options.save) found.finding.files = {first};
    return found;
  }
  const std::string second = save(stem + ".ns", story->trace, headline(subject, *story));
  found.finding = to_finding(subject, *story, seed, second);
  if (options.save) found.finding.files = {first, second};
  found.shrunk.failing.difference = story->difference;
  return found;
}

CampaignResult run_campaign(const Subject& subject, const CampaignOptions& options) {
  CampaignResult result;
  Reporter reporter(subject, options);
  Workspace work;
  CrashWatch watch(subject.name(), options.directory, options.save);
  Clock::time_point start = Clock::now();
  double ran_before = processor_seconds();
  for (std::uint64_t n = options.shard; n < options.programs; n += options.shards) {
    if (options.time.count() != 0 && Clock::now() - start > options.time) break;
    const std::uint64_t seed = program_seed(options.seed, n);
    Generator generator(seed, options.limits);
    GeneratedSource source(generator);
    work.program.clear();
    watch.begin(seed, generator.setup(), work.program);
    const Run run = subject.run(generator.setup(), source, options.run, work, &result.coverage);
    ++result.programs;
    result.calls += run.calls;
    reporter.sometimes(result, seconds_since(start));
    if (!run.difference) continue;
    const double before = seconds_since(start);
    const double ran = processor_seconds();
    reporter.now(result, before, "shrinking");
    const abi::Program program = work.program;
    Found found = investigate(subject, generator.setup(), program, *run.difference, seed, options);
    found.number = n;
    found.calls_before = result.calls;
    result.found.push_back(std::move(found));
    if (result.found.size() >= options.most_findings) {
      result.seconds = before;
      result.processor = ran - ran_before;
      return result;
    }
    start += std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(seconds_since(start) - before));
    ran_before += processor_seconds() - ran;
  }
  result.seconds = seconds_since(start);
  result.processor = processor_seconds() - ran_before;
  return result;
}

}  // namespace props
