// One group of theorems: each is proved of what ships; each of its mutants is refuted, and a
// counterexample shows the same failure on the concrete kernel.
//
//     counts_test counts.make
#include <gtest/gtest.h>

#include <iostream>
#include <string>

#include "impl/bugs.h"
#include "proofs/counts/theorems.h"

namespace proofs {
namespace {

std::string_view name_of(impl::Bug bug) {
  return impl::bugs()[static_cast<std::size_t>(bug) - 1].name;
}

std::string text_of(const Outcome& outcome) {
  std::string text = std::string(name(outcome.verdict)) + ": " + outcome.reason + "\n";
  for (const Counterexample& c : outcome.counterexamples) {
    text += c.title + "\n";
    for (const report::Fact& fact : c.facts) text += "  " + fact.label + ": " + fact.text + "\n";
    text += c.trace;
  }
  return text;
}

class Proved : public testing::Test {
 public:
  explicit Proved(const Theorem& theorem) : theorem_(theorem) {}
  void TestBody() override {
    Proof proof(theorem_.budget);
    theorem_.prove(proof);
    const Outcome outcome = proof.finish();
    EXPECT_EQ(outcome.verdict, Verdict::proved) << text_of(outcome);
    std::cout << outcome.cases << " cases, " << outcome.effort.paths << " paths, "
              << outcome.effort.queries << " queries\n";
  }

 private:
  const Theorem& theorem_;
};

class Refuted : public testing::Test {
 public:
  Refuted(const Theorem& theorem, impl::Bug bug) : theorem_(theorem), bug_(bug) {}
  void TestBody() override {
    Proof proof(theorem_.budget, bug_);
    theorem_.prove(proof);
    const Outcome outcome = proof.finish();
    ASSERT_EQ(outcome.verdict, Verdict::refuted) << text_of(outcome);
    bool shown = false;
    for (const Counterexample& c : outcome.counterexamples) shown = shown || !c.trace.empty();
    EXPECT_TRUE(shown) << "no counterexample shows on a concrete kernel\n" << text_of(outcome);
  }

 private:
  const Theorem& theorem_;
  impl::Bug bug_;
};

void register_theorem(const Theorem& theorem) {
  const std::string suite{theorem.name};
  testing::RegisterTest(suite.c_str(), "proved", nullptr, nullptr, __FILE__, __LINE__,
                        [&]() -> testing::Test* { return new Proved(theorem); });
  for (const impl::Bug bug : theorem.mutants) {
    const std::string test = "refutes_" + std::string(name_of(bug));
    testing::RegisterTest(suite.c_str(), test.c_str(), nullptr, nullptr, __FILE__, __LINE__,
                          [&, bug]() -> testing::Test* { return new Refuted(theorem, bug); });
  }
}

}  // namespace
}  // namespace proofs

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  const std::string_view group = argc > 1 ? argv[1] : "";
  for (const proofs::Theorem& theorem : proofs::count_theorems()) {
    if (group.empty() || theorem.group == group) proofs::register_theorem(theorem);
  }
  if (testing::UnitTest::GetInstance()->total_test_count() == 0) {
    std::cerr << "no theorem is in group " << group << "\n";
    return 2;
  }
  return RUN_ALL_TESTS();
}
