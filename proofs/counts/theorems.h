// The theorems about reference counts and rollback, in groups (one test target each).
#pragma once

#include <span>

#include "proofs/proof.h"

namespace proofs {

// Every theorem of this folder.
std::span<const Theorem> count_theorems();

}  // namespace proofs
