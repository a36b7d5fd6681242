// What a run has met: rules and injected failures, errnos by call, and the shapes of states.
//
// Counted from the reference's results while programs run. A rule that the standard run never
// fires is a hole in the generator, and fails its test (coverage_test.cc).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "abi/system.h"
#include "props/generate/live.h"

namespace props {

// Properties of a state; each is a number that is sampled while programs run.
enum class Shape : std::uint8_t {
  running,       // tasks that can make calls
  threads,       // … that are not their group's first
  blocked,       // in vfork
  ended,         // zombies and dying inits
  nsproxies,     // different ones among the running tasks
  user_level,    // deepest user namespace of a running task
  pid_level,     // deepest active pid namespace
  pid_pending,   // running tasks whose children go to another pid namespace
  time_pending,  // running tasks whose time namespace for children is another
  chrooted,      // running tasks
  open_files,
  binds,
};
inline constexpr std::size_t kShapes = 12;
std::string_view says(Shape shape);

// How often a number was 0, 1, 2, 3…4, 5…8, 9…16, 17…32, more.
inline constexpr std::size_t kBuckets = 8;
using Histogram = std::array<std::uint64_t, kBuckets>;
std::string_view bucket_name(std::size_t bucket);

class Coverage {
 public:
  static constexpr std::size_t kErrnos = 128;

  void count(const abi::Call& call, const abi::Result& result);
  // At the end of a program, with the number of whole-state checks made and what they and those
  // after each call had to say.
  void count_program(std::uint64_t whole_checks, std::span<const std::uint64_t> exercised);
  // Samples the shape of a state; level(object) is a namespace's level.
  template <class Level>
  void sample(const Live& live, const Level& level);
  void add(const Coverage& other);

  std::uint64_t programs() const { return programs_; }
  std::uint64_t calls() const { return calls_; }
  std::uint64_t skipped() const { return skipped_; }
  std::uint64_t faulted() const { return faulted_; }
  std::uint64_t whole_checks() const { return whole_checks_; }
  std::uint64_t rule(std::size_t index) const { return index < rules_.size() ? rules_[index] : 0; }
  // Results of one kind of call, by errno; skipped ones are not among them.
  std::uint64_t outcome(std::size_t op, std::size_t error) const { return outcomes_[op][error]; }
  // How often an invariant had something to say, and in how many programs; by the model's index.
  std::uint64_t exercised(std::size_t invariant) const {
    return invariant < exercised_.size() ? exercised_[invariant].times : 0;
  }
  std::uint64_t exercised_in(std::size_t invariant) const {
    return invariant < exercised_.size() ? exercised_[invariant].programs : 0;
  }
  const Histogram& shape(Shape shape) const { return shapes_[static_cast<std::size_t>(shape)]; }
  std::uint64_t most(Shape shape) const { return most_[static_cast<std::size_t>(shape)]; }

 private:
  void sample(Shape shape, std::uint64_t value);

  struct Exercise {
    std::uint64_t times = 0, programs = 0;
  };

  std::vector<std::uint64_t> rules_;  // by Result::rule
  std::vector<Exercise> exercised_;   // by invariant
  std::array<std::array<std::uint64_t, kErrnos>, abi::kOps> outcomes_{};
  std::array<Histogram, kShapes> shapes_{};
  std::array<std::uint64_t, kShapes> most_{};
  std::uint64_t programs_ = 0, calls_ = 0, skipped_ = 0, faulted_ = 0, whole_checks_ = 0;
};

template <class Level>
void Coverage::sample(const Live& live, const Level& level) {
  std::array<std::uint64_t, kShapes> now{};
  const auto at = [&](Shape shape) -> std::uint64_t& {
    return now[static_cast<std::size_t>(shape)];
  };
  abi::ObjId last_nsproxy = abi::kNoObject;
  for (const std::uint32_t n : live.running().items()) {
    const LiveTask& task = live.task(abi::TaskId{n});
    const auto& ns = task.view.ns;
    const auto link = [&](abi::NsLink l) { return ns[index(l)]; };
    at(Shape::threads) += task.group != n;
    at(Shape::chrooted) += task.view.chrooted;
    at(Shape::nsproxies) += task.view.nsproxy != last_nsproxy;
    last_nsproxy = task.view.nsproxy;
    at(Shape::time_pending) += link(abi::NsLink::time) != link(abi::NsLink::time_for_children);
    at(Shape::pid_pending) += link(abi::NsLink::pid) != link(abi::NsLink::pid_for_children);
    for (const auto& [shape, l] : {std::pair{Shape::user_level, abi::NsLink::user},
                                   std::pair{Shape::pid_level, abi::NsLink::pid}}) {
      const std::uint64_t depth = link(l) == abi::kNoObject ? 0 : level(link(l));
      if (depth > at(shape)) at(shape) = depth;
    }
  }
  at(Shape::running) = live.running().size();
  at(Shape::blocked) = live.blocked().size();
  at(Shape::ended) = live.ended().size();
  at(Shape::open_files) = live.files().size();
  at(Shape::binds) = live.binds().size();
  for (std::size_t shape = 0; shape < kShapes; ++shape) {
    sample(static_cast<Shape>(shape), now[shape]);
  }
}

}  // namespace props
