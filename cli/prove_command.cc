// `nsproxy prove`: the theorems about the implementation and the rules, proved and audited.
#include <string>

#include "cli/commands.h"
#include "cli/io.h"
#include "cli/show.h"
#include "proofs/prove.h"

namespace cli {
namespace {

constexpr std::string_view kAbout =
    "Proves that the implementation does what the rules say: for every flag word, state and fault, "
    "by Z3 on\nthe code that ships (proofs/README.md). Each theorem is audited: its premise can be "
    "met, its goal says\nsomething, and each of its mutants is refuted by a counterexample that a "
    "kernel shows.";

constexpr std::string_view kClosing =
    "Verdicts: proved; refuted (with a counterexample); unknown (a budget was too small); vacuous; "
    "insensitive\n(a mutant holds too); not shown (no kernel shows a mutant's counterexample); "
    "disputed, undecided by cvc5.\n\n"
    "Exit status: 0 all are proved, 1 one is not, 2 wrong usage, 3 cvc5 is missing.";

}  // namespace

int run_prove(Arguments args) {
  proofs::ProveOptions prove;
  std::string directory;
  bool no_audit = false, page = false, theorems = false, list = false;
  Options options("prove", kAbout);
  options.value("--theorem", "GLOB", "only theorems of that name; * stands for anything: 'flags.*'",
                keep_in(prove.glob));
  options.value("--dump", "DIR", "write every obligation there as SMT-LIB 2, a file each",
                keep_in(prove.dump));
  options.flag("--cvc5", "decide every obligation again with cvc5", prove.cvc5);
  options.value("--report", "DIR", "write report.json, report.xml (JUnit) and report.md there",
                keep_in(directory));
  options.value("--mutants", "GLOB",
                "instead, try seeded bugs of that name on each theorem, and say which refutes them",
                keep_in(prove.mutants));
  options.flag("--no-audit", "do not refute mutants", no_audit);
  options.flag("--list", "print the names of the theorems, and prove nothing", list);
  options.flag("--flags-page", "print docs/flags.md: the forbidden combinations of flags", page);
  options.flag("--theorems-page",
               "print docs/proofs.md: each theorem, and who refutes which mutant", theorems);
  options.closing(kClosing);
  if (const auto status = options.read(args)) return *status;
  prove.audit = !no_audit;
  if (page) {
    print(proofs::flags_page());
    return kHolds;
  }
  if (theorems) {
    print(proofs::theorems_page());
    return kHolds;
  }
  const std::vector<std::string> names = proofs::theorem_names(prove.glob);
  if (names.empty()) {
    return usage_error("--theorem: no theorem is called " + prove.glob +
                       "; `nsproxy prove --list` prints their names");
  }
  if (list) {
    for (const std::string& name : names) print(name + "\n");
    return kHolds;
  }
  if (const std::string wrong = make_directory(directory); !wrong.empty()) {
    return usage_error("--report: " + wrong);
  }
  if (const std::string wrong = make_directory(prove.dump); !wrong.empty()) {
    return usage_error("--dump: " + wrong);
  }
  report::Report result;
  result.title = "nsproxy prove";
  LiveLine line;
  std::string error;
  const bool could = proofs::prove(
      prove, result, [&line](const proofs::Progress& p) { line.show(proofs::progress_line(p)); },
      error);
  line.clear();
  if (!could) {
    usage_error(error);
    return kEnvironment;
  }
  const int status = show(result, {.tables = true, .directory = directory});
  for (const report::Check& c : result.checks) {
    if (c.verdict != report::Verdict::holds && status == kHolds) return kViolated;
  }
  return status;
}

}  // namespace cli
