// The invariants of a state, as checks (model/invariants.cc lists them with their sentences).
#pragma once

#include <vector>

#include "model/model.h"
#include "model/state.h"

namespace model {

// Over everything. Both count in `exercised`, unless it is null.
std::vector<Violation> check_all(const State& s, Exercised* exercised);
// Over the tasks and objects that the last call touched.
std::vector<Violation> check_last(const State& s, Exercised* exercised);

}  // namespace model
