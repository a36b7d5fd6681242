// Flag words: their names are UAPI's, and text says which bits were meant.
#include "abi/flags.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <bit>
#include <set>

namespace nsabi {
namespace {

constexpr auto kBits = FlagStyle::bits;
constexpr auto kSignal = FlagStyle::signal;

TEST(Flags, PrintInOrderOfBits) {
  EXPECT_EQ(to_string(flag::NEWIPC | flag::NEWUTS, kBits), "CLONE_NEWUTS|CLONE_NEWIPC");
  EXPECT_EQ(to_string(Flags{}, kBits), "0");
  EXPECT_EQ(to_string(flag::NEWTIME | flag::VM, kBits), "CLONE_NEWTIME|CLONE_VM");
}

TEST(Flags, PrintUnknownBitsLastInHex) {
  EXPECT_EQ(to_string(flag::NEWUTS | Flags{1ull << 38}, kBits), "CLONE_NEWUTS|0x4000000000");
  EXPECT_EQ(to_string(Flags{0x11}, kBits), "0x11");
  EXPECT_EQ(to_string(flag::NEWUTS | Flags{1ull << 38 | 17}, kSignal),
            "CLONE_NEWUTS|SIGCHLD|0x4000000000");
}

TEST(Flags, TheLowByteOfLegacyCloneIsASignal) {
  EXPECT_EQ(to_string(flag::NEWPID | Flags{kSIGCHLD}, kSignal), "CLONE_NEWPID|SIGCHLD");
  EXPECT_EQ(to_string(Flags{9}, kSignal), "SIGKILL");
  EXPECT_EQ(to_string(Flags{31}, kSignal), "SIGSYS");
  EXPECT_EQ(to_string(Flags{32}, kSignal), "signal=32");
  EXPECT_EQ(to_string(flag::NEWTIME, kSignal), "signal=128");
  EXPECT_EQ(to_string(flag::VM, kSignal), "CLONE_VM");
  EXPECT_EQ(to_string(Flags{}, kSignal), "0");
}

TEST(Flags, ReadInAnyOrder) {
  EXPECT_EQ(flags_from("SIGCHLD|CLONE_NEWUTS", kSignal), flag::NEWUTS | Flags{17});
  EXPECT_EQ(flags_from("CLONE_NEWUTS|signal=17", kSignal), flag::NEWUTS | Flags{17});
  EXPECT_EQ(flags_from("0x20000|CLONE_NEWUTS", kBits), flag::NEWNS | flag::NEWUTS);
  EXPECT_EQ(flags_from("131072", kBits), flag::NEWNS);
  EXPECT_EQ(flags_from("CLONE_VM|CLONE_VM", kBits), flag::VM);
  EXPECT_EQ(flags_from("0xffffffffffffffff", kBits), Flags{~0ull});
}

TEST(Flags, RefuseWhatTheyDoNotKnow) {
  for (const char* text : {"", "|", "CLONE_VM|", "|CLONE_VM", "CLONE_NEWFOO", "clone_vm", "CLONE_",
                           " CLONE_VM", "CLONE_VM |CLONE_FS", "-1", "0x", "0x-1", "+1", "010",
                           "0x10000000000000000", "18446744073709551616", "1e3"}) {
    EXPECT_FALSE(flags_from(text, kBits)) << text;
    EXPECT_FALSE(flags_from(text, kSignal)) << text;
  }
}

TEST(Flags, SignalsAreForLegacyCloneOnly) {
  EXPECT_FALSE(flags_from("SIGCHLD", kBits));
  EXPECT_FALSE(flags_from("signal=17", kBits));
  EXPECT_FALSE(flags_from("CLONE_NEWTIME", kSignal));
  EXPECT_FALSE(flags_from("signal=256", kSignal));
  EXPECT_FALSE(flags_from("signal=", kSignal));
}

// 17|1 is 17 and 1|2 is 3: signals don't add up.
TEST(Flags, OneSignalOnly) {
  EXPECT_FALSE(flags_from("SIGHUP|SIGINT", kSignal));
  EXPECT_FALSE(flags_from("SIGCHLD|signal=17", kSignal));
  EXPECT_FALSE(flags_from("SIGCHLD|0x1", kSignal));
  EXPECT_EQ(flags_from("SIGCHLD|signal=0", kSignal), Flags{17});
}

TEST(Flags, EachNameIsOneBitAndUnique) {
  std::set<std::string_view> names;
  Flags all;
  for (const FlagName& n : flag_names()) {
    EXPECT_EQ(std::popcount(n.flag.bits()), 1) << n.name;
    EXPECT_FALSE(all.has(n.flag)) << n.name;
    EXPECT_GT(n.flag.bits(), all.bits()) << n.name << " is out of order";
    all |= n.flag;
    EXPECT_TRUE(names.insert(n.name).second) << n.name;
    EXPECT_EQ(to_string(n.flag, kBits), n.name);
    EXPECT_EQ(flags_from(n.name, kBits), n.flag);
  }
  EXPECT_EQ(all.bits(), 0x3ffffff80u) << "every bit from 0x80 to CLONE_INTO_CGROUP has a name";
  EXPECT_EQ(std::popcount(flag::NSPROXY.bits()), 7);
  EXPECT_EQ(std::popcount(flag::NAMESPACES.bits()), 8);
}

// The words of include/uapi/linux/sched.h, spelled out here because <sched.h> has macros for them.
TEST(Flags, AreThoseOfTheUapi) {
  EXPECT_EQ(flags_from("CLONE_NEWTIME", kBits)->bits(), 0x80u);
  EXPECT_EQ(flags_from("CLONE_NEWNS", kBits)->bits(), 0x20000u);
  EXPECT_EQ(flags_from("CLONE_NEWCGROUP", kBits)->bits(), 0x02000000u);
  EXPECT_EQ(flags_from("CLONE_NEWUTS", kBits)->bits(), 0x04000000u);
  EXPECT_EQ(flags_from("CLONE_NEWIPC", kBits)->bits(), 0x08000000u);
  EXPECT_EQ(flags_from("CLONE_NEWUSER", kBits)->bits(), 0x10000000u);
  EXPECT_EQ(flags_from("CLONE_NEWPID", kBits)->bits(), 0x20000000u);
  EXPECT_EQ(flags_from("CLONE_NEWNET", kBits)->bits(), 0x40000000u);
  EXPECT_EQ(flags_from("CLONE_IO", kBits)->bits(), 0x80000000u);
}

Flags any_word() {
  return Flags(*rc::gen::oneOf(
      rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint64_t>()),
      rc::gen::map(rc::gen::inRange(0, 64), [](int n) { return std::uint64_t{1} << n; }),
      rc::gen::map(rc::gen::inRange(0, 256), [](int n) { return static_cast<std::uint64_t>(n); })));
}

RC_GTEST_PROP(FlagsLaw, EveryWordRoundTripsInBothStyles, ()) {
  const Flags word = any_word();
  for (const FlagStyle style : {kBits, kSignal}) {
    const std::string text = to_string(word, style);
    const auto read = flags_from(text, style);
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == word);
    RC_ASSERT(to_string(*read, style) == text);
  }
}

RC_GTEST_PROP(FlagsLaw, AnyTextIsAFlagWordOrNone, (const std::string& text)) {
  for (const FlagStyle style : {kBits, kSignal}) {
    const auto read = flags_from(text, style);
    if (read) RC_ASSERT(flags_from(to_string(*read, style), style) == read);
  }
}

}  // namespace
}  // namespace nsabi
