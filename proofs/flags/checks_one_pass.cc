// One variant's entry checks: see checks.cc.
#include "proofs/flags/checks_impl.h"
#include "proofs/flags/variants.h"

namespace proofs {

std::unique_ptr<EntryChecks> one_pass_checks(Proof& proof, const SymbolicProfile& profile) {
  return std::make_unique<ChecksOf<impl::Policy<impl::kOnePassFlags>>>(proof, profile);
}

}  // namespace proofs
