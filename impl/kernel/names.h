// The names that a program gives to tasks and files, and what they stand for.
//
// Numbers are small and dense, because programs count upwards; a stray large one goes to a map. A
// name is reserved before the call that binds it runs, so that two calls at once cannot bind the
// same one. Mirrors nothing: a kernel has descriptors and pids here.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>

namespace impl {

template <class T>
class Names {
 public:
  // What a name stands for: nothing yet, something that is gone, something that a running call is
  // making, or an object.
  class Entry {
   public:
    // Acquire: partner of set().
    T* object() const {
      const std::uintptr_t bits = bits_.load(std::memory_order_acquire);
      return bits > kMaking ? reinterpret_cast<T*>(bits) : nullptr;  // NOLINT
    }
    // Was an object once, or is one.
    bool known() const {
      const std::uintptr_t bits = bits_.load(std::memory_order_relaxed);
      return bits == kGone || bits > kMaking;
    }
    // The object was made before and is reachable from here on. Release: partner of object().
    void set(T* object) {
      bits_.store(reinterpret_cast<std::uintptr_t>(object), std::memory_order_release);  // NOLINT
    }
    void set_gone() { bits_.store(kGone, std::memory_order_relaxed); }
    // Takes the name for a call that may bind it; `before` undoes that. False if it is in use.
    bool reserve(std::uintptr_t& before) {
      before = bits_.load(std::memory_order_relaxed);
      return before < kMaking &&
             bits_.compare_exchange_strong(before, kMaking, std::memory_order_relaxed);
    }
    void unreserve(std::uintptr_t before) { bits_.store(before, std::memory_order_relaxed); }
    // Takes the object away from its name, for one caller only. Acquire: as object().
    T* take() {
      std::uintptr_t bits = bits_.load(std::memory_order_relaxed);
      do {
        if (bits <= kMaking) return nullptr;
      } while (!bits_.compare_exchange_weak(bits, kNever, std::memory_order_acquire,
                                            std::memory_order_relaxed));
      return reinterpret_cast<T*>(bits);  // NOLINT
    }

   private:
    static constexpr std::uintptr_t kNever = 0, kGone = 1, kMaking = 2;
    std::atomic<std::uintptr_t> bits_{kNever};
  };

  Entry& operator[](std::uint32_t n) {
    if (n >= kDense) return sparse(n);
    const std::uint32_t shifted = n + kFirstChunk;
    const auto chunk =
        static_cast<std::size_t>(std::bit_width(shifted) - std::bit_width(kFirstChunk));
    // Acquire: partner of grow().
    Entry* entries = chunks_[chunk].load(std::memory_order_acquire);
    if (entries == nullptr) [[unlikely]] {
      entries = grow(chunk);
    }
    return entries[shifted - (kFirstChunk << chunk)];
  }

 private:
  static constexpr std::uint32_t kFirstChunk = 64;  // chunk c holds kFirstChunk << c
  static constexpr std::size_t kChunks = 15;
  static constexpr std::uint32_t kDense = (kFirstChunk << kChunks) - kFirstChunk;

  Entry* grow(std::size_t chunk) {
    const std::lock_guard guard(lock_);
    if (!memory_[chunk]) {
      memory_[chunk] = std::make_unique<Entry[]>(std::size_t{kFirstChunk} << chunk);
      // Release: partner of operator[].
      chunks_[chunk].store(memory_[chunk].get(), std::memory_order_release);
    }
    return memory_[chunk].get();
  }
  Entry& sparse(std::uint32_t n) {
    const std::lock_guard guard(lock_);
    return sparse_[n];
  }

  std::array<std::atomic<Entry*>, kChunks> chunks_{};
  std::array<std::unique_ptr<Entry[]>, kChunks> memory_;
  std::mutex lock_;
  std::unordered_map<std::uint32_t, Entry> sparse_;
};

}  // namespace impl
