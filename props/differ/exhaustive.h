// Every program up to a length over a small alphabet, canonical states only.
//
// A breadth-first walk over the reference's states. From each state every letter of the alphabet is
// tried, and both systems are compared after it as in any run; a letter that leads to a state that
// was met before is compared but not followed, so what is behind it is tried once. Each new state
// is also ended (Ending), which looks for leaks. Letters that change nothing need no new systems.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "abi/system.h"
#include "props/differ/difference.h"
#include "props/generate/live.h"

namespace props {

inline constexpr std::uint32_t kAlphabetTasks = 3;  // t0 to t2
inline constexpr std::uint32_t kAlphabetFiles = 2;  // f0 and f1

// A call; names that it would bind are filled in for the state (named_for).
using Letter = abi::Call;
// One hundred and some: each call, with the flags and faults that lead somewhere else.
std::vector<Letter> alphabet();
// The letter as a call in that state; nothing if it has no name left to bind, or names what was
// never there.
std::optional<abi::Call> named_for(const Letter& letter, const Live& live);

struct ExhaustiveProgress {
  std::size_t length = 0;  // of the programs being tried
  std::uint64_t states = 0;
  std::uint64_t calls = 0;
  double seconds = 0;
};

struct ExhaustiveOptions {
  abi::Setup setup;
  std::size_t length = 3;                                   // of the longest programs
  std::chrono::milliseconds time{0};                        // 0: no limit
  std::function<void(const ExhaustiveProgress&)> progress;  // now and then
};

struct ExhaustiveResult {
  std::size_t length = 0;    // up to which all programs were tried
  std::uint64_t states = 0;  // different ones, the first included
  std::uint64_t calls = 0;   // compared
  double seconds = 0;
  std::optional<Difference> difference;
  abi::Program program;  // that shows it
};

}  // namespace props
