// Every theorem: see theorems.h.
#include "proofs/theorems.h"

#include <algorithm>
#include <utility>

#include "proofs/counts/theorems.h"
#include "proofs/flags/theorems.h"

namespace proofs {

std::vector<const Theorem*> theorems() {
  std::vector<const Theorem*> all;
  for (const std::span<const Theorem> group : {flag_theorems(), count_theorems()}) {
    for (const Theorem& t : group) all.push_back(&t);
  }
  return all;
}

bool matches(std::string_view glob, std::string_view text) {
  const std::size_t star = glob.find('*');
  if (star == std::string_view::npos) return glob == text;
  if (!text.starts_with(glob.substr(0, star))) return false;
  text.remove_prefix(star);
  for (;; text.remove_prefix(1)) {
    if (matches(glob.substr(star + 1), text)) return true;
    if (text.empty()) return false;
  }
}

std::vector<const Theorem*> theorems_like(std::string_view glob) {
  std::vector<const Theorem*> all = theorems();
  std::erase_if(all, [glob](const Theorem* t) { return !matches(glob, t->name); });
  return all;
}

std::string_view out_of_reach(impl::Bug bug) {
  constexpr std::string_view kIoctl =
      "it gives another result, not another count, in an ioctl, of which there is no flag theorem";
  constexpr std::pair<impl::Bug, std::string_view> kReasons[] = {
      {impl::Bug::kPidfdIoctlIgnoresArg, kIoctl},
      {impl::Bug::kUnconfiguredLinkOpens, kIoctl},
  };
  for (const auto& [which, reason] : kReasons) {
    if (which == bug) return reason;
  }
  return "";
}

}  // namespace proofs
