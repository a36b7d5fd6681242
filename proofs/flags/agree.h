// The theorems about flag validity (agree.cc), by call.
#pragma once

#include "proofs/proof.h"

namespace proofs {

void prove_clone(Proof& proof);
void prove_clone3(Proof& proof);
void prove_unshare(Proof& proof);
void prove_setns_pidfd(Proof& proof);
void prove_setns_file(Proof& proof);
void prove_clone_is_clone3(Proof& proof);

}  // namespace proofs
