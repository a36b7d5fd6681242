// The running kernel: see checks.h.
#include <algorithm>

#include "cli/checks.h"
#include "cli/kernel.h"

namespace cli {

void check_kernel(report::Report& out, const CheckOptions& options) {
  const auto& host = props::systems::known_systems().front();
  const auto prepared = host.prepare(system_files());
  props::conform::ConformOptions asked;
  asked.system = host.name;
  asked.jobs = prepared.jobs;
  asked.standing = standing_traces();
  asked.standing_time = 3 * options.kernel_time;  // a quarter of it will do as a rule
  asked.time = std::min(options.kernel_time, options.diff_time);
  asked.directory = options.directory;
  asked.shrink_time = std::chrono::seconds(5);
  asked.progress = [&](const props::Progress& p) { options.progress(kernel_progress(p)); };
  report::Report found = props::conform::run_conform(prepared, asked);
  found.title.clear();
  // Its facts have names that the other checks' have too.
  std::erase_if(found.facts, [](const report::Fact& fact) {
    return fact.label == "system" || fact.label == "jobs";
  });
  for (report::Fact& fact : found.facts) fact.label = "running kernel, " + fact.label;
  report::merge(out, found);
}

}  // namespace cli
