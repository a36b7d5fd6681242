// A group of theorems as a test: the glob of their names is its argument. After it, "cvc5" has cvc5
// decide each obligation too, "mutants" tries every seeded bug on every theorem instead.
#include "proofs/prove.h"

#include <cstdio>
#include <string>

#include "report/terminal.h"

int main(int argc, char** argv) {
  proofs::ProveOptions options;
  if (argc > 1) options.glob = argv[1];
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "cvc5") options.cvc5 = true;
    if (word == "mutants") options.mutants = i + 1 < argc ? argv[++i] : "*";
    if (word == "page") {
      std::fputs(proofs::theorems_page().c_str(), stdout);
      return 0;
    }
    if (word == "alone") options.audit = false;
  }
  report::Report result;
  result.title = "proofs";
  std::string error;
  const auto progress = [](const proofs::Progress& p) {
    std::printf("%s\n", proofs::progress_line(p).c_str());
    std::fflush(stdout);
  };
  const bool could = proofs::prove(options, result, progress, error);
  std::fputs(report::to_terminal(result, {.tables = true}).c_str(), stdout);
  for (const report::Check& c : result.checks) {
    if (c.verdict == report::Verdict::holds) continue;
    for (const std::string& d : c.details) std::printf("%s\n", d.c_str());
  }
  if (!could) std::printf("error: %s\n", error.c_str());
  // Nothing less than every theorem.
  if (!could || result.checks.empty()) return 1;
  for (const report::Check& c : result.checks) {
    if (c.verdict != report::Verdict::holds) return 1;
  }
  return 0;
}
