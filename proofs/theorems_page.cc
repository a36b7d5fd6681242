// docs/proofs.md: what is proved, and which theorem refutes which seeded bug. Written from the
// theorems' own lists; the audit sees that what they list is refuted.
#include <map>

#include "proofs/prove.h"
#include "proofs/theorems.h"

namespace proofs {
namespace {

constexpr std::string_view kHead =
    R"(# Theorems

What `nsproxy prove` proves ([proofs/README.md](../proofs/README.md) says of which code, for how much, and
what is trusted), and which theorem refutes which seeded bug ([mutants.md](mutants.md) has all of them).
A bug is refuted if the theorem fails with it, and the counterexample, run as a program, shows the same
failure on a kernel with that bug. Every theorem's own list is tried whenever it is proved;
`nsproxy prove --mutants '*'` tries every bug of flags, counts and rollback on every theorem.

This page is the output of a command, and a test keeps it current:

    ./bazelw run //:nsproxy -- prove --theorems-page > docs/proofs.md

)";

// Underscores and bars are marks in a table.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '_') out += '\\';
    out += c;
  }
  return out;
}

std::string row(std::initializer_list<std::string> cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += " " + cell + " |";
  return line + "\n";
}

std::string bugs_of(impl::BugGroup group) {
  std::string rows = "| bug | what is wrong | refuted by |\n|---|---|---|\n";
  std::size_t refuted = 0, all = 0;
  for (const impl::BugInfo& bug : impl::bugs()) {
    if (bug.group != group) continue;
    std::string by;
    for (const Theorem* const t : theorems()) {
      for (const impl::Bug b : t->mutants) {
        if (b == bug.bug) by += (by.empty() ? "" : ", ") + escaped(t->name);
      }
    }
    ++all;
    if (!by.empty()) ++refuted;
    if (by.empty()) by = "none: " + escaped(out_of_reach(bug.bug));
    rows += row({escaped(bug.name), escaped(bug.says), by});
  }
  return "## Bugs of " + std::string(impl::name(group)) + "\n\n" + std::to_string(refuted) +
         " of " + std::to_string(all) + " are refuted.\n\n" + rows + "\n";
}

}  // namespace

std::string theorems_page() {
  std::string text(kHead);
  text += "| theorem | what it says | bugs that it refutes |\n|---|---|---|\n";
  for (const Theorem* const t : theorems()) {
    text += row({escaped(t->name), escaped(t->says), std::to_string(t->mutants.size())});
  }
  text += "\n";
  for (const impl::BugGroup group :
       {impl::BugGroup::flags, impl::BugGroup::counts, impl::BugGroup::rollback}) {
    text += bugs_of(group);
  }
  text.pop_back();
  return text;
}

}  // namespace proofs
