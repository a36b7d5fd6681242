// Building a puppet's script, on the supervisor's side.
//
//     Script script(slot);
//     const Step open = script.call(SYS_openat, {kProcFd, script.text("1/ns/uts"), O_RDONLY});
//     script.call(SYS_ioctl, {result_of(open), NS_GET_NSTYPE, 0}, after(open));
//
// Pointers among the arguments point into the slot's buffer, which has the same address in every
// puppet. A script that does not fit says so (overflowed()) and must not be started.
#pragma once

#include <concepts>
#include <cstring>
#include <initializer_list>
#include <new>
#include <string_view>
#include <type_traits>

#include "props/agent/shared.h"

namespace props::agent {

struct StepId {
  std::size_t n = 0;
};

// A step's argument: any integer, pointer or deferred value.
struct Arg {
  ArgKind kind = ArgKind::number;
  std::uint64_t value = 0;

  template <std::integral T>
  Arg(T v) : value(static_cast<std::uint64_t>(v)) {}  // NOLINT: implicit, like a system call's
  template <class T>
  requires std::is_enum_v<T> Arg(T v) : value(static_cast<std::uint64_t>(v)) {}  // NOLINT: likewise
  Arg(const void* p) : value(reinterpret_cast<std::uint64_t>(p)) {}              // NOLINT: likewise
  Arg(std::nullptr_t) {}                                                         // NOLINT: likewise
  Arg(ArgKind k, std::uint64_t v) : kind(k), value(v) {}
};

inline Arg result_of(StepId step) { return {ArgKind::result, step.n}; }
inline Arg load(const std::int32_t* word) {
  return {ArgKind::load, reinterpret_cast<std::uint64_t>(word)};
}
inline Arg load_pid(const std::int32_t* word) {
  return {ArgKind::load_pid, reinterpret_cast<std::uint64_t>(word)};
}
inline Need after(StepId step) { return {static_cast<std::int8_t>(step.n), true}; }
inline Need unless(StepId step) { return {static_cast<std::int8_t>(step.n), false}; }

class Script {
 public:
  // Begins a new script in a slot whose puppet is idle or not yet born.
  explicit Script(std::size_t index) : index_(index), slot_(shared()->slot[index]) {
    slot_.steps = 0;
  }

  StepId call(std::int64_t number, std::initializer_list<Arg> args, Need need = {}) {
    if (slot_.steps == kMaxSteps || args.size() > kMaxArgs) {
      overflowed_ = true;
      return {};
    }
    Step& step = slot_.step[slot_.steps];
    step = {.number = number, .need = need};
    std::size_t i = 0;
    for (const Arg& a : args) {
      step.argument[i] = a.value;
      step.kind[i++] = a.kind;
    }
    return {slot_.steps++};
  }

  // The step returns twice: the task that it makes becomes the puppet of slot `child`.
  void makes(StepId step, std::size_t child) {
    slot_.step[step.n].child = static_cast<std::int16_t>(child);
  }
  // The step's result, if it succeeds, is also written to a word of the buffer.
  void store(StepId step, std::int32_t* word) {
    slot_.step[step.n].store = reinterpret_cast<std::uint64_t>(word);
  }

  // Space in the slot's buffer, zeroed.
  void* space(std::size_t size) {
    constexpr std::size_t kAlign = 16;
    const std::size_t at = used_;
    used_ += (size + kAlign - 1) / kAlign * kAlign;
    if (used_ > kBufferSize) {
      overflowed_ = true;
      used_ = at;
      return slot_.buffer.data();
    }
    return std::memset(slot_.buffer.data() + at, 0, size);
  }
  template <class T>
  T* put(const T& value = {}) {
    static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= kBufferSize);
    return new (space(sizeof(T))) T(value);
  }
  const char* text(std::string_view text) {
    if (text.size() >= kBufferSize) {
      overflowed_ = true;
      return slot_.buffer.data();
    }
    void* copy = space(text.size() + 1);
    std::memcpy(copy, text.data(), overflowed_ ? 0 : text.size());
    return static_cast<const char*>(copy);
  }

  std::int64_t result(StepId step) const { return slot_.result[step.n]; }
  std::size_t slot() const { return index_; }
  bool overflowed() const { return overflowed_; }

 private:
  std::size_t index_;
  Slot& slot_;
  std::size_t used_ = 0;
  bool overflowed_ = false;
};

}  // namespace props::agent
