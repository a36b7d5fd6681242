// Arguments and results in the notations of strace's options.
#include "cli/strace/value.h"

#include <gtest/gtest.h>

#include "cli/strace/words.h"

namespace cli::strace_log {
namespace {

CallText read(std::string_view text, bool finished = true) {
  CallText call;
  const auto bad = read_call(text, finished, call);
  EXPECT_FALSE(bad) << text << " at " << (bad ? bad->offset : 0) << ": expected "
                    << (bad ? bad->expected : "");
  return call;
}

TEST(Value, ReadsFlagsInEveryStyle) {
  for (const std::string_view text :
       {"CLONE_NEWUSER|CLONE_NEWPID) = 0", "0x30000000) = 0", "805306368) = 0",
        "0x30000000 /* CLONE_NEWUSER|CLONE_NEWPID */) = 0", "CLONE_NEWUSER|0x20000000) = 0"}) {
    EXPECT_EQ(number(read(text).arg(0)), 0x30000000u) << text;
  }
  const CallText raw = read("child_stack=NULL, flags=0x1200000|17, child_tidptr=0x7f) = 2");
  EXPECT_EQ(number(raw.named("flags")), 0x1200011u);
  const CallText verbose = read(
      "child_stack=NULL, flags=0x1200000 /* CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID */|17 /* "
      "SIGCHLD */, child_tidptr=0x7f08) = 6605");
  EXPECT_EQ(number(verbose.named("flags")), 0x1200011u);
  EXPECT_EQ(verbose.ret.value, 6605);
  EXPECT_EQ(number(read("0x4000000000 /* CLONE_??? */) = -1 EINVAL (x)").arg(0)), 0x4000000000u);
}

TEST(Value, ReadsDescriptorsWithTheirNotes) {
  const CallText call = read("5<net:[4026531833]>, CLONE_NEWNET) = 0");
  EXPECT_EQ(integer(call.arg(0)), 5);
  EXPECT_EQ(call.arg(0)->note, "net:[4026531833]");
  EXPECT_EQ(number(call.arg(1)), 0x40000000u);
  const CallText opened =
      read("-100 /* AT_FDCWD */</tmp/a b>, \"x\", O_RDONLY) = 3</dev/pts/0<char 136:0>>");
  EXPECT_EQ(integer(opened.arg(0)), -100);
  EXPECT_EQ(opened.arg(0)->note, "/tmp/a b");
  EXPECT_EQ(opened.ret.note, "/dev/pts/0<char 136:0>");
  EXPECT_EQ(read("3<TCP:[127.0.0.1:5->127.0.0.1:6]>) = 0").arg(0)->note,
            "TCP:[127.0.0.1:5->127.0.0.1:6]");
  EXPECT_EQ(read("3</tmp/gone>(deleted)) = 0").arg(0)->note, "/tmp/gone");
}

TEST(Value, ReadsStructuresAndWhatCameBack) {
  const CallText call = read(
      "{flags=CLONE_PIDFD|CLONE_NEWNET, pidfd=0x7ffe, exit_signal=SIGCHLD, stack=NULL, "
      "stack_size=0, set_tid=[7, 31496], set_tid_size=2} => {pidfd=[46<anon_inode:[pidfd]>]}, 88) "
      "= 14 /* 31500 in strace's PID NS */");
  ASSERT_EQ(call.args.size(), 2u);
  EXPECT_EQ(number(call.arg(0)->find("flags")), 0x40001000u);
  EXPECT_EQ(call.arg(0)->find("set_tid")->items.size(), 2u);
  ASSERT_EQ(call.arg(0)->out.size(), 1u);
  EXPECT_EQ(integer(&call.arg(0)->out[0].items[0]), 46);
  EXPECT_EQ(call.ret.value, 14);
  EXPECT_EQ(outer_pid(call.ret.comment), 31500);
}

TEST(Value, ReadsCapabilitySets) {
  const CallText call = read(
      "{version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=1<<CAP_KILL|1<<CAP_SYS_ADMIN, "
      "permitted=0xfeffffff|0x1ff, inheritable=0}) = 0");
  EXPECT_EQ(number(call.arg(1)->find("effective")), (1u << 5) | (1u << 21));
  EXPECT_EQ(number(call.arg(1)->find("permitted")), 0xfeffffffu | 0x1ffu);
  EXPECT_EQ(number(call.arg(1)->find("inheritable")), 0u);
}

TEST(Value, ReadsWaitStatus) {
  const CallText call = read(
      "-1, [{WIFEXITED(s) && WEXITSTATUS(s) == 0}], 0, NULL) = 2<sh> /* 6600 in strace's PID "
      "NS */");
  EXPECT_EQ(call.ret.value, 2);
  EXPECT_EQ(outer_pid(call.ret.comment), 6600);
  EXPECT_EQ(call.arg(1)->items[0].items[0].text, "WIFEXITED(s) && WEXITSTATUS(s) == 0");
}

TEST(Value, ReadsResults) {
  EXPECT_EQ(read(") = -1 EPERM (Operation not permitted)").ret.error, "EPERM");
  EXPECT_EQ(read(")   = ?").ret.kind, Return::Kind::unknown);
  EXPECT_EQ(read(") = ? ERESTARTSYS (To be restarted)").ret.kind, Return::Kind::restart);
  EXPECT_EQ(read(") = 0x10000000 (CLONE_NEWUSER)").ret.value, 0x10000000);
  EXPECT_EQ(read(") = 6623 <0.000192>").ret.value, 6623);
  EXPECT_EQ(read(") = 3</x> <0.000192>").ret.note, "/x");
  EXPECT_TRUE(read(") = -1 EPERM (Operation not permitted) (INJECTED)").ret.injected);
}

TEST(Value, UndoesEscapes) {
  const CallText call = read("6, \"0 100000 65536\\n\\0\", 16) = 16");
  EXPECT_EQ(unescape(*call.arg(1)), std::string("0 100000 65536\n\0", 16));
  EXPECT_EQ(unescape(*read("\"\\x2f\\x70\\162\"...) = 0").arg(0)), "/pr");
  EXPECT_TRUE(read("\"abc\"...) = 0").arg(0)->cut);
}

TEST(Value, KeepsWhatAnUnfinishedCallPrinted) {
  const CallText call = read("child_stack=NULL, flags=CLONE_NEWUTS|SIGCHLD", false);
  EXPECT_EQ(number(call.named("flags")), 0x4000011u);
  EXPECT_EQ(call.ret.kind, Return::Kind::unknown);
}

TEST(Value, SaysWhereAndWhatItExpected) {
  const auto expected = [](std::string_view text) {
    CallText call;
    const auto bad = read_call(text, true, call);
    return bad ? std::to_string(bad->offset) + " " + std::string(bad->expected) : "";
  };
  EXPECT_EQ(expected("CLONE_NEWNS"), "11 a ) or another argument");
  EXPECT_EQ(expected("\"abc"), "4 the end of a string");
  EXPECT_EQ(expected("5<net:[1"), "8 the end of a descriptor's note, >");
  EXPECT_EQ(expected("0)"), "2 = and a result");
  EXPECT_EQ(expected("0) = x"), "5 a result: a number or ?");
  EXPECT_EQ(expected("0) = 99999999999999999999"), "5 a result: a number or ?");
  EXPECT_EQ(expected("{a=1, b=[2"), "10 a bracket");
  EXPECT_EQ(expected(std::string(40, '[')), "25 fewer levels of brackets");
}

TEST(Words, RefuseWhatIsNoNumber) {
  EXPECT_FALSE(plain_number(""));
  EXPECT_FALSE(plain_number("12x"));
  EXPECT_FALSE(plain_number("0x"));
  EXPECT_FALSE(plain_number("99999999999999999999999"));
  EXPECT_EQ(plain_number("-1"), ~std::uint64_t{0});
  EXPECT_EQ(plain_number("0644"), 0644u);
  Value unknown;
  unknown.text = "CLONE_NEWNS|NO_SUCH_FLAG";
  EXPECT_FALSE(number(unknown));
  EXPECT_EQ(known_bits(&unknown), 0x20000u);
  Value shift;
  shift.text = "1<<99";
  EXPECT_FALSE(number(shift));
}

}  // namespace
}  // namespace cli::strace_log
