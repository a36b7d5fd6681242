// Plans: short sequences that lead somewhere, which single draws would seldom hit on.
//
// A plan is a list of concrete calls put into the generator's queue; other calls may come between.
#pragma once

#include "props/generate/generator.h"

namespace props {

// Queues a plan whose first call is made by a running task.
void draw_plan(Generator& g, const Live& live);

}  // namespace props
