// Every theorem: see theorems.h.
#include "proofs/theorems.h"

#include "proofs/counts/theorems.h"
#include "proofs/flags/theorems.h"

namespace proofs {

std::vector<const Theorem*> theorems() {
  std::vector<const Theorem*> all;
  for (const std::span<const Theorem> group : {flag_theorems(), count_theorems()}) {
    for (const Theorem& t : group) all.push_back(&t);
  }
  return all;
}

}  // namespace proofs
