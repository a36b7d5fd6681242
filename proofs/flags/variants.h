// The variants of checks.h, one function each: see checks.cc.
#pragma once

#include "proofs/flags/checks.h"

namespace proofs {

std::unique_ptr<EntryChecks> baseline_checks(Proof& proof, const SymbolicProfile& profile);
std::unique_ptr<EntryChecks> one_pass_checks(Proof& proof, const SymbolicProfile& profile);
std::unique_ptr<EntryChecks> optimized_checks(Proof& proof, const SymbolicProfile& profile);
std::unique_ptr<EntryChecks> seeded_checks(Proof& proof, const SymbolicProfile& profile);

}  // namespace proofs
