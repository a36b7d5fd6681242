// Every theorem, group by group. To add a group: its function in theorems.cc.
#pragma once

#include <vector>

#include "proofs/proof.h"

namespace proofs {

std::vector<const Theorem*> theorems();

}  // namespace proofs
