// Every way in which strace begins a line.
#include "cli/strace/line.h"

#include <gtest/gtest.h>

namespace cli::strace_log {
namespace {

using Kind = Line::Kind;

TEST(Line, TakesEveryPrefix) {
  struct Case {
    std::string_view text;
    std::int32_t pid;
    std::int64_t time_us;
  };
  for (const Case& c : {
           Case{"unshare(0) = 0", 0, -1},
           Case{"461   unshare(0) = 0", 461, -1},
           Case{"[pid  461] unshare(0) = 0", 461, -1},
           Case{"[pid 461<a b>] unshare(0) = 0", 461, -1},
           Case{"6598<strace> 23:14:28.905721 unshare(0) = 0", 6598, 83668905721},
           Case{"461   1795445608.381705 unshare(0) = 0", 461, 1795445608381705},
           Case{"1795445608.381705 unshare(0) = 0", 0, 1795445608381705},
           Case{"1795445608 unshare(0) = 0", 0, 1795445608000000},
           Case{"461 23:14:28 unshare(0) = 0", 461, 83668000000},
           Case{"23:14:28 unshare(0) = 0", 0, 83668000000},
           Case{"     0.000123 unshare(0) = 0", 0, 123},
           Case{"[pid  6592]      0.000361 unshare(0) = 0", 6592, 361},
           Case{"6622  [ 272] [00007f689003a0f7] unshare(0) = 0 <0.000027>", 6622, -1},
           Case{"7 23:14:28 (+     0.000010) unshare(0) = 0", 7, 83668000000},
       }) {
    const Line line = read_line(c.text);
    EXPECT_EQ(line.kind, Kind::call) << c.text;
    EXPECT_EQ(line.name, "unshare") << c.text;
    EXPECT_TRUE(line.body.starts_with("0) = 0")) << c.text;
    EXPECT_EQ(line.pid, c.pid) << c.text;
    EXPECT_EQ(line.time_us, c.time_us) << c.text;
  }
}

TEST(Line, KnowsTheKinds) {
  EXPECT_EQ(read_line("5 wait4(-1,  <unfinished ...>").kind, Kind::unfinished);
  EXPECT_EQ(read_line("5 wait4(-1,  <unfinished ...>").body, "-1,");
  EXPECT_EQ(read_line("5 read(3,  <detached ...>").kind, Kind::unfinished);
  EXPECT_EQ(read_line("5 execve(\"x\" <pid changed to 4 ...>").kind, Kind::unfinished);
  const Line resumed = read_line("5 <... clone resumed>, child_tidptr=0x7f) = 31358");
  EXPECT_EQ(resumed.kind, Kind::resumed);
  EXPECT_EQ(resumed.name, "clone");
  EXPECT_EQ(resumed.body, ", child_tidptr=0x7f) = 31358");
  EXPECT_EQ(read_line("5 --- SIGCHLD {si_signo=SIGCHLD, si_pid=2} ---").kind, Kind::signal);
  EXPECT_EQ(read_line("5 +++ exited with 0 +++").kind, Kind::exited);
  EXPECT_EQ(read_line("5 +++ killed by SIGSEGV (core dumped) +++").kind, Kind::killed);
  const Line superseded = read_line("5 +++ superseded by execve in pid 7 +++");
  EXPECT_EQ(superseded.kind, Kind::superseded);
  EXPECT_EQ(superseded.other, 7);
  EXPECT_EQ(read_line("strace: Process 1235 attached").kind, Kind::attached);
  EXPECT_EQ(read_line("strace: Process 1235 attached").other, 1235);
  EXPECT_EQ(read_line("Process 1235 attached").other, 1235);
  EXPECT_EQ(read_line("strace: Process 1235 detached").kind, Kind::detached);
}

TEST(Line, FindsANoticeInsideOfACall) {
  const Line line = read_line("[pid 6] clone(flags=SIGCHLDstrace: Process 6587 attached");
  EXPECT_EQ(line.kind, Kind::attached);
  EXPECT_TRUE(line.interrupted);
  EXPECT_EQ(line.other, 6587);
  EXPECT_EQ(line.body, "clone(flags=SIGCHLD");
}

TEST(Line, IgnoresRemarks) {
  for (const std::string_view text :
       {"", "   ", "\r", "strace: [ Process PID=5 runs in 32 bit mode. ]",
        "[ Process PID=5 runs in x32 mode. ]", " > /usr/lib/libc.so.6(clone+0x31) [0x1]",
        "% time     seconds  usecs/call", "5 --- stopped by SIGTTOU ---", "7 "}) {
    EXPECT_EQ(read_line(text).kind, Kind::ignored) << text;
  }
}

TEST(Line, SaysWhatItExpected) {
  struct Case {
    std::string_view text;
    std::size_t column;
    std::string_view expected;
  };
  for (const Case& c : {
           Case{"hello world", 5, "("},
           Case{"5 +++ vanished +++", 6, "exited with, killed by or superseded by"},
           Case{"5 +++ exited with 0", 19, "+++ at the end"},
           Case{"5 --- SIGCHLD {", 15, "--- at the end"},
           Case{"5 <... clone", 12, "resumed>"},
           Case{"5 <...  resumed>", 7, "the name of the call that goes on"},
           Case{"5 openat(AT_FDCWD, \"/x", 22, ") = and a result, or <unfinished ...>"},
           Case{"uid=0(root) gid=0(root)", 3, "("},
           Case{"\x01\x02", 0, "a call, a signal (---) or an end (+++)"},
       }) {
    const Line line = read_line(c.text);
    EXPECT_EQ(line.kind, Kind::unreadable) << c.text;
    EXPECT_EQ(line.column, c.column) << c.text;
    EXPECT_EQ(line.expected, c.expected) << c.text;
  }
}

}  // namespace
}  // namespace cli::strace_log
