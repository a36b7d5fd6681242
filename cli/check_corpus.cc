// The standing traces on the model: see checks.h.
#include <filesystem>
#include <string>
#include <vector>

#include "cli/checks.h"
#include "cli/io.h"
#include "cli/replay.h"
#include "cli/rules.h"
#include "cli/runfiles.h"

namespace cli {
namespace {

constexpr std::string_view kFolder = "props/corpus";
constexpr std::string_view kName = "corpus";

// The calls up to the one that is wrong, as trace text.
std::string text_up_to(const abi::Trace& trace, const ReplayedLine& last) {
  abi::Trace part{.setup = trace.setup, .lines = {}};
  for (const abi::TraceLine& line : trace.lines) {
    part.lines.push_back(line);
    if (&line == last.line) break;
  }
  return abi::print(part);
}

report::Finding finding(const std::string& file, const abi::Trace& trace,
                        const ReplayedLine& line) {
  report::Finding out;
  out.check = kName;
  out.title = file + ":" + std::to_string(line.line->line) + ": " + abi::print(line.line->call);
  out.trace = text_up_to(trace, line);
  if (line.differs) {
    out.facts.push_back({"expected", abi::print(*line.line->expected)});
    out.facts.push_back({"model", outcome(line.result)});
  }
  for (const model::Violation& v : line.violations) {
    out.facts.push_back({"violated", std::string(v.invariant) + ": " + v.what});
  }
  out.replay = "nsproxy replay " + file;
  return out;
}

// The first line of a trace that is wrong; those after it follow from it.
void add_first(report::Report& out, const std::string& file, const abi::Trace& trace,
               const Replay& all) {
  for (const ReplayedLine& line : all.lines) {
    if (!line.differs && line.violations.empty()) continue;
    out.findings.push_back(finding(file, trace, line));
    return;
  }
}

}  // namespace

void check_corpus(report::Report& out, const CheckOptions&) {
  report::Check check;
  check.name = kName;
  check.kind = report::Kind::corpus;
  check.says =
      "the standing traces give what they state, and every invariant holds after each call";
  const auto directory = data_directory(kFolder);
  const auto files = directory ? files_in(*directory, ".ns") : std::vector<std::string>();
  if (files.empty()) {
    check.reason = "no traces found: run it through Bazel, or stand in a checkout";
    out.checks.push_back(std::move(check));
    return;
  }
  const std::size_t findings = out.findings.size();
  std::size_t calls = 0;
  for (const std::string& path : files) {
    const std::string file =
        std::string(kFolder) + "/" + std::filesystem::path(path).filename().string();
    const auto read = read_trace(path);
    if (const auto* failure = std::get_if<Failure>(&read)) {
      out.findings.push_back({.check = std::string(kName),
                              .title = file + ": cannot be read",
                              .trace = "",
                              .facts = {{"error", failure->what}},
                              .replay = "nsproxy replay " + file,
                              .files = {}});
      continue;
    }
    const auto& trace = std::get<abi::Trace>(read);
    const Replay all = replay(trace);
    calls += all.lines.size();
    if (!all.holds()) add_first(out, file, trace, all);
  }
  check.counts = {
      {"traces", files.size()}, {"calls", calls}, {"invariants", model::invariants().size()}};
  check.verdict =
      out.findings.size() == findings ? report::Verdict::holds : report::Verdict::violated;
  out.checks.push_back(std::move(check));
}

}  // namespace cli
