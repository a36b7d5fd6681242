// Runs a program on a reference and a subject at once and compares them after every call.
//
// Templates over both systems; each pair is instantiated in one .cc file (props/subjects/), so that
// the loop is compiled once and everything else includes subject.h only.
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "abi/recent_ids.h"
#include "abi/system.h"
#include "model/model.h"
#include "props/coverage/coverage.h"
#include "props/differ/compare.h"
#include "props/differ/run.h"
#include "props/generate/live.h"

namespace props {

// The side that knows what is right: it checks itself and knows who holds what.
template <class R>
concept Reference = abi::IncrementalSystem<R> &&
    requires(const R& r, abi::ObjId id, model::Exercised* e) {
  { r.check(e) } -> std::convertible_to<std::vector<model::Violation>>;
  { r.check_touched(e) } -> std::convertible_to<std::vector<model::Violation>>;
  { r.holders(id) } -> std::convertible_to<std::vector<model::Holder>>;
  { r.describe(id) } -> std::convertible_to<std::string>;
};

template <Reference R, abi::IncrementalSystem S>
class Lockstep {
 public:
  Lockstep(R& reference, S& subject, Workspace& work, const RunOptions& options)
      : reference_(reference), subject_(subject), work_(work), options_(options) {
    work_.comparison.start(options.scope);
    work_.live.clear();
    work_.visits.clear();
    see_whole(reference_.view(), subject_.view());
  }

  // False once the two differ.
  bool step(const abi::Call& call, std::size_t at) {
    Comparison& comparison = work_.comparison;
    comparison.begin(at);
    last_ = reference_.apply(call);
    const abi::Result subject = subject_.apply(call);
    if constexpr (requires { subject_.trouble(); }) {
      // What makes everything else that it shows meaningless.
      if (!subject_.trouble().empty()) comparison.differ(Check::misuse, subject_.trouble());
    }
    comparison.results(call, last_, subject);
    if (!comparison.agrees()) return false;
    work_.live.see_call(call, last_);
    if (last_.skipped) return true;
    see_touched(at);
    if (options_.invariants) judge(reference_.check_touched(&exercised_));
    return comparison.agrees();
  }

  // Everything at once: whole views, and every invariant.
  bool compare_whole() {
    const abi::View reference = reference_.view();
    const abi::View subject = subject_.view();
    compare_task_lists(reference, subject);
    if (options_.scope.objects) {
      work_.comparison.whole(Comparison::kReference, reference, reference_.totals());
      work_.comparison.whole(Comparison::kSubject, subject, subject_.totals());
      work_.comparison.totals(reference.totals, subject.totals);
    }
    if (options_.invariants) judge(reference_.check(&exercised_));
    if constexpr (requires { subject_.count_failures(); }) {
      if (const auto failures = subject_.count_failures(); !failures.empty()) {
        work_.comparison.differ(Check::misuse, std::string(name(failures.front().what)));
      }
    }
    ++whole_checks_;
    return work_.comparison.agrees();
  }

  void sample(Coverage& coverage) const {
    coverage.sample(work_.live, [this](abi::ObjId id) {
      return static_cast<std::uint64_t>(reference_.object(id).detail);
    });
  }

  const abi::Result& last() const { return last_; }
  std::uint64_t whole_checks() const { return whole_checks_; }
  const model::Exercised& exercised() const { return exercised_; }

 private:
  void see_whole(const abi::View& reference, const abi::View& subject) {
    for (const abi::ObjectEntry& entry : reference.objects) {
      work_.comparison.see(Comparison::kReference, entry.id, entry.view);
    }
    for (const abi::ObjectEntry& entry : subject.objects) {
      work_.comparison.see(Comparison::kSubject, entry.id, entry.view);
    }
    compare_task_lists(reference, subject);
    for (const abi::TaskEntry& task : reference.tasks) work_.live.see_task(task.id, task.view);
    if (!options_.scope.objects) return;
    work_.comparison.objects();
    work_.comparison.totals(reference_.totals(), subject_.totals());
  }

  void compare_task_lists(const abi::View& reference, const abi::View& subject) {
    if (reference.tasks.size() != subject.tasks.size()) {
      work_.comparison.differ(Check::task, std::to_string(reference.tasks.size()) +
                                               " tasks against " +
                                               std::to_string(subject.tasks.size()));
      return;
    }
    for (std::size_t i = 0; i < reference.tasks.size(); ++i) {
      const abi::TaskEntry& a = reference.tasks[i];
      const abi::TaskEntry& b = subject.tasks[i];
      if (a.id != b.id) {
        work_.comparison.differ(Check::task, "t" + std::to_string(a.id.n) + " against t" +
                                                 std::to_string(b.id.n) + " in the list of tasks");
        return;
      }
      work_.comparison.tasks(a.id, a.view, b.view);
    }
  }

  void see_touched(std::size_t at) {
    if (options_.scope.objects) {
      see_objects(Comparison::kReference, reference_);
      see_objects(Comparison::kSubject, subject_);
    }
    for (const abi::TaskId id : reference_.touched_tasks()) compare_task(id, at);
    for (const abi::TaskId id : subject_.touched_tasks()) compare_task(id, at);
    if (!options_.scope.objects) return;
    work_.comparison.objects();
    work_.comparison.totals(reference_.totals(), subject_.totals());
  }

  void see_objects(Comparison::Side side, const auto& system) {
    abi::RecentIds seen;
    for (const abi::ObjId id : system.touched_objects()) {
      if (!seen.again(id)) work_.comparison.see(side, id, system.object(id));
    }
  }

  // Once for each call, though both sides name it, and perhaps more than once.
  void compare_task(abi::TaskId id, std::size_t at) {
    if (id.n >= work_.visits.size()) work_.visits.resize(id.n + std::size_t{16});
    if (work_.visits[id.n] == at + 1) return;
    work_.visits[id.n] = at + 1;
    const abi::TaskView view = reference_.task(id);
    work_.comparison.tasks(id, view, subject_.task(id));
    work_.live.see_task(id, view);
  }

  void judge(const std::vector<model::Violation>& violations) {
    if (violations.empty()) return;
    const model::Violation& first = violations.front();
    work_.comparison.differ(Check::invariant, std::string(first.invariant) + ": " + first.what);
  }

  R& reference_;
  S& subject_;
  Workspace& work_;
  const RunOptions& options_;
  abi::Result last_;
  std::uint64_t whole_checks_ = 0;
  model::Exercised exercised_{};
};

}  // namespace props
