// The table of seeded bugs, put together from its parts.
#include "impl/bugs.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "impl/bug/checks.h"
#include "impl/bug/effects.h"
#include "impl/bug/entry.h"
#include "impl/bug/orders.h"
#include "impl/bug/references.h"
#include "impl/bug/rules.h"

namespace impl {
namespace {

template <std::size_t... sizes>
constexpr auto joined(const std::array<BugInfo, sizes>&... parts) {
  std::array<BugInfo, (sizes + ...)> all{};
  std::size_t at = 0;
  const auto append = [&](const auto& part) {
    for (const BugInfo& info : part) all[at++] = info;
  };
  (append(parts), ...);
  return all;
}

constexpr auto kBugs =
    joined(bug_table::kEntryBugs, bug_table::kRuleBugs, bug_table::kEffectBugs,
           bug_table::kReferenceBugs, bug_table::kCheckBugs, bug_table::kOrderBugs);

constexpr bool in_order() {
  for (std::size_t i = 0; i < kBugs.size(); ++i) {
    if (static_cast<std::size_t>(kBugs[i].bug) != i + 1) return false;
  }
  return true;
}
static_assert(kBugs.size() + 1 == static_cast<std::size_t>(Bug::kCount));
static_assert(in_order());

}  // namespace

std::span<const BugInfo> bugs() { return kBugs; }

std::string_view name(BugGroup g) {
  constexpr std::array<std::string_view, 8> names = {"flags", "counts", "rollback", "caps",
                                                     "order", "time",   "active",   "memory"};
  const auto i = static_cast<std::size_t>(g);
  return i < names.size() ? names[i] : std::string_view{};
}

std::optional<Bug> bug_from(std::string_view word) {
  const auto found = std::find_if(kBugs.begin(), kBugs.end(),
                                  [&](const BugInfo& info) { return info.name == word; });
  if (found == kBugs.end()) return std::nullopt;
  return found->bug;
}

}  // namespace impl
