// A state in which a law fails, told in the kernel's words and shown again on a concrete kernel.
#pragma once

#include <string>
#include <vector>

#include "proofs/counts/plan.h"

namespace proofs {

// Where a path ended and what did not hold there.
struct Failure {
  const Plan& plan;
  const Script& script;
  const SymbolicProfile& kernel;
  Variant variant;
  const Judge& judge;
  const Ran& ran;
  const Formula& goal;
};

// The simplest such state that a few questions to Z3 find: no failing step, nobody else who holds
// anything, few flags, where that is possible. Its trace is empty if no concrete run shows it.
Counterexample counterexample(Proof& proof, const Failure& failure);

}  // namespace proofs
