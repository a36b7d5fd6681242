// Random programs for laws about the model: a few tasks, files and binds, every call, all flags.
//
// A generated program knows nothing of any state; settle() finds its operands, so that most calls
// do something or fail in an interesting place, and dropping one while shrinking leaves the others
// with a meaning. props/generate has the generator that campaigns use.
#pragma once

#include <rapidcheck.h>

#include "abi/trace.h"
#include "model/model.h"

namespace model {

rc::Gen<abi::Setup> any_setup();
// Operands are any small numbers.
rc::Gen<abi::Program> any_program();
// The call with its numbers taken as ordinals of what there is in `m`: running callers, unreaped
// targets, open files, free names. One in eight operands stays as it is.
abi::Call settle(const Model& m, abi::Call call);

}  // namespace model
