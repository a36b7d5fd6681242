// Seeded bugs: mistakes that somebody made or could make, as switches in the implementation.
//
// A policy names its bugs' type. NoBugs is what ships: has() is a constant, and the compiler drops
// the other branch. SeededBug compares with one value given at run time, so that a single further
// instantiation serves all mutants. In code it reads
//
//     if (!cpu.bug(Bug::kFreeForgetsSecondTime)) put_time_ns(cpu, ns->time_ns_for_children);
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "abi/namespace.h"

namespace impl {

enum class Bug : std::uint16_t {
  kNone,
  kCount,  // number of entries, not a bug
};

// What a bug breaks, and so which check should see it.
enum class BugGroup : std::uint8_t { flags, counts, rollback, caps, order, time, active, memory };

struct BugInfo {
  Bug bug = Bug::kNone;
  std::string_view name;    // "free_forgets_second_time"
  std::string_view says;    // one sentence
  std::string_view source;  // BUG-xx or MUT-xx of semantics.md, or "own"
  BugGroup group = BugGroup::counts;
};

// Every bug but kNone, in the enum's order.
std::span<const BugInfo> bugs();
std::string_view name(BugGroup g);

struct NoBugs {
  static constexpr bool kSeeded = false;
  static constexpr bool has(Bug) { return false; }
};

class SeededBug {
 public:
  static constexpr bool kSeeded = true;
  SeededBug() = default;
  explicit SeededBug(Bug active) : active_(active) {}
  bool has(Bug b) const { return b == active_; }

 private:
  Bug active_ = Bug::kNone;
};

}  // namespace impl
