// Counts every reference again, from the records' own fields and not from the edges: INV-01 to
// INV-04 by another way than the model's.
#pragma once

#include <string>

#include "model/state.h"

namespace model {

// The first object whose holders are not those that the records name, or whose quota is not what
// the living namespaces come to; "" if all are right.
std::string recount(const State& s);

}  // namespace model
