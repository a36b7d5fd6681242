// One variant's entry checks: see checks.cc.
#include "proofs/flags/checks_impl.h"
#include "proofs/flags/variants.h"

namespace proofs {

std::unique_ptr<EntryChecks> optimized_checks(Proof& proof, const SymbolicProfile& profile) {
  return std::make_unique<ChecksOf<impl::OptimizedPolicy>>(proof, profile);
}

}  // namespace proofs
