// Swarm testing: what one program likes to do.
//
// A generator that draws every call with the same weights makes programs that are all alike, and
// some states need many calls of one kind and none of another. So each program first draws a mix:
// which calls, flags and types it favours or never makes, how often it injects faults, how many
// tasks it keeps, threads or processes, deep or flat. (Groce and others, "Swarm testing", 2012.)
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <vector>

#include "abi/system.h"
#include "props/generate/random.h"

namespace props {

// What the programs of a run may contain: real kernels take no faults, for example.
struct Limits {
  std::vector<abi::Profile> profiles;  // empty: all standard ones, and configurations of them
  std::bitset<abi::kOps> calls = std::bitset<abi::kOps>{}.set();
  bool faults = true;
  bool root_only = false;  // t0 is uid 0 with all capabilities
  bool wild = true;        // unknown bits, bad pointers, odd sizes
  std::uint32_t max_length = 600;
  std::uint32_t max_tasks = 64;
};

// Shares are of 256.
struct Mix {
  abi::Setup setup;
  std::uint32_t length = 64;
  std::uint32_t max_tasks = 12;
  std::uint32_t max_files = 12;
  std::bitset<abi::kOps> allowed;
  std::array<std::uint8_t, 256> calls{};            // an index into abi::Op, by weight
  std::array<std::uint8_t, abi::kNsTypes> types{};  // each CLONE_NEW* flag
  std::uint8_t thread = 0;                          // a clone makes a thread
  std::uint8_t vm = 0;                              // … a process on the same mm
  std::uint8_t share = 0;                           // each of FS, FILES, SYSVSEM, SIGHAND
  std::uint8_t extra = 0;   // each of PARENT, PIDFD, INTO_CGROUP, set_tid, …
  std::uint8_t newest = 0;  // the newest task calls: deep trees
  std::uint8_t plan = 0;    // starts a plan (plans.h)
  std::uint8_t fault = 0;
  std::uint8_t wild = 0;
  std::uint8_t stale = 0;      // an operand is a name that is dead or was never bound
  std::uint8_t deep_user = 0;  // plans nest user namespaces to the limit
  std::uint8_t deep_pid = 0;
};

Mix draw_mix(Random& random, const Limits& limits);

}  // namespace props
