// A stand-alone C program that does what a trace says and compares with what the model gives.
//
//     cc -static -o repro repro.c && ./repro     (as root; exits 0 if every result is the model's,
//     1 if not)
//
// For whoever has a kernel and not this repository. It is simpler than the agent: it gives each
// call some milliseconds to have its effects, and leaves out what a trace can name and a short C
// program need not do (numbers of tasks in a pid namespace that the caller's is not above; binds
// after pivot_root).
#pragma once

#include <string>
#include <string_view>

#include "abi/trace.h"

namespace props::conform {

// The trace's expectations are the model's results. `about`: what it shows, for the first comment.
std::string c_program(const abi::Trace& trace, std::string_view about);

}  // namespace props::conform
