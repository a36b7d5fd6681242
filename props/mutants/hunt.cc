#include "props/mutants/hunt.h"

#include <algorithm>

#include "props/subjects/seeded.h"

namespace props {

Catch hunt(impl::Bug bug, const HuntOptions& options) {
  const std::unique_ptr<Subject> subject = seeded_subject(bug);
  Catch result;
  std::vector<std::uint64_t> calls;
  for (unsigned i = 0; i < options.seeds; ++i) {
    CampaignOptions campaign;
    campaign.seed = options.first_seed + i;
    campaign.programs = options.programs;
    campaign.shrink_time = options.shrink_time;
    campaign.save = false;
    CampaignResult found = run_campaign(*subject, campaign);
    ++result.seeds;
    result.seconds += found.seconds;
    if (found.found.empty()) continue;
    ++result.caught;
    Found& one = found.found.front();
    calls.push_back(one.calls_before);
    const std::size_t length = one.shrunk.failing.program.size();
    if (!result.smallest || length < result.smallest->shrunk.failing.program.size()) {
      result.smallest = std::move(one);
    }
  }
  if (!calls.empty()) {
    const auto middle = calls.begin() + static_cast<std::ptrdiff_t>(calls.size() / 2);
    std::nth_element(calls.begin(), middle, calls.end());
    result.median_calls = *middle;
  }
  return result;
}

std::string_view out_of_reach(const impl::BugInfo& bug) {
  return bug.group == impl::BugGroup::memory ? "one thread: needs the scheduled machine" : "";
}

}  // namespace props
