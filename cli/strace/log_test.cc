// Halves joined, lives begun and ended, lines without a label given to somebody.
#include "cli/strace/log.h"

#include <gtest/gtest.h>

namespace cli::strace_log {
namespace {

TEST(Log, JoinsTheHalvesOfACall) {
  const Log log = read_log(
      "10 clone(flags=SIGCHLD <unfinished ...>\n"
      "11 execve(\"/bin/true\", [\"true\"], 0x1 <unfinished ...>\n"
      "10 <... clone resumed>, child_tidptr=0x7) = 11\n"
      "11 <... execve resumed>) = 0\n"
      "11 +++ exited with 0 +++\n");
  ASSERT_EQ(log.calls.size(), 2u);
  EXPECT_EQ(log.calls[0].body, "flags=SIGCHLD, child_tidptr=0x7) = 11");
  EXPECT_EQ(log.calls[0].entry_line, 1u);
  EXPECT_EQ(log.calls[0].exit_line, 3u);
  EXPECT_EQ(log.calls[1].body, "\"/bin/true\", [\"true\"], 0x1) = 0");
  ASSERT_EQ(log.lives.size(), 2u);
  EXPECT_EQ(log.lives[1].end, Life::End::exited);
  EXPECT_EQ(log.lives[0].end, Life::End::none);
}

TEST(Log, BeginsANewLifeWhenALabelIsUsedAgain) {
  const Log log = read_log(
      "10 unshare(0) = 0\n11 unshare(0) = 0\n11 +++ exited with 0 +++\n11 unshare(0) = 0\n");
  ASSERT_EQ(log.lives.size(), 3u);
  EXPECT_EQ(log.calls[1].life, 1u);
  EXPECT_EQ(log.calls[2].life, 2u);
}

TEST(Log, GivesTheLeadersLabelToTheThreadThatExecs) {
  const Log log = read_log(
      "10 unshare(0) = 0\n"
      "11 execve(\"/bin/true\", [\"true\"], 0x1 <unfinished ...>\n"
      "10 +++ superseded by execve in pid 11 +++\n"
      "10 <... execve resumed>) = 0\n"
      "10 unshare(0) = 0\n");
  ASSERT_EQ(log.lives.size(), 2u);
  EXPECT_EQ(log.lives[0].end, Life::End::superseded);
  EXPECT_EQ(log.lives[1].born, 11);
  EXPECT_EQ(log.lives[1].pid, 10);
  ASSERT_EQ(log.calls.size(), 3u);
  EXPECT_EQ(log.calls[1].life, 1u);
  EXPECT_TRUE(log.calls[1].finished);
  EXPECT_EQ(log.calls[2].life, 1u);
}

TEST(Log, TakesTerminalStyleApart) {
  const Log log = read_log(
      "unshare(CLONE_NEWPID)     = 0\n"
      "clone(child_stack=NULL, flags=SIGCHLDstrace: Process 6587 attached\n"
      ", child_tidptr=0x7ff715050a10) = 6587\n"
      "[pid  6586] wait4(6587,  <unfinished ...>\n"
      "[pid  6587] exit_group(0)               = ?\n"
      "[pid  6587] +++ exited with 0 +++\n"
      "<... wait4 resumed>[{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 6587\n"
      "exit_group(0)                           = ?\n"
      "+++ exited with 0 +++\n");
  EXPECT_EQ(log.bad_lines, 0u);
  ASSERT_EQ(log.lives.size(), 2u);
  EXPECT_EQ(log.lives[0].pid, 6586);
  EXPECT_EQ(log.lives[0].end, Life::End::exited);
  EXPECT_EQ(log.lives[1].pid, 6587);
  ASSERT_EQ(log.calls.size(), 5u);
  EXPECT_EQ(log.calls[1].body,
            "child_stack=NULL, flags=SIGCHLD, child_tidptr=0x7ff715050a10) = 6587");
  EXPECT_EQ(log.calls[2].life, 0u);
  EXPECT_TRUE(log.calls[2].finished);
  EXPECT_EQ(log.calls[4].life, 0u);
}

TEST(Log, KnowsTheNamelessTaskWhenChildrenAreNotAnnounced) {
  const Log log = read_log(
      "clone(child_stack=NULL, flags=SIGCHLD) = 21\n"
      "[pid    21] unshare(0) = 0\n"
      "[pid    20] unshare(0) = 0\n");
  ASSERT_EQ(log.lives.size(), 2u);
  EXPECT_EQ(log.lives[0].pid, 20);
  EXPECT_EQ(log.calls[2].life, 0u);
  EXPECT_EQ(log.calls[1].life, 1u);
}

TEST(Log, CountsTimeFromItsBeginning) {
  const Log absolute = read_log("5 100.000000 unshare(0) = 0\n5 2000000000.5 unshare(0) = 0\n");
  EXPECT_EQ(absolute.steps[1].time_us, 100'000'000);
  const Log epoch =
      read_log("5 1795445608.100000 unshare(0) = 0\n5 1795445609.350000 unshare(0) = 0\n");
  EXPECT_EQ(epoch.steps[1].time_us, 0);
  EXPECT_EQ(epoch.steps[2].time_us, 1'250'000);
  const Log relative = read_log(
      "     0.000000 unshare(0) = 0\n     0.000300 unshare(0) = 0\n"
      "     0.000200 unshare(0) = 0\n");
  EXPECT_EQ(relative.steps.back().time_us, 500);
}

TEST(Log, ReportsLinesThatItCannotRead) {
  const Log log = read_log("5 unshare(0) = 0\nhello\n5 unshare(\n");
  EXPECT_EQ(log.readable, 1u);
  EXPECT_EQ(log.bad_lines, 2u);
  EXPECT_EQ(log.bad[0].line, 2u);
  EXPECT_EQ(log.bad[0].column, 6u);
  EXPECT_EQ(log.bad[0].expected, "(");
  EXPECT_EQ(log.line_text(2), "hello");
  EXPECT_EQ(log.line_text(9), "");
}

}  // namespace
}  // namespace cli::strace_log
