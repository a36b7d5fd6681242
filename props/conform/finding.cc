#include "props/conform/finding.h"

#include <fstream>

#include "props/conform/c_program.h"
#include "props/differ/describe.h"
#include "props/differ/finding.h"

namespace props::conform {
namespace {

std::string replay_command(const ConformOptions& options, const std::string& file) {
  return "./bazelw run //:nsproxy -- conform --system " + options.system + " --replay " + file;
}

}  // namespace

report::Finding to_finding(const std::string& stem, const Judgement& judgement, bool repeats,
                           const ConformOptions& options) {
  const Difference& difference = *judgement.difference;
  report::Finding finding;
  const std::string model = print(expectation_of(difference.reference));
  const std::string seen = print(expectation_of(difference.subject));
  std::string headline = std::string(name(difference.check)) + ": " + difference.what;
  if (difference.check == Check::result && !judgement.trace.lines.empty()) {
    headline = print(judgement.trace.lines.back().call) + " -> model " + model + ", " +
               options.system + " " + seen;
  }
  finding.title = (repeats ? "" : "seen once, and not again: ") + headline;
  finding.trace = print(judgement.trace);
  finding.facts = {{"caught by", std::string(says(difference.check))},
                   {"difference", difference.what},
                   {"model", model},
                   {options.system, seen}};
  if (const std::string rule = rule_text(difference.reference); !rule.empty()) {
    finding.facts.push_back({"rule that decided", rule});
  }
  if (!options.known.empty()) {
    finding.facts.push_back({"as a known deviation", deviation_line(judgement)});
  }
  const std::string path = save_trace(options.directory, stem + ".ns", judgement.trace,
                                      options.system + " differs: " + headline);
  if (path.empty()) return finding;
  finding.files.push_back(path);
  finding.replay = replay_command(options, path);
  const std::string c_path = path.substr(0, path.size() - 3) + ".c";
  std::ofstream c(c_path, std::ios::binary);
  c << c_program(judgement.trace, options.system + " differs: " + headline);
  if (c.flush()) finding.files.push_back(c_path);
  return finding;
}

report::Finding lost_finding(const std::string& name, const abi::Setup& setup,
                             const abi::Program& program, const std::string& why,
                             const ConformOptions& options) {
  report::Finding finding;
  finding.title = name + ": the agent lost hold of it twice: " + why;
  abi::Trace trace{.setup = setup, .lines = {}};
  for (const abi::Call& call : program) trace.lines.push_back({.call = call, .expected = {}});
  finding.trace = print(trace);
  const std::string path = save_trace(options.directory, name + "-lost.ns", trace, why);
  if (!path.empty()) {
    finding.files.push_back(path);
    finding.replay = replay_command(options, path);
  }
  return finding;
}

}  // namespace props::conform
