// docs/flags.md: see forbidden.h. Knows nothing of Z3.
#include <algorithm>
#include <bit>
#include <iterator>

#include "abi/ns_type.h"
#include "proofs/flags/forbidden.h"
#include "proofs/flags/staging.h"

namespace proofs {
namespace {

constexpr std::string_view kHead =
    R"(# Forbidden combinations of flags

Which flags each call refuses, whatever else is passed with them. A row is a minimal combination: a
call that contains it is refused, and no part of it is enough. A call whose flags contain no row of
its table passes all checks of flags; it can still fail for want of privilege, quota or memory
([rules.md](rules.md) has every rule, `nsproxy explain 'CALL'` says which one decides).

The rule is the one that fires for the combination, and the errno is its; with more flags a rule that
is asked before it may answer. *Kernels* are those checked by default: 5.10, 6.1, 6.6, 6.12, 6.18, 6.19 and 7.0.

Z3 found the rows in the rule tables of model/rules/ and shows that none is missing and none can be
made smaller; that the implementation's checks refuse exactly these words is the theorems `flags.*`
of `nsproxy prove`. This page is the output of a command, and a test keeps it current:

    ./bazelw run //:nsproxy -- prove --flags-page > docs/flags.md
)";

std::string_view about(std::string_view call) {
  if (call == "clone") {
    return "The low byte is the exit signal (so that CLONE_NEWTIME cannot be passed), and bits "
           "above "
           "31 are\nignored. `fork` is `clone(SIGCHLD)`, `vfork` is "
           "`clone(CLONE_VFORK|CLONE_VM|SIGCHLD)`.";
  }
  if (call == "clone3") {
    return "Of a struct whose other fields are in order. The exit signal has its own field.";
  }
  if (call == "unshare") {
    return "What flags imply is added first, in this order: CLONE_NEWUSER adds CLONE_THREAD and "
           "CLONE_FS,\nCLONE_VM adds CLONE_SIGHAND, CLONE_SIGHAND adds CLONE_THREAD, CLONE_NEWNS "
           "adds CLONE_FS.";
  }
  return "On a pidfd. On a namespace file (/proc/PID/ns/TYPE) every word is refused (EINVAL, "
         "SETNS-02) but 0\nand the one flag of that type. The argument is an int: bits above 31 "
         "never arrive.";
}

std::string named(abi::Flags f) { return to_string(f, abi::FlagStyle::bits); }

// A flag that is refused by itself, like others with the same rule.
bool alone(const Forbidden& f) {
  return std::has_single_bit(f.with.bits()) && f.without.empty() && f.while_.empty() &&
         f.unless.empty();
}

std::string flags_of(const Forbidden& f) {
  if (f.with.empty() && !f.without.empty()) return "none of " + named(f.without);
  if (alone(f) || f.without.empty()) return named(f.with);
  return named(f.with) + " without " + named(f.without);
}

std::string fact_text(const std::string& fact, bool holds) {
  constexpr std::string_view kBuilt = "built_";
  if (fact.starts_with(kBuilt)) {
    return std::string(holds ? "the kernel has " : "the kernel is built without ") +
           fact.substr(kBuilt.size()) + " namespaces";
  }
  return (holds ? "" : "not: ") + std::string(in_words(fact));
}

std::string facts_of(const Forbidden& f) {
  std::string text;
  const auto add = [&](const std::string& one) { text += (text.empty() ? "" : "; ") + one; };
  for (const std::string& fact : f.while_) add(fact_text(fact, true));
  for (const std::string& fact : f.unless) add(fact_text(fact, false));
  return text;
}

std::string kernels_of(const Forbidden& f) {
  if (f.kernels.size() == abi::standard_profiles().size()) return "all";
  const std::string first = to_string(f.kernels.front().version);
  if (f.kernels.size() == 1) return first;
  return first + " to " + to_string(f.kernels.back().version);
}

// Markdown's own characters, in text that is none.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '_' || c == '|' || c == '*') out += '\\';
    out += c;
  }
  return out;
}

std::string line(const Forbidden& f, const std::string& flags) {
  std::string out = "|";
  for (const std::string& cell : {flags, facts_of(f), to_string(f.error), std::string(f.rule),
                                  kernels_of(f), std::string(f.remedy)}) {
    out += " " + escaped(cell) + " |";
  }
  return out + "\n";
}

std::string table_of(const std::vector<Forbidden>& rows) {
  std::string out = "| flags | while | errno | rule | kernels | what to do |\n";
  out += "|---|---|---|---|---|---|\n";
  std::vector<bool> done(rows.size(), false);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (done[i]) continue;
    if (!alone(rows[i])) {
      out += line(rows[i], flags_of(rows[i]));
      continue;
    }
    Forbidden group = rows[i];
    for (std::size_t j = i; j < rows.size(); ++j) {
      const Forbidden& other = rows[j];
      if (!alone(other) || other.rule != group.rule || other.kernels != group.kernels) continue;
      group.with |= other.with;
      done[j] = true;
    }
    const bool many = !std::has_single_bit(group.with.bits());
    out += line(group, (many ? "any of " : "") + named(group.with));
  }
  return out;
}

// "None of the types but T, and T is not built": minimal, but each word that it refuses has T or
// has no type, and is in a row of its own for that.
bool about_absent_types(const Forbidden& f) { return !f.without.empty() && !f.unless.empty(); }

}  // namespace

std::string forbidden_page() {
  const std::vector<Forbidden> all = forbidden_flags();
  std::string page(kHead);
  for (const std::string_view call : {"clone", "clone3", "unshare", "setns"}) {
    std::vector<Forbidden> rows;
    std::copy_if(all.begin(), all.end(), std::back_inserter(rows),
                 [call](const Forbidden& f) { return f.call == call && !about_absent_types(f); });
    page += "\n## " + std::string(call) + "\n\n" + escaped(about(call)) + "\n\n" + table_of(rows);
  }
  return page;
}

}  // namespace proofs
