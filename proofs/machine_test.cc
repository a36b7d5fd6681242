// The symbolic machine itself: kernels start on it, paths fork where a symbol is branched on, and
// what a count may not do is noticed.
#include <gtest/gtest.h>

#include "impl/kernel.h"
#include "impl/kernel/dispatch.h"
#include "proofs/proof.h"
#include "proofs/symbolic_machine.h"

namespace proofs {
namespace {

using Policy = impl::SeededPolicy;
using Build = impl::Build<SymbolicMachine, Policy>;
using Kernel = impl::State<SymbolicMachine, Policy>;

Counterexample nothing(const z3::model&) { return {"it fails", {}, ""}; }

// A kernel whose t0 asks for a namespace; its words are symbolic from `explore` on.
struct Started {
  explicit Started(Proof& proof) : kernel(abi::Setup{}, proof.bug()) {
    cpu().current = cpu().find(abi::kInitialTask);
    kernel.shared.explorer = &proof.explorer();
  }
  impl::Cpu<Build>& cpu() { return kernel.boot_cpu(); }
  Kernel kernel;
};

// The flags of an unshare, all but three of them known: a path for each combination.
TEST(SymbolicMachine, ForksWhereAFlagIsAsked) {
  Proof proof({});
  proof.begin_case("unshare");
  const Formula flags = proof.number("flags");
  const abi::Flags open = abi::flag::NEWUTS | abi::flag::NEWIPC | abi::flag::VFORK;
  proof.assume((flags & flags.ctx().bv_val((~open).bits(), 64)) == flags.ctx().bv_val(0, 64));
  std::uint64_t accepted = 0, refused = 0;
  proof.for_all_paths([&] {
    Started s(proof);
    const abi::Result r = impl::sys_unshare(s.cpu(), Word(proof.explorer(), flags));
    EXPECT_EQ(s.kernel.shared.troubles, std::vector<std::string>{});
    ++(r.ok() ? accepted : refused);
    // CLONE_VFORK is unknown to unshare, and t0 may do everything else.
    const Bool unknown = Word(proof.explorer(), flags).has_bits(abi::flag::VFORK.bits());
    proof.require(unknown.formula(proof.context()) == proof.context().bool_val(!r.ok()), nothing);
  });
  const Outcome outcome = proof.finish();
  EXPECT_EQ(outcome.verdict, Verdict::proved) << outcome.reason;
  EXPECT_EQ(refused, 1u);
  EXPECT_EQ(accepted, 4u);
}

// A step that fails by a symbolic fault, in a bugged rollback: the trouble is on some path.
TEST(SymbolicMachine, AFaultAtEveryStep) {
  const auto failing_paths = [](impl::Bug bug) {
    Proof proof({}, bug);
    proof.begin_case("unshare");
    std::uint64_t leaks = 0, failures = 0;
    const abi::Flags flags = abi::flag::NEWUTS | abi::flag::NEWIPC;
    proof.for_all_paths([&] {
      Started s(proof);
      const abi::Totals before = s.kernel.totals();
      s.kernel.shared.fault = proof.word("fault");
      const abi::Result r = impl::sys_unshare(s.cpu(), SymbolicMachine::word(flags));
      EXPECT_EQ(s.kernel.shared.troubles, std::vector<std::string>{});
      if (r.ok()) return;
      ++failures;
      if (s.kernel.totals() != before) ++leaks;
    });
    EXPECT_EQ(failures, 8u);  // alloc_nsproxy; charge, alloc, inum, of ipc also init
    return leaks;
  };
  EXPECT_EQ(failing_paths(impl::Bug::kNone), 0u);
  EXPECT_EQ(failing_paths(impl::Bug::kRollbackForgetsUts), 4u);
}

}  // namespace
}  // namespace proofs
