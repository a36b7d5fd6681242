// The theorem about forbidden.h's list (forbidden.cc).
#pragma once

#include "proofs/proof.h"

namespace proofs {

// Each combination is forbidden, no part of it is, every refused word contains one; and kernels
// refuse the smallest call of each.
void prove_forbidden(Proof& proof);

}  // namespace proofs
