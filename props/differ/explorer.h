// The walk of the exhaustive run (exhaustive.h), as a template over both systems.
#pragma once

#include <unordered_set>
#include <utility>
#include <vector>

#include "model/canonical.h"
#include "props/differ/exhaustive.h"
#include "props/differ/lockstep.h"

namespace props {

// MakeR and MakeS are called with the Setup and return the two systems.
template <class MakeR, class MakeS>
class Explorer {
 public:
  Explorer(const MakeR& make_reference, const MakeS& make_subject, const ExhaustiveOptions& options)
      : make_reference_(make_reference), make_subject_(make_subject), options_(options) {}

  ExhaustiveResult run() {
    std::vector<abi::Program> level(1);
    states_.insert(state_after({}));
    for (std::size_t length = 1; length <= options_.length && !level.empty(); ++length) {
      length_ = length;
      std::vector<abi::Program> next;
      for (const abi::Program& program : level) {
        if (!expand(program, next)) return finish();
      }
      result_.length = length;
      level = std::move(next);
    }
    // Nothing new is reached by longer programs either.
    if (level.empty()) result_.length = options_.length;
    return finish();
  }

 private:
  using Clock = std::chrono::steady_clock;
  using R = decltype(std::declval<const MakeR&>()(abi::Setup{}));
  using S = decltype(std::declval<const MakeS&>()(abi::Setup{}));

  // Two systems at the end of a program.
  struct Pair {
    Pair(const Explorer& e, Workspace& work)
        : reference(e.make_reference_(e.options_.setup)),
          subject(e.make_subject_(e.options_.setup)),
          lockstep(reference, subject, work, e.run_) {}
    R reference;
    S subject;
    Lockstep<R, S> lockstep;
  };

  std::uint64_t state_after(const abi::Program& program) {
    Pair pair(*this, work_);
    replay(pair, program);
    return digest(pair.reference, kAlphabetTasks);
  }

  void replay(Pair& pair, const abi::Program& program) {
    for (std::size_t i = 0; i < program.size(); ++i) pair.lockstep.step(program[i], i);
  }

  // Tries every letter after the program. False: a difference, or the time is up.
  bool expand(const abi::Program& program, std::vector<abi::Program>& next) {
    std::optional<Pair> pair;
    std::uint64_t here = 0;
    for (const Letter& letter : letters_) {
      if (!pair) {
        pair.emplace(*this, work_);
        replay(*pair, program);
        here = digest(pair->reference, kAlphabetTasks);
      }
      const std::optional<abi::Call> call = named_for(letter, work_.live);
      if (!call) continue;
      ++result_.calls;
      if (!pair->lockstep.step(*call, program.size())) return found(program, *call);
      if (pair->lockstep.last().skipped) continue;
      const bool touched =
          !pair->reference.touched_objects().empty() || !pair->reference.touched_tasks().empty();
      if (!touched && !pair->lockstep.last().ok()) continue;
      const std::uint64_t there = digest(pair->reference, kAlphabetTasks);
      if (there == here) continue;
      if (states_.insert(there).second) {
        abi::Program longer = program;
        longer.push_back(*call);
        if (!end(*pair, longer)) return false;
        if (length_ < options_.length) next.push_back(std::move(longer));
      }
      pair.reset();
    }
    return in_time();
  }

  // Ends a new state: nothing may be left.
  bool end(Pair& pair, const abi::Program& program) {
    abi::Program whole = program;
    Ending ending;
    while (const abi::Call* call = ending.next(work_.live, pair.lockstep.last())) {
      if (!pair.lockstep.step(*call, whole.size())) return found(whole, *call);
      whole.push_back(*call);
    }
    if (pair.lockstep.compare_whole()) return true;
    result_.difference = work_.comparison.take_found();
    result_.program = std::move(whole);
    return false;
  }

  bool found(const abi::Program& program, const abi::Call& call) {
    result_.difference = work_.comparison.take_found();
    result_.program = program;
    result_.program.push_back(call);
    return false;
  }

  bool in_time() {
    const auto took = Clock::now() - start_;
    if (options_.progress && took >= next_progress_) {
      next_progress_ = took + std::chrono::milliseconds(250);
      options_.progress(
          {length_, states_.size(), result_.calls, std::chrono::duration<double>(took).count()});
    }
    return options_.time.count() == 0 || took < options_.time;
  }

  ExhaustiveResult finish() {
    result_.states = states_.size();
    result_.seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    return std::move(result_);
  }

  const MakeR& make_reference_;
  const MakeS& make_subject_;
  const ExhaustiveOptions& options_;
  const RunOptions run_;
  const std::vector<Letter> letters_ = alphabet();
  const Clock::time_point start_ = Clock::now();
  Clock::duration next_progress_{};
  std::size_t length_ = 0;
  Workspace work_;
  std::unordered_set<std::uint64_t> states_;
  ExhaustiveResult result_;
};

}  // namespace props
