// Every seeded bug of flags, counts and rollback is refuted by a theorem that names it, or has a
// reason why none does; and docs/proofs.md says so.
#include "proofs/theorems.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "proofs/prove.h"

namespace proofs {
namespace {

TEST(Theorems, EachBugIsRefutedOrOutOfReach) {
  std::set<impl::Bug> refuted;
  for (const Theorem* const t : theorems()) refuted.insert(t->mutants.begin(), t->mutants.end());
  for (const impl::BugInfo& bug : impl::bugs()) {
    const bool reason = !out_of_reach(bug.bug).empty();
    EXPECT_FALSE(reason && refuted.contains(bug.bug)) << bug.name << " is refuted";
    using enum impl::BugGroup;
    if (bug.group != flags && bug.group != counts && bug.group != rollback) continue;
    EXPECT_TRUE(reason || refuted.contains(bug.bug)) << "no theorem names " << bug.name;
  }
}

TEST(Theorems, TheirPageIsCurrent) {
  std::ifstream file("docs/proofs.md");
  const std::string page{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  EXPECT_TRUE(page == theorems_page())
      << "docs/proofs.md is not current; renew it with:\n"
         "  ./bazelw run //:nsproxy -- prove --theorems-page > docs/proofs.md";
}

}  // namespace
}  // namespace proofs
