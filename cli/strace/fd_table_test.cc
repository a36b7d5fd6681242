// Tables: copies, sharing, execve, and who closes last.
#include "cli/strace/fd_table.h"

#include <gtest/gtest.h>

namespace cli::strace_log {
namespace {

Thing file(std::vector<abi::FileId>& closed, std::uint32_t n) {
  Thing thing = std::make_shared<OpenThing>(&closed);
  thing->file = abi::FileId{n};
  thing->has_file = true;
  return thing;
}

TEST(FdTable, TellsWhenTheLastNumberIsGone) {
  std::vector<abi::FileId> closed;
  FdTable table;
  table.set(3, file(closed, 7), false);
  table.set(4, table.find(3)->thing, false);
  FdTable child = table;
  table.close(3);
  table.close(4);
  EXPECT_TRUE(closed.empty());
  child.close(3);
  EXPECT_TRUE(closed.empty());
  child.close(4);
  ASSERT_EQ(closed.size(), 1u);
  EXPECT_EQ(closed[0].n, 7u);
}

TEST(FdTable, ACopyGoesItsOwnWay) {
  std::vector<abi::FileId> closed;
  FdTable table;
  table.set(3, file(closed, 1), true);
  FdTable copy = table;
  copy.close_on_exec();
  EXPECT_EQ(copy.find(3), nullptr);
  ASSERT_NE(table.find(3), nullptr);
  table.set(3, file(closed, 2), false);
  EXPECT_EQ(closed.size(), 1u);
}

TEST(FdTable, ClosesAndMarksRanges) {
  std::vector<abi::FileId> closed;
  FdTable table;
  for (std::uint32_t i = 3; i < 8; ++i) table.set(i, file(closed, i), false);
  table.close_range(4, 5, false);
  EXPECT_EQ(closed.size(), 2u);
  table.close_range(6, 0xffffffff, true);
  table.close_on_exec();
  EXPECT_EQ(closed.size(), 4u);
  EXPECT_NE(table.find(3), nullptr);
  table.close_range(5, 4, false);
  table.close_range(-1, 100, false);
  EXPECT_NE(table.find(3), nullptr);
}

TEST(FdTable, KeepsUnknownDescriptors) {
  FdTable table;
  table.set(9, nullptr, false);
  ASSERT_NE(table.find(9), nullptr);
  EXPECT_EQ(table.find(9)->thing, nullptr);
  table.set(-1, nullptr, false);
  EXPECT_EQ(table.find(-1), nullptr);
}

}  // namespace
}  // namespace cli::strace_log
