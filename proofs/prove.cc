// The run of all theorems: see prove.h.
#include "proofs/prove.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <iomanip>
#include <mutex>
#include <sstream>
#include <system_error>
#include <thread>

#include "proofs/flags/forbidden.h"
#include "proofs/second_opinion.h"
#include "proofs/survey.h"
#include "proofs/theorems.h"

namespace proofs {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// A theorem, of what ships (kNone) or of one mutant.
struct Task {
  std::size_t theorem = 0;
  impl::Bug bug = impl::Bug::kNone;
  Outcome outcome{};
  SecondOpinion opinion{};
  std::string error{};
};

class Run {
 public:
  Run(const ProveOptions& options, const std::function<void(const Progress&)>& progress)
      : options_(options), progress_(progress), theorems_(theorems_like(options.glob)) {
    for (std::size_t i = 0; i < theorems_.size(); ++i) tasks_.push_back({.theorem = i});
    if (!options.audit) return;
    for (std::size_t i = 0; i < theorems_.size(); ++i) {
      for (const impl::Bug bug : theorems_[i]->mutants) tasks_.push_back({i, bug});
    }
  }

  void all() {
    const unsigned processors = std::max(1u, std::thread::hardware_concurrency());
    const unsigned n = options_.threads != 0 ? options_.threads : processors;
    std::vector<std::thread> others;
    for (unsigned i = 1; i < n; ++i) others.emplace_back([this] { work(); });
    work();
    for (std::thread& t : others) t.join();
  }

  const std::vector<const Theorem*>& theorems() const { return theorems_; }
  const std::vector<Task>& tasks() const { return tasks_; }

 private:
  void work() {
    for (std::size_t i = next_++; i < tasks_.size(); i = next_++) {
      carry_out(tasks_[i]);
      const std::lock_guard lock(mutex_);
      ++done_;
      if (!progress_) continue;
      const std::string called = name_of(tasks_[i]);
      progress_({done_, tasks_.size(), called, name(tasks_[i].outcome.verdict),
                 tasks_[i].outcome.seconds});
    }
  }

  void carry_out(Task& task) {
    const auto start = std::chrono::steady_clock::now();
    const Theorem& theorem = *theorems_[task.theorem];
    const bool ships = task.bug == impl::Bug::kNone;
    Proof proof(theorem.budget, task.bug, ships && (options_.cvc5 || !options_.dump.empty()));
    try {
      theorem.prove(proof);
      task.outcome = proof.finish();
    } catch (const z3::exception& e) {
      task.outcome = proof.finish();
      task.outcome.verdict = Verdict::unknown;
      task.outcome.reason = std::string("Z3 gave up: ") + e.msg();
    }
    task.outcome.seconds = seconds_since(start);
    if (!ships) return;
    if (options_.cvc5) task.opinion = ask_cvc5(proof.obligations(), kCvc5Milliseconds);
    if (!options_.dump.empty() &&
        !write_obligations(options_.dump, std::string(theorem.name), proof.obligations())) {
      task.error = "cannot write obligations to " + options_.dump;
    }
  }

  std::string name_of(const Task& task) const {
    std::string text(theorems_[task.theorem]->name);
    if (task.bug == impl::Bug::kNone) return text;
    return text + " with " + std::string(bug_name(task.bug));
  }

 public:
  static std::string_view bug_name(impl::Bug bug) {
    for (const impl::BugInfo& info : impl::bugs()) {
      if (info.bug == bug) return info.name;
    }
    return "no bug";
  }

 private:
  static constexpr unsigned kCvc5Milliseconds = 120'000;

  const ProveOptions& options_;
  const std::function<void(const Progress&)>& progress_;
  std::vector<const Theorem*> theorems_;
  std::vector<Task> tasks_;
  std::atomic<std::size_t> next_{0};
  std::size_t done_ = 0;
  std::mutex mutex_;
};

// What a theorem's row is made of: its own run and those of its mutants.
class Row {
 public:
  Row(const Theorem& theorem, const std::vector<Task>& tasks, std::size_t index,
      const ProveOptions& options)
      : theorem_(theorem), options_(options) {
    for (const Task& t : tasks) {
      if (t.theorem != index) continue;
      seconds_ += t.outcome.seconds;
      if (t.bug == impl::Bug::kNone) {
        own_ = &t;
      } else {
        add_mutant(t);
      }
    }
    decide();
  }

  report::Check check() const {
    report::Check c;
    c.name = theorem_.name;
    c.kind = report::Kind::proof;
    c.verdict = verdict_;
    c.says = theorem_.says;
    c.reason = word_ == "proved" ? "" : word_ + ": " + reason_;
    c.counts = {{"cases", own_->outcome.cases},
                {"paths", own_->outcome.effort.paths},
                {"queries", own_->outcome.effort.queries}};
    if (options_.audit) c.counts.push_back({"mutants refuted", refuted_});
    if (options_.cvc5) c.counts.push_back({"agreed by cvc5", own_->opinion.agreed});
    c.seconds = seconds_;
    c.details = mutants_;
    return c;
  }

  std::vector<std::string> cells() const {
    std::ostringstream seconds;
    seconds << std::fixed << std::setprecision(2) << own_->outcome.seconds;
    return {std::string(theorem_.name),
            word_,
            report::with_commas(own_->outcome.cases),
            report::with_commas(own_->outcome.effort.paths),
            report::with_commas(own_->outcome.effort.queries),
            std::to_string(refuted_) + "/" + std::to_string(theorem_.mutants.size()),
            seconds.str()};
  }

  std::vector<report::Finding> findings() const {
    std::vector<report::Finding> all;
    for (const Counterexample& c : own_->outcome.counterexamples) {
      report::Finding f;
      f.check = theorem_.name;
      f.title = c.title;
      f.trace = c.trace;
      f.facts = c.facts;
      f.replay = "nsproxy prove --theorem " + std::string(theorem_.name);
      all.push_back(std::move(f));
    }
    return all;
  }

 private:
  void add_mutant(const Task& t) {
    const Outcome& o = t.outcome;
    const auto shown = std::find_if(o.counterexamples.begin(), o.counterexamples.end(),
                                    [](const Counterexample& c) { return !c.trace.empty(); });
    const std::string bug(Run::bug_name(t.bug));
    if (o.verdict != Verdict::refuted) {
      missed_ += (missed_.empty() ? "" : ", ") + bug;
      mutants_.push_back(bug + ": " + std::string(name(o.verdict)));
    } else if (shown == o.counterexamples.end()) {
      not_shown_ += (not_shown_.empty() ? "" : ", ") + bug;
      mutants_.push_back(bug + ": refuted, but no kernel shows it: " + o.reason);
    } else {
      ++refuted_;
      mutants_.push_back(bug + ": refuted, and shown by a kernel: " + shown->title + "\n" +
                         shown->trace);
    }
  }

  void set(report::Verdict verdict, std::string word, std::string reason) {
    verdict_ = verdict;
    word_ = std::move(word);
    reason_ = std::move(reason);
  }

  void decide() {
    const Outcome& o = own_->outcome;
    switch (o.verdict) {
      case Verdict::refuted:
        return set(report::Verdict::violated, "refuted", o.reason);
      case Verdict::vacuous:
        return set(report::Verdict::violated, "vacuous", o.reason);
      case Verdict::unknown:
        return set(report::Verdict::unknown, "unknown", o.reason);
      case Verdict::proved:
        break;
    }
    if (options_.audit && theorem_.of_code && theorem_.mutants.empty()) {
      set(report::Verdict::violated, "unaudited", "it has no mutant");
    } else if (!missed_.empty()) {
      set(report::Verdict::violated, "insensitive", "it also holds with " + missed_);
    } else if (!not_shown_.empty()) {
      set(report::Verdict::violated, "not shown", "no kernel shows the failure of " + not_shown_);
    } else if (!own_->opinion.disagreed.empty()) {
      set(report::Verdict::violated, "disputed", "cvc5 finds a state: " + own_->opinion.disagreed);
    } else if (!own_->opinion.unknown.empty()) {
      set(report::Verdict::unknown, "undecided by cvc5", own_->opinion.unknown);
    } else {
      set(report::Verdict::holds, "proved", "");
    }
  }

  const Theorem& theorem_;
  const ProveOptions& options_;
  const Task* own_ = nullptr;
  double seconds_ = 0;
  std::size_t refuted_ = 0;
  std::string missed_, not_shown_;
  std::vector<std::string> mutants_;
  report::Verdict verdict_ = report::Verdict::not_run;
  std::string word_, reason_;
};

}  // namespace

std::string progress_line(const Progress& p) {
  std::ostringstream text;
  text << "[" << p.done << "/" << p.of << "] " << p.name << ": " << p.verdict << ", " << std::fixed
       << std::setprecision(2) << p.seconds << " s";
  return text.str();
}

std::vector<std::string> theorem_names(std::string_view glob) {
  std::vector<std::string> names;
  for (const Theorem* t : theorems_like(glob)) names.emplace_back(t->name);
  return names;
}

std::string flags_page() { return forbidden_page(); }

bool prove(const ProveOptions& options, report::Report& out,
           const std::function<void(const Progress&)>& progress, std::string& error) {
  if (!options.mutants.empty()) {
    survey(options, out, progress);
    return true;
  }
  if (options.cvc5 && !has_cvc5()) {
    error = "cvc5 is not installed; run: apt-get install cvc5";
    return false;
  }
  std::error_code failed;
  if (!options.dump.empty()) std::filesystem::create_directories(options.dump, failed);
  if (failed) {
    error = options.dump + " cannot be made: " + failed.message();
    return false;
  }
  Run run(options, progress);
  run.all();
  report::Table table{
      .title = "Theorems",
      .columns = {"theorem", "verdict", "cases", "paths", "queries", "mutants refuted", "seconds"},
      .rows = {}};
  for (const Task& t : run.tasks()) {
    if (error.empty()) error = t.error;
  }
  for (std::size_t i = 0; i < run.theorems().size(); ++i) {
    const Row row(*run.theorems()[i], run.tasks(), i, options);
    out.checks.push_back(row.check());
    table.rows.push_back(row.cells());
    for (report::Finding& f : row.findings()) out.findings.push_back(std::move(f));
  }
  out.tables.push_back(std::move(table));
  return error.empty();
}

}  // namespace proofs
