// The puppet's loop. Everything below run_puppet() may run on memory that it shares with a blocked
// or a running parent: no locks, no allocation, no thread-local storage (raw.h).
#include "props/agent/puppet.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <cstdlib>

#include "props/agent/raw.h"
#include "props/agent/shared.h"

namespace props::agent {
namespace {

std::uint64_t address(const void* p) { return reinterpret_cast<std::uint64_t>(p); }

void wake(std::atomic<std::uint32_t>& word) {
  raw_syscall(SYS_futex, address(&word), FUTEX_WAKE, 1);
}

void ring() {
  // Release: pairs with the acquire load of the bell in Puppets::wait(). What the puppet wrote into
  // its slot is visible to a supervisor that has seen the bell.
  shared()->bell.fetch_add(1, std::memory_order_release);
  wake(shared()->bell);
}

// Reads a number and stops at the first other character.
const char* read_number(const char* text, std::int32_t& out) {
  out = 0;
  for (; *text >= '0' && *text <= '9'; ++text) out = out * 10 + (*text - '0');
  return text;
}

// /proc/thread-self says "TGID/task/TID" as that /proc numbers them: the supervisor's names for
// this task, which the task itself cannot know inside of pid namespaces.
void announce(Slot& slot) {
  char text[64];
  const std::int64_t size =
      raw_syscall(SYS_readlinkat, kProcFd, address("thread-self"), address(text), sizeof text - 1);
  slot.tgid = slot.tid = 0;
  if (size > 0) {
    text[size] = '\0';
    const char* rest = read_number(text, slot.tgid);
    constexpr int kBetween = 6;  // "/task/"
    for (int i = 0; i < kBetween && *rest != '\0'; ++i) ++rest;
    read_number(rest, slot.tid);
  }
  // Release: pairs with the acquire load of births in Puppets::born().
  slot.births.fetch_add(1, std::memory_order_release);
  ring();
}

void child_main(void* slot) { run_puppet(static_cast<std::size_t>(address(slot))); }

std::uint64_t argument(const Slot& slot, const Step& step, std::size_t i) {
  const std::uint64_t value = step.argument[i];
  switch (step.kind[i]) {
    case ArgKind::number:
      return value;
    case ArgKind::result:
      return static_cast<std::uint64_t>(slot.result[value]);
    case ArgKind::load:
    case ArgKind::load_pid:
      break;
  }
  const auto word = *reinterpret_cast<const std::int32_t*>(value);
  if (step.kind[i] == ArgKind::load_pid && word == 0) return kNoSuchPid;
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(word));
}

std::int64_t carry_out(const Slot& slot, const Step& step) {
  if (step.need.step >= 0) {
    const std::int64_t earlier = slot.result[static_cast<std::size_t>(step.need.step)];
    if (earlier == kNotCarriedOut || failed(earlier) == step.need.success) return kNotCarriedOut;
  }
  std::uint64_t a[kMaxArgs];
  for (std::size_t i = 0; i < kMaxArgs; ++i) a[i] = argument(slot, step, i);
  if (step.child >= 0) {
    const auto child = static_cast<std::size_t>(step.child);
    return raw_clone(step.number, a, stack_top(child), child_main, reinterpret_cast<void*>(child));
  }
  const std::int64_t result = raw_syscall(step.number, a[0], a[1], a[2], a[3], a[4], a[5]);
  if (step.store != 0 && !failed(result)) {
    *reinterpret_cast<std::int32_t*>(step.store) = static_cast<std::int32_t>(result);
  }
  return result;
}

void* map_at(std::uintptr_t at, std::size_t size, int flags, int fd) {
  return mmap(reinterpret_cast<void*>(at), size, PROT_READ | PROT_WRITE,
              flags | MAP_FIXED_NOREPLACE, fd, 0);
}

}  // namespace

bool map_shared(int memfd) {
  void* memory = map_at(kSharedAt, sizeof(Shared), MAP_SHARED, memfd);
  void* stacks =
      map_at(kStacksAt, kSlots * kStackSize, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
  return memory == shared() && stacks == reinterpret_cast<void*>(kStacksAt);
}

namespace {

// Carries out one script after the other, from the one after `done` on.
[[noreturn]] void serve(Slot& slot) {
  for (;;) {
    const std::uint32_t last = slot.done.load(std::memory_order_relaxed);
    // Acquire: pairs with the release store of command in Puppets::start(), after the script.
    const std::uint32_t command = slot.command.load(std::memory_order_acquire);
    if (command == last) {
      raw_syscall(SYS_futex, address(&slot.command), FUTEX_WAIT, last);
      continue;
    }
    for (std::uint32_t i = 0; i < slot.steps && i < kMaxSteps; ++i) {
      slot.result[i] = carry_out(slot, slot.step[i]);
    }
    // Release: pairs with the acquire load of done in Puppets::idle(), before the results.
    slot.done.store(command, std::memory_order_release);
    ring();
  }
}

}  // namespace

void run_puppet(std::size_t index) {
  Slot& slot = shared()->slot[index];
  announce(slot);
  serve(slot);
}

int puppet_main(const char* slot) {
  const auto index = static_cast<std::size_t>(std::strtoul(slot, nullptr, 10));
  if (index >= kSlots || !map_shared(kSharedFd)) return 1;
  // A script that execve cut short is over, but not before the birth can be seen: one that is over
  // without a birth is an execve that failed.
  Slot& mine = shared()->slot[index];
  const std::uint32_t cut_short = mine.command.load(std::memory_order_relaxed);
  announce(mine);
  mine.done.store(cut_short, std::memory_order_release);
  ring();
  serve(mine);
}

}  // namespace props::agent
