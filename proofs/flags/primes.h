// The prime implicants of a set of words: its minimal combinations of literals.
//
// A literal is a formula or its negation. A cube is a set of literals, an implicant if every state
// that meets it is in the set, prime if no part of it is one. Z3 gives a state outside of all cubes
// found so far, and an unsatisfiable core shrinks it to a prime; resolving pairs of cubes that
// differ in one literal finds the rest (iterated consensus: Quine 1955).
#pragma once

#include <vector>

#include "proofs/proof.h"

namespace proofs {

struct Literal {
  std::size_t atom = 0;
  bool value = true;
  auto operator<=>(const Literal&) const = default;
};
using Cube = std::vector<Literal>;  // in order

// All primes of `in`, given `premise`. The atoms must decide `in`.
std::vector<Cube> primes(z3::context& context, const Formula& premise, const Formula& in,
                         const std::vector<Formula>& atoms);

Formula formula_of(z3::context& context, const Cube& cube, const std::vector<Formula>& atoms);

}  // namespace proofs
