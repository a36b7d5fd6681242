// The memory that the supervisor and its puppets share, and the scripts that puppets run.
//
// A puppet is one task of a program under test. It does nothing of its own: the supervisor writes a
// script of raw system calls into the puppet's slot, the puppet runs it and notes each result. The
// slots lie in a memfd that is mapped at the same address everywhere, so a channel survives every
// namespace, every chroot, a new descriptor table and (by mapping again) execve. Stacks lie beside
// it in private memory: a fork copies its parent's, a CLONE_VM child has its own by slot.
//
// Both sides are this same binary, so the layout is no interface.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace props::agent {

// An argument of a step: a number, or something that is only known when the step runs.
enum class ArgKind : std::uint8_t {
  number,
  result,  // of the step with that index
  load,    // the 32-bit word at that address
  // The same, but a number that no process has for 0: kill(0) and wait4(0) mean process groups.
  load_pid,
};
inline constexpr std::int32_t kNoSuchPid = 0x7fffffff;  // above every pid_max

// A step is carried out if the step that it needs went well (or ill).
struct Need {
  std::int8_t step = -1;  // none
  bool success = true;
};

inline constexpr std::size_t kMaxArgs = 6;
struct Step {
  std::int64_t number = 0;  // of the system call
  std::array<std::uint64_t, kMaxArgs> argument{};
  std::array<ArgKind, kMaxArgs> kind{};
  Need need;
  std::int16_t child = -1;  // the slot of the task that it makes, if it returns twice
  std::uint64_t store = 0;  // address for a successful result, as 32 bits; 0: none
};

inline constexpr std::int64_t kNotCarriedOut = INT64_MIN;
inline constexpr std::size_t kMaxSteps = 24;
inline constexpr std::size_t kBufferSize = 9216;  // more than a page: clone3's oversized struct

struct Slot {
  // The number of the newest script, written by the supervisor; a futex.
  std::atomic<std::uint32_t> command{0};
  // The number of the script carried out last, written by the puppet.
  std::atomic<std::uint32_t> done{0};
  // How often a puppet has begun to run here: at birth and after each execve.
  std::atomic<std::uint32_t> births{0};
  // Its ids in the supervisor's /proc, valid after a birth.
  std::int32_t tgid = 0;
  std::int32_t tid = 0;

  std::uint32_t steps = 0;
  std::array<Step, kMaxSteps> step{};
  std::array<std::int64_t, kMaxSteps> result{};
  alignas(16) std::array<char, kBufferSize> buffer{};  // what steps' pointers point to
};

inline constexpr std::size_t kSlots = 256;
struct Shared {
  // Counts everything that a puppet does; the supervisor sleeps on it.
  std::atomic<std::uint32_t> bell{0};
  std::array<Slot, kSlots> slot;
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);

// Far from where a static binary, its heap and its stack live, and below 2^39, where the address
// space of user-mode Linux ends; or else above the sanitizers' shadows.
#ifdef __SANITIZE_ADDRESS__
inline constexpr std::uintptr_t kSharedAt = 0x200000000000;
#else
inline constexpr std::uintptr_t kSharedAt = 0x2000000000;
#endif
inline constexpr std::uintptr_t kStacksAt = kSharedAt + 0x100000000;
inline constexpr std::size_t kStackSize = 16384;

inline Shared* shared() { return reinterpret_cast<Shared*>(kSharedAt); }
inline void* stack_top(std::size_t slot) {
  return reinterpret_cast<void*>(kStacksAt + (slot + 1) * kStackSize);
}

// The descriptors that every puppet has from birth.
enum PuppetFd : int {
  kProcFd = 100,  // the directory /proc of the supervisor
  kProgramFd,     // this binary
  kSharedFd,      // the memfd
  kSocketFd,      // descriptors come and go here
  kPlaceFd,       // the directory that is the root of the initial mount namespace
  kCgroupFd,      // the root of a cgroup2 file system, if there is one
  kFirstFreeFd,
};

}  // namespace props::agent
