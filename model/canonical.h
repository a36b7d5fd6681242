// A state's digest that does not depend on how its objects are numbered.
//
// Objects are numbered as they are met on the way from the tasks and files, by name; what is told
// of each is every field that decides a rule or can be seen. So two programs that lead to states in
// which every further call does the same have the same digest, however they got there. The order of
// a parent's children is left out: it decides nothing. Different states share a digest with the
// chance of 64-bit hashes: one in ten thousand for ten million states.
#pragma once

#include <cstdint>

#include "model/model.h"

namespace model {

// `names`: task names below this one are told apart in free and gone.
std::uint64_t digest(const Model& model, std::uint32_t names);

}  // namespace model
