// Which optimizations a kernel is built with, each switchable alone, and whether bugs are seeded.
//
// `baseline` is a faithful port: nothing here is on. `optimized` has all that measure faster. Each
// entry says what it does and when that is right; the code beside each use says no more than that.
#pragma once

#include "impl/bugs.h"

namespace impl {

enum Optimization : unsigned {
  // clone's and unshare's flag checks: one mask says that no rule can fire. Right because every
  // rule of the staged checks needs a bit of that mask; a word with one goes through the stages.
  kOnePassFlags = 1u << 0,
  // Free objects are kept per processor and type. Right because an object in a magazine can be
  // reached from nowhere else; whoever takes it initializes it before publishing.
  kMagazines = 1u << 1,
  // Initial namespaces are not counted. Right because they are never freed: no decision depends on
  // their counts (REF-11; Linux does so from 6.19 on).
  kUncountedInitial = 1u << 2,
  // A task that replaces a nsproxy which only it holds moves the unchanged references into the new
  // one instead of taking eight and dropping eight. Right because the old count is first taken from
  // 1 to 0 in one step: a reader who holds or gets a snapshot makes that fail, and the references
  // are then counted after all. The published object itself is never written (DATA-01).
  kTakeOver = 1u << 3,
  // Dropping the only reference needs no atomic read-modify-write. Right for objects that nobody
  // can reach without already holding a reference (fs, files, mm, sighand, signal, undo lists).
  kSoleOwnerPut = 1u << 4,
  // As long as a kernel has one processor, its counts, claims and locks are plain memory, as Linux
  // patches lock prefixes away. Right because a processor is used by one OS thread at a time, and
  // another one can only be added while no call runs.
  kUniprocessor = 1u << 5,
  // Charging the caller's own user finds its ucounts in its credentials, not in the list under the
  // lock. Right because the credentials hold them.
  kOwnUcounts = 1u << 6,
};
inline constexpr unsigned kNoOptimization = 0;
inline constexpr unsigned kAllOptimizations = kOnePassFlags | kMagazines | kUncountedInitial |
                                              kTakeOver | kSoleOwnerPut | kUniprocessor |
                                              kOwnUcounts;

template <unsigned optimizations, class BugsT = NoBugs>
struct Policy {
  using Bugs = BugsT;
  static constexpr bool has(Optimization o) { return (optimizations & o) != 0; }
};

using BaselinePolicy = Policy<kNoOptimization>;
using OptimizedPolicy = Policy<kAllOptimizations>;
// The faithful port, plus the switches of bugs.h. A bug that is in an optimization turns it on.
using SeededPolicy = Policy<kNoOptimization, SeededBug>;

}  // namespace impl
