// The theorems of each file, put together by theorems.cc.
#pragma once

#include <vector>

#include "proofs/proof.h"

namespace proofs {

std::vector<Theorem> make_theorems();
std::vector<Theorem> exchange_theorems();
std::vector<Theorem> call_theorems();
std::vector<Theorem> task_theorems();
std::vector<Theorem> induction_theorems();

}  // namespace proofs
