// Mutants tried on all theorems: see survey.h.
#include "proofs/survey.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "proofs/theorems.h"

namespace proofs {
namespace {

bool is_surveyed(impl::BugGroup g) {
  using enum impl::BugGroup;
  return g == flags || g == counts || g == rollback;
}

// What came of one mutant.
struct Tried {
  const impl::BugInfo* bug = nullptr;
  std::string_view by;       // the theorem that refutes it, a kernel showing how; or empty
  std::string title, trace;  // of the counterexample
  std::string not_shown;     // theorems that refute it, but no kernel shows how
  double seconds = 0;
};

Outcome outcome_of(const Theorem& theorem, impl::Bug bug) {
  Proof proof(theorem.budget, bug);
  try {
    theorem.prove(proof);
  } catch (const z3::exception&) {
    return {};
  }
  return proof.finish();
}

void ask(std::vector<const Theorem*> theorems, Tried& answer) {
  const auto start = std::chrono::steady_clock::now();
  const impl::Bug bug = answer.bug->bug;
  std::stable_partition(theorems.begin(), theorems.end(), [bug](const Theorem* t) {
    return std::find(t->mutants.begin(), t->mutants.end(), bug) != t->mutants.end();
  });
  for (const Theorem* const t : theorems) {
    if (!t->of_code) continue;
    const Outcome outcome = outcome_of(*t, bug);
    if (outcome.verdict != Verdict::refuted) continue;
    const Counterexample& last = outcome.counterexamples.back();
    if (last.trace.empty()) {
      answer.not_shown += (answer.not_shown.empty() ? "" : ", ") + std::string(t->name);
      continue;
    }
    answer.by = t->name;
    answer.title = last.title;
    answer.trace = last.trace;
    break;
  }
  answer.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

report::Check check_of(const Tried& a) {
  report::Check c;
  c.name = a.bug->name;
  c.kind = report::Kind::mutants;
  c.says = a.bug->says;
  c.seconds = a.seconds;
  const std::string reason(out_of_reach(a.bug->bug));
  const bool refuted = !a.by.empty();
  c.verdict = refuted == reason.empty() ? report::Verdict::holds : report::Verdict::violated;
  if (refuted && !reason.empty()) {
    c.reason = std::string(a.by) + " refutes it, though it is said to be out of reach";
  } else if (refuted) {
    c.details = {std::string(a.by) + ": " + a.title + "\n" + a.trace};
  } else if (!a.not_shown.empty()) {
    c.reason = "refuted, but not shown by a kernel: " + a.not_shown;
  } else {
    c.reason = reason.empty() ? "no theorem refutes it" : "";
    c.details = {"no theorem refutes it: " + reason};
  }
  return c;
}

}  // namespace

void survey(const ProveOptions& options, report::Report& out,
            const std::function<void(const Progress&)>& progress) {
  const std::vector<const Theorem*> theorems = theorems_like(options.glob);
  std::vector<Tried> answers;
  for (const impl::BugInfo& bug : impl::bugs()) {
    if (is_surveyed(bug.group) && matches(options.mutants, bug.name))
      answers.emplace_back().bug = &bug;
  }
  std::atomic<std::size_t> next{0};
  std::size_t done = 0;
  std::mutex mutex;
  const auto work = [&] {
    for (std::size_t i = next++; i < answers.size(); i = next++) {
      ask(theorems, answers[i]);
      const std::lock_guard lock(mutex);
      ++done;
      if (!progress) continue;
      const Tried& a = answers[i];
      progress({done, answers.size(), a.bug->name, a.by.empty() ? "not refuted" : a.by, a.seconds});
    }
  };
  const unsigned processors = std::max(1u, std::thread::hardware_concurrency());
  const unsigned n = options.threads != 0 ? options.threads : processors;
  std::vector<std::thread> others;
  for (unsigned i = 1; i < n; ++i) others.emplace_back(work);
  work();
  for (std::thread& t : others) t.join();

  report::Table table{
      .title = "Seeded bugs", .columns = {"bug", "group", "refuted by", "seen as"}, .rows = {}};
  for (const Tried& a : answers) {
    out.checks.push_back(check_of(a));
    table.rows.push_back({std::string(a.bug->name), std::string(impl::name(a.bug->group)),
                          a.by.empty() ? "none" : std::string(a.by), a.title});
  }
  out.tables.push_back(std::move(table));
}

}  // namespace proofs
