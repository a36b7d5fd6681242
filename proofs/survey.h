// Which theorem refutes each seeded bug: the mutants of flags, counts and rollback, tried on every
// theorem. The audit (prove.h) asks each theorem about the mutants that it names; this asks about
// each mutant, whether anybody names it or not.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "proofs/prove.h"
#include "report/report.h"

namespace proofs {

// Adds a check for each seeded bug of that name: it holds if a theorem refutes the bug and a kernel
// shows the counterexample, or if the bug is out of every theorem's reach as theorems.h says.
// Theorems that name it are asked first, and nobody else after the first that refutes it.
void survey(const ProveOptions& options, report::Report& out,
            const std::function<void(const Progress&)>& progress);

}  // namespace proofs
