// Makes a failing program small: delta debugging on concrete calls, within a time budget.
//
// A program keeps its meaning when calls are removed (abi/call.h), so removing is tried first, in
// halves, quarters, … down to single calls, and then each call is made simpler: fewer flags, no
// fault, plainer arguments, a task's child replaced by the task. Every candidate is run from the
// start, which takes microseconds here.
#pragma once

#include <chrono>
#include <functional>
#include <optional>

#include "abi/system.h"
#include "props/differ/difference.h"

namespace props {

struct Failing {
  abi::Setup setup;
  abi::Program program;
  Difference difference;
};

// Runs a candidate; its difference, or nothing if it agrees.
using Try = std::function<std::optional<Difference>(const abi::Setup&, const abi::Program&)>;

struct Shrunk {
  Failing failing;
  std::uint64_t tries = 0;
  bool finished = true;  // false: the time was up first
};

Shrunk shrink(Failing failing, const Try& attempt, std::chrono::milliseconds budget);

// Simpler variants of one call, simplest first (simplify.cc).
std::vector<abi::Call> simpler(const abi::Call& call);
// The program with its names numbered from 1 (tasks) and 0 (files, binds) by appearance.
abi::Program renumbered(const abi::Program& program);

}  // namespace props
