#include "props/coverage/coverage.h"

#include <algorithm>
#include <bit>

namespace props {

std::string_view says(Shape shape) {
  static constexpr std::string_view kSays[kShapes] = {
      "running tasks",
      "of them threads",
      "blocked in vfork",
      "zombies and dying inits",
      "nsproxies",
      "deepest user namespace",
      "deepest pid namespace",
      "tasks with a pending pid namespace",
      "tasks with a pending time namespace",
      "chrooted tasks",
      "open files",
      "binds",
  };
  return kSays[static_cast<std::size_t>(shape)];
}

std::string_view bucket_name(std::size_t bucket) {
  static constexpr std::string_view kNames[kBuckets] = {"0",   "1",    "2",     "3-4",
                                                        "5-8", "9-16", "17-32", "33+"};
  return kNames[bucket];
}

void Coverage::count(const abi::Call& call, const abi::Result& result) {
  ++calls_;
  faulted_ += call.fault != 0;
  if (result.skipped) {
    ++skipped_;
    return;
  }
  if (result.rule >= rules_.size()) rules_.resize(result.rule + std::size_t{1});
  ++rules_[result.rule];
  const auto error = static_cast<std::size_t>(result.error);
  ++outcomes_[call.op.index()][std::min(error, kErrnos - 1)];
}

void Coverage::count_program(std::uint64_t whole_checks, std::span<const std::uint64_t> exercised) {
  ++programs_;
  whole_checks_ += whole_checks;
  if (exercised_.size() < exercised.size()) exercised_.resize(exercised.size());
  for (std::size_t i = 0; i < exercised.size(); ++i) {
    exercised_[i].times += exercised[i];
    exercised_[i].programs += exercised[i] != 0;
  }
}

void Coverage::sample(Shape shape, std::uint64_t value) {
  const std::size_t s = static_cast<std::size_t>(shape);
  const std::size_t bucket =
      value < 2 ? value : static_cast<std::size_t>(std::bit_width(value - 1)) + 1;
  ++shapes_[s][std::min(bucket, kBuckets - 1)];
  most_[s] = std::max(most_[s], value);
}

void Coverage::add(const Coverage& other) {
  if (rules_.size() < other.rules_.size()) rules_.resize(other.rules_.size());
  for (std::size_t i = 0; i < other.rules_.size(); ++i) rules_[i] += other.rules_[i];
  if (exercised_.size() < other.exercised_.size()) exercised_.resize(other.exercised_.size());
  for (std::size_t i = 0; i < other.exercised_.size(); ++i) {
    exercised_[i].times += other.exercised_[i].times;
    exercised_[i].programs += other.exercised_[i].programs;
  }
  for (std::size_t op = 0; op < abi::kOps; ++op) {
    for (std::size_t e = 0; e < kErrnos; ++e) outcomes_[op][e] += other.outcomes_[op][e];
  }
  for (std::size_t s = 0; s < kShapes; ++s) {
    for (std::size_t b = 0; b < kBuckets; ++b) shapes_[s][b] += other.shapes_[s][b];
    most_[s] = std::max(most_[s], other.most_[s]);
  }
  programs_ += other.programs_;
  calls_ += other.calls_;
  skipped_ += other.skipped_;
  faulted_ += other.faulted_;
  whole_checks_ += other.whole_checks_;
}

}  // namespace props
