// Obligations as SMT-LIB 2 text, and a second opinion by cvc5.
#pragma once

#include <string>
#include <vector>

#include "proofs/explorer.h"

namespace proofs {

// A script without check-sat: declarations of every symbol, then one assertion each.
std::string to_smtlib(z3::context& context, const std::vector<Formula>& assertions);

}  // namespace proofs
