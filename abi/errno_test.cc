// Errno names against the C library's numbers.
#include "abi/errno.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

namespace nsabi {
namespace {

TEST(Errno, NumbersAreTheKernels) {
  struct Pair {
    Errno ours;
    int theirs;
    const char* word;
  };
#define PAIR(name) \
  { Errno::k##name, name, #name }
  constexpr Pair pairs[] = {PAIR(EPERM),     PAIR(ENOENT), PAIR(ESRCH),  PAIR(EINTR),  PAIR(EIO),
                            PAIR(E2BIG),     PAIR(EBADF),  PAIR(ECHILD), PAIR(EAGAIN), PAIR(ENOMEM),
                            PAIR(EACCES),    PAIR(EFAULT), PAIR(EBUSY),  PAIR(EEXIST), PAIR(ENODEV),
                            PAIR(ENOTDIR),   PAIR(EINVAL), PAIR(ENFILE), PAIR(EMFILE), PAIR(ENOTTY),
                            PAIR(ENOSPC),    PAIR(ERANGE), PAIR(ENOSYS), PAIR(ELOOP),  PAIR(EUSERS),
                            PAIR(EOPNOTSUPP)};
#undef PAIR
  for (const Pair& p : pairs) {
    EXPECT_EQ(static_cast<int>(p.ours), p.theirs) << p.word;
    EXPECT_EQ(to_string(p.ours), p.word);
    EXPECT_EQ(errno_from(p.word), p.ours);
  }
}

TEST(Errno, EveryNumberRoundTripsAndHasItsOwnWord) {
  std::set<std::string> words;
  for (unsigned n = 0; n <= 0xffff; ++n) {
    const Errno e{static_cast<std::uint16_t>(n)};
    const std::string word = to_string(e);
    EXPECT_TRUE(words.insert(word).second) << word;
    ASSERT_EQ(errno_from(word), e) << word;
  }
}

TEST(Errno, RefusesOtherWords) {
  EXPECT_EQ(to_string(Errno::kOk), "ok");
  EXPECT_EQ(to_string(Errno{123}), "E#123");
  for (const char* word : {"", "EFOO", "eperm", "E#", "E#1", "E#0", "E#-1", "E#65536", "E#0123",
                           "E#99999999999999999999", " EPERM", "EPERM ", "1", "OK"}) {
    EXPECT_FALSE(errno_from(word)) << word;
  }
}

}  // namespace
}  // namespace nsabi
