// Text that nobody should have written: reading it ends, soon, with a trace or with an error that
// points into the text. Best run under the address sanitizer.
//
// Times are not asserted here: the test's size is the limit, and what is quadratic would exceed it
// by days.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <random>
#include <string>

#include "abi/testing/arbitrary.h"
#include "abi/trace.h"

namespace nsabi {
namespace {

constexpr std::string_view kHeader = "nsproxy-trace 1 profile=6.18\n";

// Every kind of token.
constexpr std::string_view kGood =
    "# what could be cut\r\n"
    "nsproxy-trace 1 profile=6.18.4,no-time,userns-off uid=1000 gid=0 caps=full-CAP_SYS_ADMIN\n"
    "t1, f0 = t0.clone(CLONE_PIDFD|CLONE_NEWUTS|SIGCHLD|0x4000000000) fault=12 -> ok 2\n"
    "t2 = t0.clone3(CLONE_NEWTIME, exit_signal=0, set_tid=[5 -2], set_tid_size=3, args=bad, "
    "nonzero_tail)  # why not\n"
    "f1 = t1.open_ns(t0, pid_for_children, o_path)\t-> EMFILE\n"
    "t0.write_uid_map(t1, [0 1000 1, 1 100000 65536]) -> E#123\n"
    "t0.setresuid(0, unchanged, 4294967295)\n"
    "t0.prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN)\n"
    "t0.write_timens(t1, -5, 9223372036854775807) -> skipped";

// Reads, and checks that an error points into the text and that a trace prints what it was.
bool reads(std::string_view text) {
  const auto read = parse_trace(text);
  if (const auto* trace = std::get_if<Trace>(&read)) {
    const auto again = parse_trace(print(*trace));
    EXPECT_EQ(std::get<Trace>(again), *trace);
    return true;
  }
  const auto& error = std::get<ParseError>(read);
  std::size_t begin = 0;
  for (std::size_t line = 1; line < error.line; ++line) begin = text.find('\n', begin) + 1;
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  EXPECT_GE(error.line, 1u);
  EXPECT_GE(error.column, 1u);
  EXPECT_LE(error.column, end - begin + 1) << error.to_string("");
  EXPECT_FALSE(error.expected.empty());
  EXPECT_LE(error.expected.size(), 400u) << "a message, not a copy of the text";
  for (const char c : error.expected) EXPECT_TRUE(c >= ' ' && c <= '~') << int{c};
  return false;
}

bool line_reads(const std::string& line) { return reads(std::string(kHeader) + line); }

TEST(Hostile, TheGoodTraceReads) { EXPECT_TRUE(reads(kGood)); }

TEST(Hostile, CutAtEveryByte) {
  std::size_t good = 0;
  for (std::size_t length = 0; length <= kGood.size(); ++length) {
    // A copy of its own, so that the sanitizer sees a read past its end.
    const std::string cut(kGood.substr(0, length));
    if (reads(cut)) ++good;
    parse_call(cut);
  }
  EXPECT_GT(good, 10u);  // a cut at a line's end or in a comment leaves a shorter trace
}

TEST(Hostile, EveryByteReplacedOrRepeated) {
  const std::string good(kGood);
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (const char c : {'\0', '\n', '\r', '\t', ' ', '#', '(', ')', '[',    ']',    ',',
                         '=',  '|',  '-',  '.',  '0', '9', 'x', 't', '\x7f', '\x80', '\xff'}) {
      std::string text = good;
      text[at] = c;
      reads(text);
      text.insert(at, 3, good[at]);
      reads(text);
    }
  }
}

RC_GTEST_PROP(Hostile, AnyBytes, (const std::vector<std::uint8_t>& bytes)) {
  const std::string text(bytes.begin(), bytes.end());
  reads(text);
  line_reads(text);
  parse_call(text);
}

TEST(Hostile, ManyRandomBytes) {
  std::mt19937_64 random(20240229);
  std::string text(1 << 12, '\0');
  for (int round = 0; round < 500; ++round) {
    for (char& c : text) c = static_cast<char>(random());
    EXPECT_FALSE(reads(text));
    parse_call(text);
  }
}

// Tokens of the grammar in any order come further than bytes do.
TEST(Hostile, ManyRandomTokens) {
  constexpr auto tokens = std::to_array<std::string_view>({"t0",
                                                           "f1",
                                                           "b2",
                                                           "t4294967295",
                                                           ".",
                                                           ",",
                                                           ", ",
                                                           " = ",
                                                           "=",
                                                           "(",
                                                           ")",
                                                           "[",
                                                           "]",
                                                           "fork",
                                                           "clone",
                                                           "clone3",
                                                           "setns",
                                                           "ioctl",
                                                           "write_uid_map",
                                                           "prctl",
                                                           "exit",
                                                           "CLONE_NEWUTS",
                                                           "|",
                                                           "SIGCHLD",
                                                           "signal=",
                                                           "set_tid=[",
                                                           "size=",
                                                           "0",
                                                           "17",
                                                           "0x",
                                                           "-",
                                                           "-1",
                                                           "99999999999999999999",
                                                           "NS_GET_PARENT",
                                                           "PR_CAPBSET_DROP",
                                                           "CAP_KILL",
                                                           "full",
                                                           "unchanged",
                                                           "o_path",
                                                           "uts",
                                                           "bad",
                                                           " fault=",
                                                           " -> ",
                                                           "ok",
                                                           "EPERM",
                                                           "E#",
                                                           "skipped",
                                                           " ",
                                                           "\t",
                                                           " #",
                                                           "\n",
                                                           "\r\n",
                                                           "()"});
  std::mt19937_64 random(4);
  std::size_t good = 0;
  for (int round = 0; round < 50'000; ++round) {
    std::string text(kHeader);
    for (std::uint64_t n = random() % 12; n > 0; --n) text += tokens[random() % tokens.size()];
    if (reads(text)) ++good;
  }
  EXPECT_GT(good, 100u);
}

// A change of one token of a line that reads.
RC_GTEST_PROP(Hostile, NearlyGoodCalls, (const Call& call, std::uint8_t byte)) {
  std::string text = print(call);
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  switch (*rc::gen::inRange(0, 3)) {
    case 0:
      text.erase(at, 1);
      break;
    case 1:
      text[at] = static_cast<char>(byte);
      break;
    default:
      text.insert(at, 1, static_cast<char>(byte));
  }
  line_reads(text);
  parse_call(text);
}

std::string repeated(std::string_view part, std::size_t bytes) {
  std::string out;
  out.reserve(bytes + part.size());
  while (out.size() < bytes) out += part;
  return out;
}

TEST(Hostile, HugeLines) {
  constexpr std::size_t kBytes = 4 << 20;
  for (const std::string_view part : {"A",  "t",   "1",    "(",        ")",   "[",
                                      "]",  ",",   "=",    ".",        "|",   " ",
                                      "\t", "-",   "t1, ", "t1 = ",    "t0.", "fork()",
                                      "[]", "[1,", "-> ",  "fault=1 ", "a#",  "\x80"}) {
    const std::string filler = repeated(part, kBytes);
    const bool blank = part == " " || part == "\t";
    EXPECT_EQ(line_reads(filler), blank) << part;
    EXPECT_FALSE(reads(filler)) << part;
    EXPECT_FALSE(line_reads("t1 = t0.clone3(" + filler)) << part;
    EXPECT_FALSE(line_reads("t1 = t0.clone3(" + filler + ")")) << part;
    EXPECT_FALSE(line_reads("t1 = t0.clone3(0, set_tid=[" + filler + "x])")) << part;
    EXPECT_FALSE(line_reads("t0.write_uid_map(t0, [" + filler + "x])")) << part;
    EXPECT_FALSE(line_reads("t0.semop() -> " + filler + "x")) << part;
    EXPECT_FALSE(reads("nsproxy-trace 1 profile=6.18," + filler + " uid=x")) << part;
    EXPECT_FALSE(reads("nsproxy-trace 1 profile=6.18 caps=full-" + filler + "!")) << part;
  }
}

TEST(Hostile, HugeLinesThatAreInOrder) {
  constexpr std::size_t kBytes = 4 << 20;
  EXPECT_TRUE(line_reads("t0.unshare(" + repeated("CLONE_NEWUTS|", kBytes) + "0)"));
  EXPECT_TRUE(line_reads("t1 = t0.clone3(0, set_tid=[" + repeated("1 ", kBytes) + "])"));
  EXPECT_TRUE(line_reads("t0.write_uid_map(t0, [" + repeated("0 1 2,", kBytes) + "0 1 2])"));
  EXPECT_TRUE(line_reads("t0.semop() #" + repeated("# ", kBytes)));
  EXPECT_TRUE(line_reads(repeated("#", kBytes)));
  EXPECT_TRUE(line_reads(repeated("\n", kBytes)));
  EXPECT_TRUE(line_reads(repeated("\r\n", kBytes)));
  EXPECT_TRUE(reads("nsproxy-trace 1 profile=6.18" + repeated(",no-uts", kBytes)));
  EXPECT_TRUE(reads(std::string(kHeader.substr(0, kHeader.size() - 1)) + " caps=full" +
                    repeated("-CAP_KILL", kBytes)));
}

TEST(Hostile, ALineOf100MB) {
  EXPECT_FALSE(line_reads(std::string(100 << 20, 'A')));
  EXPECT_FALSE(line_reads("t0.unshare(" + std::string(100 << 20, '|')));
}

TEST(Hostile, OverlongNumbers) {
  for (const std::string_view sign : {"", "-", "0x", "+"}) {
    for (const char digit : {'0', '1', '9'}) {
      const std::string n = std::string(sign) + std::string(1 << 20, digit);
      EXPECT_FALSE(line_reads("t" + n + " = t0.fork()"));
      EXPECT_FALSE(line_reads("t" + n + ".semop()"));
      EXPECT_FALSE(line_reads("t0.unshare(" + n + ")"));
      EXPECT_FALSE(line_reads("t1 = t0.clone(signal=" + n + ")"));
      EXPECT_FALSE(line_reads("t1 = t0.clone3(0, size=" + n + ")"));
      EXPECT_FALSE(line_reads("t1 = t0.clone3(0, set_tid=[" + n + "])"));
      EXPECT_FALSE(line_reads("t0.setresuid(" + n + ", 0, 0)"));
      EXPECT_FALSE(line_reads("t0.capset(effective=" + n + ", permitted=0, inheritable=0)"));
      EXPECT_FALSE(line_reads("t0.prctl(PR_CAPBSET_DROP, " + n + ")"));
      EXPECT_FALSE(line_reads("t0.write_uid_map(t0, [0 " + n + " 0])"));
      EXPECT_FALSE(line_reads("t0.write_timens(t0, 0, " + n + ")"));
      EXPECT_FALSE(line_reads("t0.semop() fault=" + n));
      EXPECT_FALSE(line_reads("t0.semop() -> ok " + n));
      EXPECT_FALSE(line_reads("t0.semop() -> E#" + n));
      EXPECT_FALSE(reads("nsproxy-trace " + n + " profile=6.18"));
      EXPECT_FALSE(reads("nsproxy-trace 1 profile=6." + n));
      EXPECT_FALSE(reads("nsproxy-trace 1 profile=6.18 uid=" + n));
    }
  }
}

TEST(Hostile, AMillionTasks) {
  constexpr std::uint32_t kTasks = 1'000'000;
  Trace trace;
  for (std::uint32_t n = 0; n < kTasks; ++n) {
    trace.lines.push_back({.call = {.caller = {n}, .op = Fork{.child = {n + 1}}},
                           .expected = Expectation{.value = n + 2}});
  }
  const auto read = parse_trace(print(trace));
  ASSERT_TRUE(std::holds_alternative<Trace>(read));
  EXPECT_TRUE(std::get<Trace>(read) == trace);
  EXPECT_EQ(std::get<Trace>(read).lines.back().line, kTasks + 1);
}

}  // namespace
}  // namespace nsabi
