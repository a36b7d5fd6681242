// The theorems about flags.
#pragma once

#include <span>

#include "proofs/proof.h"

namespace proofs {

std::span<const Theorem> flag_theorems();

}  // namespace proofs
