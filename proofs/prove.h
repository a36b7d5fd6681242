// Proves theorems, audits them, and says what came of it in a report.
//
// The audit of a theorem: its premise can be met and its goal says something (else it is vacuous);
// each of its mutants is refuted by it, and one counterexample of each is shown by a concrete
// kernel; on request, cvc5 decides every obligation again. What fails of this has its own word, and
// none of it is ever shown as proved.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "report/report.h"

namespace proofs {

struct ProveOptions {
  std::string glob = "*";  // of theorems' names: * stands for anything
  std::string mutants;     // try seeded bugs of that name instead (survey.h); empty: none
  std::string dump;        // a folder for the obligations as SMT-LIB 2; empty: none
  bool cvc5 = false;       // decide the obligations again
  bool audit = true;       // refute mutants
  unsigned threads = 0;    // 0: as many as there are processors
};

// What a row will say, as soon as it is known; called from one thread at a time.
struct Progress {
  std::size_t done = 0, of = 0;
  std::string_view name;
  std::string_view verdict;
  double seconds = 0;
};

// "[3/34] flags.clone: proved, 0.71 s".
std::string progress_line(const Progress& p);

// The names of the theorems that match.
std::vector<std::string> theorem_names(std::string_view glob);

// Adds a check for each theorem, a finding for each counterexample, and a table of all of them.
// False, with `error` said, if the environment does not allow what was asked for.
bool prove(const ProveOptions& options, report::Report& out,
           const std::function<void(const Progress&)>& progress, std::string& error);

// docs/flags.md, and docs/proofs.md.
std::string flags_page();
std::string theorems_page();

}  // namespace proofs
