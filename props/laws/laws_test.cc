// Laws under RapidCheck, on whole generated programs: RC_PARAMS chooses seed, number and size of
// programs and repeats a failure; the shrunk program is printed as trace text.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <sstream>

#include "abi/trace.h"
#include "model/model.h"
#include "props/differ/campaign.h"
#include "props/generate/generator.h"
#include "props/generate/program_gen.h"
#include "props/subjects/subjects.h"

namespace props {
namespace {

std::string difference(const Subject& subject, const Case& c) {
  Workspace work;
  ProgramSource source(c.program);
  RunOptions options;
  options.whole_every = 16;
  const props::Run run = subject.run(c.setup, source, options, work, nullptr);
  return run.difference ? std::string(name(run.difference->check)) + ": " + run.difference->what
                        : "";
}

RC_GTEST_PROP(Differential, BaselineDoesWhatTheModelDoes, ()) {
  const Case c = *cases();
  RC_ASSERT(difference(*baseline_subject(), c) == "");
}

RC_GTEST_PROP(Differential, OptimizedDoesWhatTheModelDoes, ()) {
  const Case c = *cases();
  RC_ASSERT(difference(*optimized_subject(), c) == "");
}

RC_GTEST_PROP(Programs, ReadBackAsTheyArePrinted, ()) {
  const Case c = *cases();
  std::ostringstream text;
  text << c;
  const auto parsed = abi::parse_trace(text.str());
  RC_ASSERT(std::holds_alternative<abi::Trace>(parsed));
  const abi::Trace& trace = std::get<abi::Trace>(parsed);
  RC_ASSERT(trace.setup == c.setup);
  RC_ASSERT(trace.lines.size() == c.program.size());
  for (std::size_t i = 0; i < c.program.size(); ++i) {
    RC_ASSERT(print(trace.lines[i].call) == print(c.program[i]));
  }
  // What was read is done alike, whatever the text leaves out.
  model::Model as_made(c.setup), as_read(c.setup);
  for (std::size_t i = 0; i < c.program.size(); ++i) {
    RC_ASSERT(as_made.apply(c.program[i]).same_outcome(as_read.apply(trace.lines[i].call)));
  }
}

RC_GTEST_PROP(Programs, MeanSomethingWithAnyCallRemoved, ()) {
  const Case c = *cases();
  RC_PRE(!c.program.empty());
  const std::size_t at = *rc::gen::inRange<std::size_t>(0, c.program.size());
  abi::Program rest = c.program;
  rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(at));
  RC_ASSERT(difference(*baseline_subject(), {c.setup, rest}) == "");
}

// A seed is a program, on every machine and in every run.
RC_GTEST_PROP(Programs, AreTheSameForTheSameSeed, (std::uint64_t seed)) {
  Generator first(seed, {}), second(seed, {});
  RC_ASSERT(first.setup() == second.setup());
  RC_ASSERT(first.length() == second.length());
  Live live;
  live.clear();
  live.see_task(abi::kInitialTask, model::Model(first.setup()).task(abi::kInitialTask));
  for (int i = 0; i < 20; ++i) RC_ASSERT(first.next(live, false) == second.next(live, false));
}

TEST(Seeds, OfShardsAndRunsDoNotMeet) {
  std::set<std::uint64_t> seen;
  for (std::uint64_t run = 1; run <= 20; ++run) {
    const std::uint64_t seed = seed_of_run(7, run);
    for (std::uint64_t n = 0; n < 1000; ++n) seen.insert(program_seed(seed, n));
  }
  EXPECT_EQ(seen.size(), 20000u);
  EXPECT_EQ(seed_of_run(7, 1), 7u) << "a single run keeps its seed";
  EXPECT_EQ(program_seed(7, 0), 7u) << "and a single program";
}

}  // namespace
}  // namespace props
