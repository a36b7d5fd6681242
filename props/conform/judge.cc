#include "props/conform/judge.h"

#include <map>

#include "model/model.h"

namespace props::conform {
namespace {

constexpr Scope kSeen{.steps = false, .values = true, .objects = false, .nsproxy = false};

class Judge {
 public:
  Judge(const abi::Setup& setup, const agent::Unseen& unseen, Comparison& work)
      : model_(setup), unseen_(unseen), work_(work) {
    work_.start(kSeen);
  }

  void begin(const std::vector<abi::TaskEntry>& start) {
    take_in(start);
    for (const abi::TaskEntry& task : start) compare(task.id);
  }

  abi::Result step(const systems::Recording::Step& step, std::size_t at) {
    work_.begin(at);
    const abi::Result reference = model_.apply(step.call);
    work_.results(step.call, reference, step.result);
    if (!work_.agrees()) return reference;
    take_in(step.changed);
    for (const abi::TaskId id : model_.touched_tasks()) compare(id);
    for (const abi::TaskEntry& task : step.changed) compare(task.id);
    for (const agent::Relation& relation : step.relations) {
      // A user namespace's parent is its owner.
      const bool user = relation.type == abi::NsType::user;
      work_.owner(relation.ns, user ? relation.parent : relation.owner,
                  [this](abi::ObjId ns) { return model_.object(ns).owner; });
    }
    return reference;
  }

  void end(const std::vector<abi::TaskEntry>& all, std::size_t at) {
    work_.begin(at);
    take_in(all);
    for (const abi::TaskEntry& task : model_.view().tasks) compare(task.id);
    for (const auto& [n, view] : shown_) compare({n});
  }

  const std::string& limit() const { return limit_; }

 private:
  void take_in(const std::vector<abi::TaskEntry>& tasks) {
    for (const abi::TaskEntry& task : tasks) {
      if (task.view.state == abi::TaskState::none) {
        shown_.erase(task.id.n);
      } else {
        shown_[task.id.n] = task.view;
      }
    }
  }

  void compare(abi::TaskId id) {
    abi::TaskView reference = model_.task(id);
    const auto at = shown_.find(id.n);
    abi::TaskView seen = at == shown_.end() ? abi::TaskView{} : at->second;
    hide(unseen_, reference);
    hide(unseen_, seen);
    if (reference.chrooted && !seen.chrooted && seen.state != abi::TaskState::none) {
      limit_ = "a root that is a mount of another namespace looks like no chroot (SETNS-44)";
      return;
    }
    work_.tasks(id, reference, seen);
  }

  model::Model model_;
  agent::Unseen unseen_;
  Comparison& work_;
  std::map<std::uint32_t, abi::TaskView> shown_;
  std::string limit_;
};

}  // namespace

Judgement judge(const abi::Setup& setup, const systems::Recording& recording,
                const agent::Unseen& unseen, Comparison& work, Coverage* coverage) {
  Judgement out;
  out.trace.setup = setup;
  Judge judge(setup, unseen, work);
  judge.begin(recording.start);
  bool whole = recording.lost.empty();
  for (const systems::Recording::Step& step : recording.steps) {
    if (!step.not_run.empty()) continue;
    if (!work.agrees()) break;
    const abi::Result reference = judge.step(step, out.trace.lines.size());
    out.trace.lines.push_back(
        {.call = step.call, .expected = expectation_of(step.call, reference)});
    out.last = step.result;
    out.limit = judge.limit();
    if (coverage != nullptr) coverage->count(step.call, reference);
    if (!out.limit.empty()) {
      whole = false;
      break;
    }
  }
  if (work.agrees() && whole) judge.end(recording.end, out.trace.lines.size());
  if (coverage != nullptr) coverage->count_program(whole ? 1 : 0, {});
  out.limit = judge.limit();
  out.difference = work.take_found();
  return out;
}

std::string rule_text(const abi::Result& reference) {
  if (reference.rule == 0) return "";
  const model::RuleInfo& rule = model::rules()[reference.rule];
  const std::string versions = abi::versions_text(rule.since, rule.until);
  return std::string(rule.id) + " (" + std::string(rule.function) +
         (versions.empty() ? "" : ", Linux " + versions) + "): " + std::string(rule.says);
}

}  // namespace props::conform
