// One variant's creation of namespaces: see creation.cc.
#include "proofs/flags/creation_impl.h"

namespace proofs {

std::unique_ptr<Creation> seeded_creation(Proof& proof, const abi::Profile& profile,
                                          Situation situation) {
  return std::make_unique<CreationOf<impl::SeededPolicy>>(proof, profile, situation);
}

}  // namespace proofs
