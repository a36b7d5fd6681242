// The table holds what a map would, however numbers meet in it.
#include "impl/object/number_table.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <random>
#include <set>

namespace impl {
namespace {

TEST(NumberTable, DoesWhatAMapDoes) {
  std::array<int, 4096> values{};
  std::minstd_rand random(1);
  for (const unsigned spread : {12u, 40u, 4000u}) {  // crowded, then scattered
    NumberTable<int> table;
    std::map<std::int32_t, int*> expected;
    for (int i = 0; i < 20000; ++i) {
      const auto number = static_cast<std::int32_t>(1 + random() % spread);
      if (expected.contains(number)) {
        table.erase(number);
        expected.erase(number);
      } else if (expected.size() < 64) {
        int* const value = &values[static_cast<std::size_t>(number)];
        table.insert(number, value);
        expected[number] = value;
      }
      const auto other = static_cast<std::int32_t>(1 + random() % spread);
      const auto found = expected.find(other);
      ASSERT_EQ(table.find(other), found == expected.end() ? nullptr : found->second) << other;
    }
    std::set<int*> seen;
    table.for_each([&](int& value) { EXPECT_TRUE(seen.insert(&value).second) << "twice"; });
    EXPECT_EQ(seen.size(), expected.size());
    table.clear();
    for (const auto& [number, value] : expected) EXPECT_EQ(table.find(number), nullptr);
  }
}

TEST(NumberTable, FindsNothingInAnEmptyOne) { EXPECT_EQ(NumberTable<int>().find(1), nullptr); }

}  // namespace
}  // namespace impl
