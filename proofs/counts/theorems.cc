// All theorems of this folder: see theorems.h.
#include "proofs/counts/theorems.h"

#include "proofs/counts/groups.h"

namespace proofs {

std::span<const Theorem> count_theorems() {
  static const std::vector<Theorem> all = [] {
    std::vector<Theorem> every;
    for (const auto& group : {make_theorems(), exchange_theorems(), call_theorems(),
                              task_theorems(), induction_theorems()}) {
      every.insert(every.end(), group.begin(), group.end());
    }
    return every;
  }();
  return all;
}

}  // namespace proofs
