// The runner must catch each kind of difference, and by the check that is made for it.
#include <gtest/gtest.h>

#include <string>

#include "props/differ/pair_subject.h"
#include "props/differ/shrink.h"
#include "props/testing/toy.h"

namespace props {
namespace {

using testing::Defect;
using testing::Toy;

struct MakeToy {
  Defect defect = Defect::none;
  Toy operator()(const abi::Setup& setup) const { return Toy(setup, defect); }
};

// A toy that is wrong as the reference.
template <Defect D>
struct WrongToy : Toy {
  explicit WrongToy(const abi::Setup& setup) : Toy(setup, D) {}
};

const abi::TaskId t0{0}, t1{1}, t2{2};

abi::Program everything() {
  return {
      {.caller = t0, .op = abi::Fork{t1}},
      {.caller = t1, .op = abi::Setresuid{1, 2, 3}},
      {.caller = t1, .op = abi::OpenFile{.file = {0}}},
      {.caller = t1, .op = abi::Unshare{abi::flag::NEWUTS}},
      {.caller = t1, .op = abi::Fork{t2}},
      {.caller = t1, .op = abi::Close{{0}}},
      {.caller = t0, .fault = 1, .op = abi::Unshare{abi::flag::NEWUTS}},
      {.caller = {7}, .op = abi::Execve{}},
      {.caller = t2, .op = abi::Exit{}},
  };
}

props::Run run_on(const Subject& subject, const abi::Program& program, bool ending = true) {
  Workspace work;
  ProgramSource source(program);
  RunOptions options;
  options.ending = ending;
  return subject.run({}, source, options, work, nullptr);
}

std::optional<Difference> run(Defect defect, const abi::Program& program = everything()) {
  return run_on(PairSubject<Toy, MakeToy>("toy", {defect}), program).difference;
}

TEST(Lockstep, FindsNothingBetweenEquals) {
  const std::optional<Difference> difference = run(Defect::none);
  EXPECT_FALSE(difference) << difference->what;
}

struct Expected {
  Defect defect;
  Check check;
  std::size_t at;
};

class CaughtBy : public ::testing::TestWithParam<Expected> {};

TEST_P(CaughtBy, ItsOwnCheck) {
  const auto& [defect, check, at] = GetParam();
  const std::optional<Difference> difference = run(defect);
  ASSERT_TRUE(difference);
  EXPECT_EQ(name(difference->check), name(check)) << difference->what;
  EXPECT_EQ(difference->at, at) << difference->what;
}

INSTANTIATE_TEST_SUITE_P(Defects, CaughtBy,
                         ::testing::Values(Expected{Defect::wrong_errno, Check::result, 6},
                                           Expected{Defect::wrong_value, Check::result, 0},
                                           Expected{Defect::skips_nothing, Check::result, 7},
                                           Expected{Defect::extra_step, Check::steps, 3},
                                           Expected{Defect::wrong_uid, Check::task, 1},
                                           Expected{Defect::shares_uts, Check::pairing, 3},
                                           Expected{Defect::two_names, Check::pairing, 0},
                                           Expected{Defect::forgets_put, Check::refs, 3},
                                           Expected{Defect::wrong_owner, Check::object, 3},
                                           Expected{Defect::forgets_cred, Check::refs, 5},
                                           Expected{Defect::leaks_file, Check::refs, 5}),
                         [](const auto& defect) {
                           return "Defect" + std::to_string(defect.index);
                         });

TEST(Lockstep, ComparesWhatItCannotPairAsAMultiset) {
  // Two tasks whose credentials were made before the run looked cannot be told apart by what the
  // tasks show; the sum over the kind still can.
  Comparison comparison;
  comparison.start({});
  const abi::ObjectView one{.kind = abi::ObjKind::cred, .alive = true, .refs = 1};
  for (const abi::ObjId id : {1u, 2u}) {
    comparison.see(Comparison::kReference, id, one);
    comparison.see(Comparison::kSubject, id, one);
  }
  comparison.objects();
  ASSERT_TRUE(comparison.agrees());
  abi::ObjectView two = one;
  two.refs = 2;
  comparison.see(Comparison::kReference, 1, two);
  comparison.see(Comparison::kSubject, 2, two);
  comparison.objects();
  EXPECT_TRUE(comparison.agrees()) << "which of the two it is cannot be known";
  comparison.see(Comparison::kSubject, 2, one);
  comparison.objects();
  ASSERT_FALSE(comparison.agrees());
  EXPECT_EQ(comparison.found()->check, Check::multiset);
}

TEST(Lockstep, FindsChangesThatWereNotSaid) {
  RunOptions options;
  options.whole_every = 1;
  Workspace work;
  const abi::Program program = {{.caller = t0, .op = abi::OpenFile{.file = {0}}},
                                {.caller = t0, .op = abi::Close{{0}}}};
  ProgramSource source(program);
  const PairSubject<WrongToy<Defect::untouched>, MakeToy> both("toy", {Defect::untouched});
  const props::Run found = both.run({}, source, options, work, nullptr);
  ASSERT_TRUE(found.difference);
  EXPECT_EQ(found.difference->check, Check::touched) << found.difference->what;
}

TEST(Lockstep, FindsWhatIsLeftAtTheEnd) {
  const abi::Program program = {{.caller = t0, .op = abi::OpenFile{.file = {0}}}};
  const PairSubject<WrongToy<Defect::never_ends>, MakeToy> both("toy", {Defect::never_ends});
  const props::Run found = run_on(both, program);
  ASSERT_TRUE(found.difference);
  EXPECT_EQ(found.difference->check, Check::leak) << found.difference->what;
}

TEST(Lockstep, ReportsTheReferencesOwnInvariants) {
  const PairSubject<WrongToy<Defect::breaks_promise>, MakeToy> broken("toy");
  const props::Run found = run_on(broken, everything());
  ASSERT_TRUE(found.difference);
  EXPECT_EQ(found.difference->check, Check::invariant);
  EXPECT_EQ(found.difference->what, "TOY-01: an unshare broke it");
}

TEST(Ledger, KeepsEverythingWhileItGrows) {
  Ledger ledger;
  for (int round = 0; round < 2; ++round) {
    for (std::uint32_t i = 1; i < 5000; ++i) {
      ledger.see(std::uint64_t{i} << 58 | i, {.alive = true, .refs = i});
    }
    EXPECT_EQ(ledger.born().size(), 4999u);
    for (std::uint32_t i = 1; i < 5000; ++i) {
      const std::uint32_t number = ledger.known(std::uint64_t{i} << 58 | i);
      ASSERT_NE(number, 0u);
      ASSERT_EQ(ledger[number].view.refs, i);
    }
    EXPECT_EQ(ledger.known(5000), 0u);
    ledger.clear();
    for (std::uint32_t i = 1; i < 5000; ++i)
      ASSERT_EQ(ledger.known(std::uint64_t{i} << 58 | i), 0u);
  }
}

TEST(Renaming, StaysABijection) {
  Renaming renaming;
  EXPECT_TRUE(renaming.relate(1, 11));
  EXPECT_TRUE(renaming.relate(1, 11));
  EXPECT_TRUE(renaming.relate(0, 0));
  EXPECT_FALSE(renaming.relate(1, 12)) << "one name for two";
  EXPECT_FALSE(renaming.relate(2, 11)) << "two names for one";
  EXPECT_FALSE(renaming.relate(3, 0)) << "nothing for something";
  EXPECT_FALSE(renaming.relate(0, 13));
  EXPECT_TRUE(renaming.relate(~std::uint64_t{0}, std::uint64_t{1} << 40)) << "large words too";
  EXPECT_FALSE(renaming.relate(~std::uint64_t{0}, 13));
}

TEST(Shrink, LeavesTheFewCallsThatMatter) {
  abi::Program program;
  for (int i = 0; i < 10; ++i) {
    abi::Program more = everything();
    if (i != 0) more.erase(more.begin());
    program.insert(program.end(), more.begin(), more.end());
  }
  const Try attempt = [](const abi::Setup&, const abi::Program& p) {
    const PairSubject<Toy, MakeToy> subject("toy", {Defect::forgets_cred});
    return run_on(subject, p, false).difference;
  };
  std::optional<Difference> difference = attempt({}, program);
  ASSERT_TRUE(difference);
  const Shrunk small = shrink({{}, program, *difference}, attempt, std::chrono::seconds(10));
  EXPECT_TRUE(small.finished);
  const abi::Program expected = {{.caller = t0, .op = abi::OpenFile{.file = {0}}},
                                 {.caller = t0, .op = abi::Close{{0}}}};
  EXPECT_EQ(small.failing.program, expected);
}

TEST(Shrink, StopsWhenTimeIsUp) {
  const Try attempt = [](const abi::Setup&, const abi::Program& p) {
    return run(Defect::wrong_value, p);
  };
  std::optional<Difference> difference = attempt({}, everything());
  const Shrunk none = shrink({{}, everything(), *difference}, attempt, std::chrono::seconds(-1));
  EXPECT_FALSE(none.finished);
  EXPECT_EQ(none.failing.program.size(), 1u) << "what comes after the difference goes at once";
}

}  // namespace
}  // namespace props
