// Capability names and sets.
#include "abi/cap.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace nsabi {
namespace {

TEST(Cap, NumbersAreTheKernels) {
  EXPECT_EQ(cap_name(0), "CAP_CHOWN");
  EXPECT_EQ(cap_name(cap::KILL), "CAP_KILL");
  EXPECT_EQ(cap_name(cap::SETGID), "CAP_SETGID");
  EXPECT_EQ(cap_name(cap::SETUID), "CAP_SETUID");
  EXPECT_EQ(cap_name(cap::SETPCAP), "CAP_SETPCAP");
  EXPECT_EQ(cap_name(cap::SYS_CHROOT), "CAP_SYS_CHROOT");
  EXPECT_EQ(cap_name(cap::SYS_PTRACE), "CAP_SYS_PTRACE");
  EXPECT_EQ(cap_name(cap::SYS_ADMIN), "CAP_SYS_ADMIN");
  EXPECT_EQ(cap_name(cap::SYS_RESOURCE), "CAP_SYS_RESOURCE");
  EXPECT_EQ(cap_name(cap::SYS_TIME), "CAP_SYS_TIME");
  EXPECT_EQ(cap_name(cap::SETFCAP), "CAP_SETFCAP");
  EXPECT_EQ(cap_name(cap::CHECKPOINT_RESTORE), "CAP_CHECKPOINT_RESTORE");
}

TEST(Cap, EachHasItsOwnName) {
  std::set<std::string_view> names;
  for (int n = 0; n <= kCapLast; ++n) {
    EXPECT_TRUE(names.insert(cap_name(n)).second) << n;
    EXPECT_EQ(cap_from(cap_name(n)), n);
  }
  EXPECT_EQ(cap_name(-1), "");
  EXPECT_EQ(cap_name(kCapLast + 1), "");
  EXPECT_FALSE(cap_from(""));
  EXPECT_FALSE(cap_from("CAP_SYS"));
  EXPECT_FALSE(cap_from("sys_admin"));
}

TEST(Cap, SetsPrintTheShorterWay) {
  EXPECT_EQ(caps_to_string(kCapFull), "full");
  EXPECT_EQ(caps_to_string(0), "none");
  EXPECT_EQ(caps_to_string(cap_bit(cap::SYS_ADMIN) | cap_bit(cap::SETUID)),
            "CAP_SETUID|CAP_SYS_ADMIN");
  EXPECT_EQ(caps_to_string(kCapFull & ~cap_bit(cap::SYS_RESOURCE) & ~cap_bit(cap::SETUID)),
            "full-CAP_SETUID-CAP_SYS_RESOURCE");
  EXPECT_EQ(caps_to_string(cap_bit(cap::SETUID) | cap_bit(63)), "CAP_SETUID|0x8000000000000000");
  EXPECT_EQ(caps_to_string(cap_bit(63)), "0x8000000000000000");
  EXPECT_EQ(caps_to_string(~CapSet{0}), "full|0xfffffe0000000000");
}

TEST(Cap, SetsRead) {
  EXPECT_EQ(caps_from("0x1ffffffffff"), kCapFull);
  EXPECT_EQ(caps_from("64"), cap_bit(cap::SETGID));
  EXPECT_EQ(caps_from("CAP_SETUID|CAP_SETUID"), cap_bit(cap::SETUID));
  EXPECT_EQ(caps_from("none|CAP_SETUID"), cap_bit(cap::SETUID));
  // From left to right.
  EXPECT_EQ(caps_from("full-CAP_SETUID|CAP_SETUID"), kCapFull);
  EXPECT_EQ(caps_from("CAP_SETUID-full"), CapSet{0});
  for (const char* text :
       {"", "|", "-", "full-", "-CAP_SETUID", "CAP_SETUID|", "all", "CAP_FOO", "0x",
        "0x10000000000000000", "-1", "full CAP_SETUID", "CAP_SETUID,full"}) {
    EXPECT_FALSE(caps_from(text)) << text;
  }
}

RC_GTEST_PROP(CapLaw, EverySetRoundTrips, (bool nearly_full)) {
  const auto word = *rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<CapSet>());
  const auto few = cap_bit(*rc::gen::inRange(0, 64)) | cap_bit(*rc::gen::inRange(0, 64));
  for (const CapSet set : {word, word & kCapFull, few, nearly_full ? kCapFull & ~few : ~few}) {
    const std::string text = caps_to_string(set);
    RC_ASSERT(caps_from(text) == set);
  }
}

}  // namespace
}  // namespace nsabi
