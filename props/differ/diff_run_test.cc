// The differential run as a test: shards take parts of one seed's programs, repeated runs other
// seeds. A campaign is this test with more of each:
//
//     ./bazelw test //props/differ:diff_run_test --runs_per_test=100 --test_arg=--cases=1000000
//
// The report is left in the undeclared outputs; the programs of any finding are saved there too.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "props/differ/diff.h"
#include "report/files.h"
#include "report/terminal.h"

namespace {

constexpr std::uint64_t kSeed = 20260;

bool take_number(std::string_view word, std::string_view name, std::optional<std::uint64_t>& out) {
  if (!word.starts_with(name)) return false;
  out = std::strtoull(std::string(word.substr(name.size())).c_str(), nullptr, 10);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  props::DiffOptions options;
  options.cases = 4000;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    constexpr std::string_view kImpl = "--impl=";
    if (word.starts_with(kImpl)) {
      options.impls.emplace_back(word.substr(kImpl.size()));
    } else if (!take_number(word, "--cases=", options.cases) &&
               !take_number(word, "--seed=", options.seed)) {
      std::fprintf(stderr, "usage: diff_run_test [--cases=N] [--seed=N] [--impl=NAME]…\n");
      return 2;
    }
  }
  const props::BazelRun run = props::bazel_run();
  options.seed = props::seed_of_run(options.seed.value_or(kSeed), run.number);
  options.shard = run.shard;
  options.shards = run.shards;
  options.directory = report::test_outputs();
  const report::Report report = props::run_diff(options);
  std::fputs(report::to_terminal(report, {}).c_str(), stdout);
  if (!options.directory.empty()) {
    std::string error;
    report::write_files(report, options.directory, error);
    if (!error.empty()) std::fprintf(stderr, "%s\n", error.c_str());
  }
  return report::exit_status(report);
}
