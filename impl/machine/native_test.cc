// What refcount_t promises (lib/refcount.c, 6.18): a count never rises from 0, never falls below
// it, and stays where it is once it is too high; each failure is named, and the object is kept.
// With one processor, whose counts are plain, and with two.
#include "impl/machine/native.h"

#include <gtest/gtest.h>

#include <optional>

namespace impl {
namespace {

constexpr std::uint32_t kHighest = 0x7fffffff;  // the last count that is right

struct Object {
  NativeMachine::Count refs, active;
  abi::ObjId id = 7;
};

class Counts : public testing::TestWithParam<bool> {
 protected:
  Counts() : m_(domain_, true) {
    if (!GetParam()) another_.emplace(domain_, true);
    m_.init_count(o_, 1);
  }

  std::uint32_t count() const { return NativeMachine::value(o_.refs); }
  void expect_only(CountFailure failure) {
    ASSERT_EQ(m_.reports().size(), 1u);
    EXPECT_EQ(m_.reports().front().what, failure) << name(m_.reports().front().what);
    EXPECT_EQ(m_.reports().front().object, o_.id);
  }
  // Whatever comes now, the object is never free.
  void expect_kept() {
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(m_.put(o_));
    EXPECT_FALSE(m_.retire(o_));
    EXPECT_TRUE(m_.put_unless_last(o_)) << "as if others held it";
    EXPECT_TRUE(m_.try_get(o_));
    EXPECT_GT(count(), kHighest);
  }

  ReadDomain domain_;
  NativeMachine m_;
  std::optional<NativeMachine> another_;
  Object o_;
};

TEST_P(Counts, AreExact) {
  m_.get(o_);
  EXPECT_TRUE(m_.try_get(o_));
  EXPECT_EQ(count(), 3u);
  EXPECT_TRUE(m_.shared(o_));
  EXPECT_FALSE(m_.retire(o_)) << "others hold it";
  EXPECT_FALSE(m_.put(o_));
  EXPECT_TRUE(m_.put_unless_last(o_));
  EXPECT_FALSE(m_.put_unless_last(o_)) << "it is the last one";
  EXPECT_EQ(count(), 1u);
  EXPECT_TRUE(m_.put_sole(o_));
  EXPECT_EQ(count(), 0u);
  EXPECT_TRUE(m_.reports().empty());
}

TEST_P(Counts, OfTheDeadStayZero) {
  EXPECT_TRUE(m_.retire(o_));
  EXPECT_FALSE(m_.try_get(o_));
  EXPECT_FALSE(m_.put_unless_last(o_));
  EXPECT_EQ(count(), 0u);
  EXPECT_TRUE(m_.reports().empty());
}

TEST_P(Counts, DoNotRiseFromZero) {
  m_.init_count(o_, 0);
  m_.get(o_);
  expect_only(CountFailure::inc_from_zero);
  expect_kept();
}

TEST_P(Counts, DoNotFallBelowZero) {
  m_.init_count(o_, 0);
  EXPECT_FALSE(m_.put(o_));
  expect_only(CountFailure::dec_below_zero);
  expect_kept();
}

TEST_P(Counts, Saturate) {
  m_.init_count(o_, kHighest);
  m_.get(o_);
  EXPECT_TRUE(m_.reports().empty());
  m_.get(o_);
  expect_only(CountFailure::saturated);
  expect_kept();
}

TEST_P(Counts, SaturateForReadersToo) {
  m_.init_count(o_, kHighest);
  EXPECT_TRUE(m_.try_get(o_));
  EXPECT_TRUE(m_.try_get(o_));
  expect_only(CountFailure::saturated);
  expect_kept();
}

TEST_P(Counts, OfUsesAreNamedWhenTheyFail) {
  m_.init_active(o_.active);
  EXPECT_TRUE(m_.active_get(o_.active)) << "the first";
  EXPECT_FALSE(m_.active_get(o_.active));
  EXPECT_FALSE(m_.active_put(o_));
  EXPECT_TRUE(m_.active_put(o_)) << "the last";
  EXPECT_TRUE(m_.reports().empty());
  EXPECT_FALSE(m_.active_put(o_));
  expect_only(CountFailure::dec_below_zero);
}

INSTANTIATE_TEST_SUITE_P(Processors, Counts, testing::Bool(),
                         [](const auto& alone) { return alone.param ? "one" : "two"; });

}  // namespace
}  // namespace impl
