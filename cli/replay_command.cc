// `nsproxy replay TRACE...`: each line with the model's result, and what does not hold.
#include <algorithm>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/io.h"
#include "cli/replay.h"
#include "cli/rules.h"
#include "report/report.h"
#include "report/text.h"

namespace cli {
namespace {

constexpr std::size_t kWidest = 60;  // longer calls push their own result to the right only

std::string sentence(std::string_view invariant) {
  for (const model::InvariantInfo& info : model::invariants()) {
    if (info.id == invariant) return std::string(info.says);
  }
  return "";
}

std::string to_text(const ReplayedLine& done, std::size_t column) {
  const std::string number = std::to_string(done.line->line);
  std::string out = done.differs ? "! " : "  ";
  out += std::string(number.size() < 5 ? 5 - number.size() : 0, ' ') + number + "  ";
  out += report::padded(abi::print(done.line->call), column) + "  ";
  const std::string result = "-> " + abi::print(abi::expectation_of(done.line->call, done.result));
  const model::RuleInfo* rule = rule_of(done.result);
  out += rule == nullptr ? result : report::padded(result, 10) + "  " + std::string(rule->id);
  if (done.differs) out += "   expected: " + abi::print(*done.line->expected);
  out += "\n";
  for (const model::Violation& v : done.violations) {
    out += "!        violates " + std::string(v.invariant) + ": " + sentence(v.invariant) + " (" +
           v.what + ")\n";
  }
  return out;
}

std::string summary(const Replay& all) {
  const auto count = [](std::size_t n) { return report::with_commas(n); };
  std::string out = count(all.lines.size()) + (all.lines.size() == 1 ? " call" : " calls") + ", " +
                    count(all.expected - all.differing) + " as expected";
  if (all.differing > 0) out += ", " + count(all.differing) + " otherwise";
  if (all.lines.size() > all.expected) {
    out += ", " + count(all.lines.size() - all.expected) + " with no expectation";
  }
  out += all.violations == 0 ? "; all invariants hold after each"
                             : "; invariants violated: " + count(all.violations);
  return out;
}

}  // namespace

int run_replay(Arguments args) {
  std::vector<std::string> paths;
  bool quiet = false;
  Options options("replay",
                  "Replays trace text on the model: prints each line with the model's result and "
                  "the rule that\nrefused it, and checks every invariant after each. A line whose "
                  "result is not the expected one\nis marked with !.");
  options.operands("TRACE", "a file of trace text (docs/trace.md), or - for standard input", paths);
  options.flag("--quiet", "only what differs or is violated, and the summary", quiet);
  options.closing("Exit status: 0 as expected, 1 something differs, 2 a trace cannot be read.");
  if (const auto status = options.read(args)) return *status;

  int status = kHolds;
  for (const std::string& path : paths) {
    const auto read = read_trace(path);
    if (const auto* failure = std::get_if<Failure>(&read)) {
      status = std::max(status, usage_error(failure->what));
      continue;
    }
    const auto& trace = std::get<abi::Trace>(read);
    const Replay all = replay(trace);
    std::size_t column = 0;
    for (const ReplayedLine& done : all.lines) {
      const std::size_t width = abi::print(done.line->call).size();
      if (width <= kWidest) column = std::max(column, width);
    }
    for (const ReplayedLine& done : all.lines) {
      if (!quiet || done.differs || !done.violations.empty()) print(to_text(done, column));
    }
    print(input_name(path) + " on Linux " + abi::to_string(trace.setup.profile) + ": " +
          summary(all) + "\n");
    if (!all.holds()) status = std::max(status, kViolated);
  }
  return status;
}

}  // namespace cli
