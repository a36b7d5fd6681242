// Versions and profiles as text, and how versions compare.
#include "abi/profile.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "abi/testing/arbitrary.h"

namespace nsabi {
namespace {

TEST(Version, Reads) {
  EXPECT_EQ(version_from("6.18"), (Version{6, 18}));
  EXPECT_EQ(version_from("6.18.44"), (Version{6, 18, 44}));
  EXPECT_EQ(version_from("6.18.0"), (Version{6, 18, 0}));
  EXPECT_EQ(version_from("5.8"), (Version{5, 8}));
  EXPECT_EQ(version_from("7.1"), (Version{7, 1}));
  EXPECT_EQ(version_from("7.9.3"), (Version{7, 9, 3}));
}

TEST(Version, RefusesWhatIsNotModelled) {
  for (const char* text :
       {"5.7", "5.7.99", "4.19", "3.8", "5.20", "6.20", "7.10", "8.0", "65536.1", "0.0"}) {
    EXPECT_FALSE(version_from(text)) << text;
  }
  for (const char* text : {"", ".", "6", "6.", ".18", "6.18.", "6..18", "6.18.1.1", "6.18 ",
                           " 6.18", "v6.18", "6.18-rc1", "6.0x12", "06.18", "6.018", "6.18.65535",
                           "6.-1", "6.+1", "6.18.99999999999999999999"}) {
    EXPECT_FALSE(version_from(text)) << text;
  }
}

TEST(Version, OfARunningKernel) {
  EXPECT_EQ(version_from_uname("6.18.44"), (Version{6, 18, 44}));
  EXPECT_EQ(version_from_uname("6.12.12-amd64"), (Version{6, 12, 12}));
  EXPECT_EQ(version_from_uname("6.12.12+deb13-amd64"), (Version{6, 12, 12}));
  EXPECT_EQ(version_from_uname("5.15.167.4-microsoft-standard-WSL2"), (Version{5, 15, 167}));
  EXPECT_EQ(version_from_uname("6.18.0"), (Version{6, 18, 0}));
  EXPECT_EQ(version_from_uname("6.18.0+"), (Version{6, 18, 0}));
  EXPECT_EQ(version_from_uname("7.1.0-rc3"), (Version{7, 1, 0}));
  EXPECT_EQ(version_from_uname("6.6-custom"), (Version{6, 6}));
  EXPECT_EQ(version_from_uname("6.6.-custom"), (Version{6, 6}));
  // A fixed .0 and the distribution's own count behind it.
  EXPECT_EQ(version_from_uname("6.1.0-31-amd64"), (Version{6, 1}));
  EXPECT_EQ(version_from_uname("5.15.0-91-generic"), (Version{5, 15}));
  EXPECT_EQ(version_from_uname("5.14.0-427.13.1.el9_4.x86_64"), (Version{5, 14}));
  EXPECT_EQ(version_from_uname("6.1.5-31-amd64"), (Version{6, 1, 5}));
  for (const char* text : {"", "Linux", "6", "6-1", "5.7.1", "4.19.0-26-amd64", "-6.1", "6.x"}) {
    EXPECT_FALSE(version_from_uname(text)) << text;
  }
}

TEST(Version, WithoutAPatchIsTheNewestOfItsSeries) {
  EXPECT_LT((Version{6, 18, 44}), (Version{6, 18}));
  EXPECT_LT((Version{6, 18}), (Version{6, 19, 0}));
  EXPECT_TRUE((Profile{.version = {6, 18, 0}}.at_least(6, 18)));
  EXPECT_FALSE((Profile{.version = {6, 17}}.at_least(6, 18)));
}

TEST(Since, ReachesBackportsInTheirSeriesOnly) {
  const Since since{.mainline = {6, 19, 0}, .backport = {6, 12, 30}};
  EXPECT_TRUE(since.reached({6, 19, 0}));
  EXPECT_TRUE(since.reached({7, 0}));
  EXPECT_FALSE(since.reached({6, 18}));
  EXPECT_TRUE(since.reached({6, 12}));
  EXPECT_TRUE(since.reached({6, 12, 30}));
  EXPECT_FALSE(since.reached({6, 12, 29}));
  EXPECT_TRUE(kAlways.reached({5, 8, 0}));
  EXPECT_FALSE(kNever.reached({7, 9}));
}

TEST(Since, MayBeInOneStableSeriesOnly) {
  const Since since = only_in_series({6, 12, 117});
  EXPECT_TRUE(since.reached({6, 12, 117}));
  EXPECT_TRUE(since.reached({6, 12}));
  EXPECT_FALSE(since.reached({6, 12, 116}));
  EXPECT_FALSE(since.reached({6, 18}));
  EXPECT_FALSE(since.reached({7, 9}));
}

TEST(Since, Text) {
  const Since backported{.mainline = {6, 3, 0}, .backport = {6, 1, 100}};
  const Since plain{.mainline = {6, 2, 0}};
  EXPECT_EQ(versions_text(kAlways, kNever), "");
  EXPECT_EQ(versions_text(plain, kNever), "6.2 on");
  EXPECT_EQ(versions_text(kAlways, backported), "before 6.3 (and 6.1.100)");
  EXPECT_EQ(versions_text(plain, backported), "6.2 on, before 6.3 (and 6.1.100)");
  EXPECT_EQ(versions_text(only_in_series({6, 12, 117}), kNever), "6.12.117 on in its series");
}

TEST(Profile, StandardOnesAreOldestFirst) {
  const auto profiles = standard_profiles();
  std::string list;
  for (const Profile& p : profiles) list += to_string(p) + ' ';
  EXPECT_EQ(list, "5.10 6.1 6.6 6.12 6.18 6.19 7.0 ");
}

TEST(Profile, Text) {
  Profile p{.version = {6, 1, 9}};
  EXPECT_EQ(to_string(p), "6.1.9");
  p.configured = p.configured.without(NsType::time).without(NsType::uts);
  p.userns_off = true;
  EXPECT_EQ(to_string(p), "6.1.9,no-uts,no-time,userns-off");
  EXPECT_EQ(profile_from("6.1.9,userns-off,no-time,no-uts"), p);
  EXPECT_EQ(profile_from("6.18"), Profile{});
  for (const char* text :
       {"", ",", "6.18,", ",no-time", "6.18,no-", "6.18,no-mount", "6.18,,no-uts", "6.18, no-uts",
        "6.18,userns-on", "6.18 no-uts", "no-uts,6.18"}) {
    EXPECT_FALSE(profile_from(text)) << text;
  }
}

RC_GTEST_PROP(ProfileLaw, RoundTrips, (const Profile& profile)) {
  RC_ASSERT(profile_from(to_string(profile)) == profile);
}

RC_GTEST_PROP(ProfileLaw, AVersionIsItsOwnUname, (Version version)) {
  RC_ASSERT(version_from_uname(to_string(version)) == version);
}

}  // namespace
}  // namespace nsabi
