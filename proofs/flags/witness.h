// The theorems about rule tables (witness.cc).
#pragma once

#include "proofs/proof.h"

namespace proofs {

// Each rule decides in some state: none is shadowed by those before it.
void prove_reachable(Proof& proof);
// Of two entry rules with different errnos, either the first wins in a state that both claim, or no
// state exists in which their order decides.
void prove_order(Proof& proof);

}  // namespace proofs
