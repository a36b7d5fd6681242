// The theorems about making namespaces and installing user namespaces (creation.cc).
#pragma once

#include "proofs/proof.h"

namespace proofs {

void prove_unshare_creation(Proof& proof);
void prove_clone_creation(Proof& proof);
void prove_unshare_user(Proof& proof);
void prove_clone_user(Proof& proof);
void prove_user_install(Proof& proof);

}  // namespace proofs
