// Subject for one reference type and one way of making a subject: included where it is
// instantiated, nowhere else.
#pragma once

#include <concepts>
#include <string>
#include <utility>

#include "props/coverage/coverage.h"
#include "props/differ/explorer.h"
#include "props/differ/lockstep.h"
#include "props/differ/remains.h"
#include "props/differ/run.h"

namespace props {

// Make is called with the Setup and returns the system under test.
template <Reference R, class Make>
class PairSubject : public Subject {
 public:
  explicit PairSubject(std::string name, Make make = {})
      : name_(std::move(name)), make_(std::move(make)) {}

  std::string_view name() const override { return name_; }

  Run run(const abi::Setup& setup, Source& source, const RunOptions& options, Workspace& work,
          Coverage* coverage) const override {
    R reference(setup);
    auto subject = make_(setup);
    work.program.clear();
    Lockstep lockstep(reference, subject, work, options);
    bool agrees = work.comparison.agrees() && drive(lockstep, source, options, work, coverage);
    if (agrees && options.ending) {
      Ending ending;
      agrees = drive(lockstep, ending, options, work, nullptr);
      // Files that no task was left to close keep what they hold.
      if (agrees && work.live.files().empty()) check_remains(reference, work.comparison);
    }
    if (agrees) {
      work.comparison.begin(work.program.size());
      lockstep.compare_whole();
    }
    if (coverage != nullptr) coverage->count_program(lockstep.whole_checks(), lockstep.exercised());
    return {work.program.size(), work.comparison.take_found()};
  }

  std::optional<Story> tell(const abi::Setup& setup, const abi::Program& program,
                            const RunOptions& options) const override {
    Workspace work;
    ProgramSource whole(program);
    Run run = this->run(setup, whole, options, work, nullptr);
    if (!run.difference) return std::nullopt;
    Story story;
    story.trace.setup = setup;
    story.difference = std::move(*run.difference);
    R reference(setup);
    for (const abi::Call& call : work.program) {
      const abi::Result result = reference.apply(call);
      story.trace.lines.push_back({.call = call, .expected = expectation_of(result)});
    }
    const Difference& difference = story.difference;
    if (const std::size_t rule = difference.reference.rule; rule != 0) {
      const model::RuleInfo& info = model::rules()[rule];
      story.rule =
          std::string(info.id) + " (" + std::string(info.function) + "): " + std::string(info.says);
    } else if (difference.reference.ok()) {
      story.rule = "none refuses it: the call passes on the model";
    }
    for (const abi::ObjId id : story.difference.objects) {
      if (id == abi::kNoObject) continue;
      story.holders.push_back(reference.describe(id));
      rename(story.difference.what, id, story.holders.back());
    }
    return story;
  }

  // Only the model knows which of its states are the same.
  ExhaustiveResult explore(const ExhaustiveOptions& options) const override {
    if constexpr (std::same_as<R, model::Model>) {
      const auto make = [](const abi::Setup& setup) { return R(setup); };
      return Explorer(make, make_, options).run();
    } else {
      return {};
    }
  }

 private:
  static constexpr std::size_t kSampleEvery = 16;  // calls

  // "object 1729382256910270470" says less than what a description begins with: "uts:1, owned by
  // …".
  static void rename(std::string& text, abi::ObjId id, const std::string& description) {
    const std::string number = "object " + std::to_string(id);
    const std::string name = description.substr(0, description.find_first_of(" ,"));
    const std::size_t at = text.find(number);
    if (at != std::string::npos) text.replace(at, number.size(), name);
  }

  template <class L>
  bool drive(L& lockstep, Source& source, const RunOptions& options, Workspace& work,
             Coverage* coverage) const {
    while (const abi::Call* call = source.next(work.live, lockstep.last())) {
      const std::size_t at = work.program.size();
      work.program.push_back(*call);
      if (!lockstep.step(*call, at)) return false;
      if (coverage != nullptr) {
        coverage->count(*call, lockstep.last());
        if (at % kSampleEvery == kSampleEvery - 1) lockstep.sample(*coverage);
      }
      if (at % options.whole_every == options.whole_every - 1 && !lockstep.compare_whole()) {
        return false;
      }
    }
    return true;
  }

  // Only what a system has when its first task has gone may be left, and what its semaphore keeps,
  // unless binds that nobody may unmount keep more.
  void check_remains(const R& reference, Comparison& comparison) const {
    R bare(reference.setup());
    bare.apply({.caller = abi::kInitialTask, .op = abi::Exit{}});
    const abi::Totals expected = bare.totals();
    if (reference.totals() == expected) return;
    const abi::Totals left = Remains(reference).totals();
    if (left == expected || left[index(abi::ObjKind::mount)] != 0) return;
    for (std::size_t kind = 0; kind < abi::kObjKinds; ++kind) {
      if (left[kind] == expected[kind]) continue;
      comparison.differ(Check::leak, std::to_string(left[kind]) + " " +
                                         std::string(abi::name(static_cast<abi::ObjKind>(kind))) +
                                         " objects are left, " + std::to_string(expected[kind]) +
                                         " expected");
    }
  }

  std::string name_;
  Make make_;
};

}  // namespace props
