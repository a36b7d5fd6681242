// Every theorem, group by group. To add a group: its function in theorems.cc.
#pragma once

#include <string_view>
#include <vector>

#include "proofs/proof.h"

namespace proofs {

std::vector<const Theorem*> theorems();
// Those whose name matches: * stands for any text.
std::vector<const Theorem*> theorems_like(std::string_view glob);
bool matches(std::string_view glob, std::string_view text);

// Why no theorem refutes that seeded bug, though it is one of flags, counts or rollback; empty for
// all others.
std::string_view out_of_reach(impl::Bug bug);

}  // namespace proofs
