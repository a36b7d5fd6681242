// Replaying a trace: see replay.h.
#include "cli/replay.h"

namespace cli {
namespace {

// Up to here the cost of looking at everything after each line does not show.
constexpr std::size_t kShort = 1000;

}  // namespace

Replay replay(const abi::Trace& trace) {
  Replay out;
  out.lines.reserve(trace.lines.size());
  model::Model model(trace.setup);
  const bool is_short = trace.lines.size() <= kShort;
  for (const abi::TraceLine& line : trace.lines) {
    ReplayedLine& done = out.lines.emplace_back();
    done.line = &line;
    done.result = model.apply(line.call);
    if (line.expected) {
      ++out.expected;
      done.differs = !line.expected->matches(done.result);
      if (done.differs) ++out.differing;
    }
    const bool whole = is_short || &line == &trace.lines.back();
    done.violations = whole ? model.check() : model.check_touched();
    out.violations += done.violations.size();
  }
  return out;
}

}  // namespace cli
