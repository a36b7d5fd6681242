// The step that sums the other theorems up: if each function changes a count as it changes the
// holders that it can see, then "count = holders" is kept by any sequence of calls, over any number
// of tasks and objects. proofs/README.md has the argument in words.
//
// One object, in integers: what is said holds for each of them alone.
#include "proofs/counts/groups.h"

namespace proofs {
namespace {

Counterexample no_example(const z3::model&) { return {"the sum does not hold", {}, ""}; }

// A call that sees `before` holders and leaves `after`, while `others` are out of its sight.
void one_call(Proof& proof) {
  z3::context& c = proof.context();
  const Formula count = c.int_const("count"), count_after = c.int_const("count_after");
  const Formula before = c.int_const("in_sight_before"), after = c.int_const("in_sight_after");
  const Formula others = c.int_const("out_of_sight");
  proof.begin_case("one call");
  proof.assume(before >= 0 && after >= 0 && others >= 0);
  proof.assume(count == before + others);  // the hypothesis
  const Formula local = count_after - count == after - before;
  const Formula sum = count_after == after + others;
  proof.require_possible(!sum, "the sum needs no theorem about the call");
  proof.assume(local);  // what the other theorems show
  proof.require_impossible(!sum, no_example);
  proof.require_impossible((count_after == 0) != (after + others == 0), no_example);
  proof.require_impossible(count_after < after, no_example);
}

// Two calls of different tasks, each out of the other's sight: whatever one has left is the other's
// hypothesis, whatever the two see of each other's holders.
void two_calls(Proof& proof) {
  z3::context& c = proof.context();
  const Formula count = c.int_const("count"), then = c.int_const("count_then"),
                last = c.int_const("count_last");
  const Formula mine = c.int_const("mine"), mine_after = c.int_const("mine_after");
  const Formula yours = c.int_const("yours"), yours_after = c.int_const("yours_after");
  const Formula both = c.int_const("both_see"), both_then = c.int_const("both_see_then"),
                both_last = c.int_const("both_see_last");
  const Formula others = c.int_const("out_of_sight");
  proof.begin_case("two calls");
  proof.assume(mine >= 0 && mine_after >= 0 && yours >= 0 && yours_after >= 0 && others >= 0);
  proof.assume(both >= 0 && both_then >= 0 && both_last >= 0);
  proof.assume(count == mine + yours + both + others);
  proof.assume(then - count == (mine_after + both_then) - (mine + both));
  const Formula sum = last == mine_after + yours_after + both_last + others;
  proof.require_possible(!sum, "the sum needs no theorem about the second call");
  proof.assume(last - then == (yours_after + both_last) - (yours + both_then));
  proof.require_impossible(!sum, no_example);
}

// An object that a call makes has no holder out of sight; one that it frees had none left.
void birth_and_death(Proof& proof) {
  z3::context& c = proof.context();
  const Formula count = c.int_const("count"), before = c.int_const("in_sight_before"),
                after = c.int_const("in_sight_after"), others = c.int_const("out_of_sight");
  proof.begin_case("an object is freed");
  proof.assume(before >= 0 && after >= 0 && others >= 0 && count == before + others);
  const Formula freed_right = after == 0 && others == 0;  // the law of lifetime
  proof.require_possible(after + others > 0, "the law of lifetime is not needed");
  proof.assume(freed_right);
  proof.require_impossible(after + others > 0, no_example);
}

void induction(Proof& proof) {
  one_call(proof);
  two_calls(proof);
  birth_and_death(proof);
}

}  // namespace

std::vector<Theorem> induction_theorems() {
  return {{"counts.induction",
           "counts.make",
           "If every function changes a count as it changes the holders in its sight, then count = "
           "holders after any calls.",
           {},
           induction,
           {},
           false}};
}

}  // namespace proofs
