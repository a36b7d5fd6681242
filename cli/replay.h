// A trace replayed on the model: for `nsproxy replay`, and for the standing corpus in `check`.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "abi/trace.h"
#include "model/model.h"

namespace cli {

// What came of one line.
struct ReplayedLine {
  const abi::TraceLine* line = nullptr;
  abi::Result result;
  bool differs = false;  // from what the line expects
  std::vector<model::Violation> violations;
};

struct Replay {
  std::vector<ReplayedLine> lines;  // refer to the trace
  std::size_t expected = 0;         // lines that say what they expect
  std::size_t differing = 0;
  std::size_t violations = 0;

  bool holds() const { return differing == 0 && violations == 0; }
};

// Carries out every line and checks every invariant after each: of the whole state while the trace
// is short, else of what the line touched, and of the whole at the end.
Replay replay(const abi::Trace& trace);

}  // namespace cli
