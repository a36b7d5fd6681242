// One variant's creation of namespaces: see creation.cc.
#include "proofs/flags/creation_impl.h"

namespace proofs {

std::unique_ptr<Creation> optimized_creation(Proof& proof, const SymbolicProfile& profile, Era era,
                                             Situation situation) {
  return std::make_unique<CreationOf<impl::OptimizedPolicy>>(proof, profile, era, situation);
}

}  // namespace proofs
