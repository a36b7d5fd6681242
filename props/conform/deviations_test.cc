// Lists of known deviations: what their lines mean, and which differences they are.
#include "props/conform/deviations.h"

#include <gtest/gtest.h>

#include "model/model.h"

namespace props::conform {
namespace {

// What a program's last call differs in: the model's result against a system's.
Judgement judgement(const std::string& trace, abi::Errno seen) {
  const auto parsed = abi::parse_trace("nsproxy-trace 1 profile=6.18\n" + trace);
  Judgement out;
  out.trace = std::get<abi::Trace>(parsed);
  model::Model model(out.trace.setup);
  abi::Result reference;
  for (const abi::TraceLine& line : out.trace.lines) reference = model.apply(line.call);
  const abi::Result subject =
      seen == abi::Errno::kOk ? abi::Result::success() : abi::Result::failure(seen);
  out.difference = Difference{.check = Check::result,
                              .at = out.trace.lines.size() - 1,
                              .reference = reference,
                              .subject = subject,
                              .what = "",
                              .objects = {}};
  return out;
}

KnownDeviation line(const std::string& text) {
  const auto all = parse_deviations(text);
  EXPECT_TRUE(std::holds_alternative<std::vector<KnownDeviation>>(all)) << text;
  return std::get<0>(all).at(0);
}

TEST(Deviations, AreToldByCallAndOperandAndResults) {
  const Judgement seen = judgement("t0.unshare(CLONE_NEWNS|CLONE_NEWUTS)\n", abi::Errno::kEINVAL);
  EXPECT_TRUE(line("unshare  ok -> EINVAL").is(seen));
  EXPECT_TRUE(line("unshare(CLONE_NEWNS) ok -> EINVAL  # no mounts").is(seen));
  EXPECT_FALSE(line("unshare(CLONE_NEW) ok -> EINVAL").is(seen)) << "whole words only";
  EXPECT_FALSE(line("unshare(CLONE_NEWIPC) ok -> EINVAL").is(seen));
  EXPECT_FALSE(line("unshare  ok -> EPERM").is(seen));
  EXPECT_FALSE(line("unshare  EPERM -> EINVAL").is(seen));
  EXPECT_FALSE(line("clone  ok -> EINVAL").is(seen));
  EXPECT_EQ(deviation_line(seen), "unshare  ok -> EINVAL");
}

TEST(Deviations, AreToldByTheRuleThatDecided) {
  const Judgement seen = judgement("t1 = t0.fork()\nt1.unshare(0x1)\n", abi::Errno::kOk);
  EXPECT_TRUE(line("unshare(UNSHARE-02)  EINVAL -> ok").is(seen));
  EXPECT_FALSE(line("unshare(UNSHARE-03)  EINVAL -> ok").is(seen));
  EXPECT_EQ(deviation_line(seen), "unshare(UNSHARE-02)  EINVAL -> ok");
}

TEST(Deviations, AreToldByWhatATaskShows) {
  Judgement seen = judgement("t1 = t0.fork()\nt1.exit()\n", abi::Errno::kOk);
  seen.difference->check = Check::task;
  seen.difference->what = "t1: state zombie against gone; uid 1/1/1 against 0/0/0";
  EXPECT_TRUE(line("exit  shows state zombie against gone").is(seen));
  EXPECT_FALSE(line("exit  shows uid").is(seen));
  EXPECT_FALSE(line("exit  ok -> ok").is(seen));
  seen.difference->at = 2;  // at the program's end
  EXPECT_TRUE(line("exit  shows state").is(seen));
}

TEST(Deviations, HaveComments) {
  const KnownDeviation one =
      line("# a list\n\n maybe clone(PIDNS-02)  ENOSPC -> ok  # no limit \n");
  EXPECT_EQ(one.call, "clone");
  EXPECT_EQ(one.about, "PIDNS-02");
  EXPECT_EQ(one.what, "no limit");
  EXPECT_TRUE(one.maybe);
}

TEST(Deviations, WrongLinesAreNamed) {
  for (const char* wrong :
       {"clone", "clone() ok -> EPERM", "clone(x ok -> EPERM", "clone ok EPERM"}) {
    const auto list = parse_deviations("# one\n" + std::string(wrong));
    const auto* error = std::get_if<std::string>(&list);
    ASSERT_NE(error, nullptr) << wrong;
    EXPECT_TRUE(error->starts_with("line 2: expected CALL")) << *error;
  }
}

}  // namespace
}  // namespace props::conform
