// Words and numbers.
#include "abi/words.h"

#include <gtest/gtest.h>

#include <array>

namespace nsabi {
namespace {

TEST(NumberFrom, ReadsTheWholeTextOrNothing) {
  EXPECT_EQ(number_from<int>("0"), 0);
  EXPECT_EQ(number_from<int>("-2147483648"), -2147483647 - 1);
  EXPECT_EQ(number_from<std::uint8_t>("255"), 255);
  EXPECT_EQ(number_from<std::uint64_t>("0xffffffffffffffff"), ~0ull);
  EXPECT_EQ(number_from<std::int64_t>("0x10"), 16);
  for (const char* text : {"",           " 1",          "1 ",         "+1",   "--1",
                           "-",          "0x",          "0X1",        "0x-1", "-0x1",
                           "01",         "00",          "-01",        "1a",   "0xg",
                           "2147483648", "-2147483649", "0x80000000", "1.0",  "0x00000000000000001",
                           "1e3"}) {
    EXPECT_FALSE(number_from<int>(text)) << text;
  }
  EXPECT_FALSE(number_from<std::uint8_t>("256"));
  EXPECT_FALSE(number_from<std::uint8_t>("-1"));
}

TEST(Split, YieldsEveryWordAndTheEmptyOnes) {
  const auto words = [](std::string_view text) {
    std::string out;
    for (Split split{text}; split.more;) out.append("<").append(split.next('|')).append(">");
    return out;
  };
  EXPECT_EQ(words("a|bc"), "<a><bc>");
  EXPECT_EQ(words(""), "<>");
  EXPECT_EQ(words("a|"), "<a><>");
  EXPECT_EQ(words("||"), "<><><>");
}

TEST(Nearest, IsAtMostTwoEditsAway) {
  constexpr auto words = std::to_array<std::string_view>(
      {"CLONE_NEWUTS", "CLONE_NEWIPC", "CLONE_NEWTIME", "CAP_SYS_ADMIN", "unshare", "wait", "mnt"});
  EXPECT_EQ(nearest("CLONE_NEWUT", words), "CLONE_NEWUTS");
  EXPECT_EQ(nearest("clone_newuts", words), "CLONE_NEWUTS");
  EXPECT_EQ(nearest("NEWIPC", words), "CLONE_NEWIPC");
  EXPECT_EQ(nearest("SYS_ADMIN", words), "CAP_SYS_ADMIN");
  EXPECT_EQ(nearest("unsahre", words), "unshare");
  EXPECT_EQ(nearest("wiat", words), "");
  EXPECT_EQ(nearest("waits", words), "wait");
  EXPECT_EQ(nearest("CLONE_NEWNET", words), "");
  EXPECT_EQ(nearest("fork", words), "");
  EXPECT_EQ(nearest("", words), "");
  EXPECT_EQ(nearest(std::string(1 << 20, 'w'), words), "");
}

TEST(Quoted, IsShortAndPrintable) {
  EXPECT_EQ(quoted("uts"), "`uts`");
  EXPECT_EQ(quoted("a\x1b[31m\xff"), "`a?[31m?`");
  EXPECT_EQ(nsabi::quoted(std::string(1000, 'x')), "`" + std::string(32, 'x') + "...`");
}

}  // namespace
}  // namespace nsabi
