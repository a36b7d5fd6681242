// The names that a program gives to tasks and files, and what they stand for.
//
// Numbers are small and dense, because programs count upwards; a stray large one goes to a map. A
// name is reserved before the call that binds it runs, so that two calls at once cannot bind the
// same one. Mirrors nothing: a kernel has descriptors and pids here.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>

namespace impl {

template <class M, class T>
class Names {
 public:
  // What a name stands for: nothing yet, something that is gone, something that a running call is
  // making, or an object.
  class Entry {
   public:
    T* object(M& m) const {
      T* const now = m.load(to_);
      return is_object(now) ? now : nullptr;
    }
    // Was an object once, or is one.
    bool known(M& m) const {
      T* const now = m.load(to_);
      return now == gone() || is_object(now);
    }
    // The object was made before and is reachable from here on.
    void set(M& m, T* object) { m.publish(to_, object); }
    void set_gone(M& m) { m.publish(to_, gone()); }
    // Takes the name for a call that may bind it; `before` undoes that. False if it is in use.
    bool reserve(M& m, T*& before) {
      before = m.load(to_);
      return before != making() && !is_object(before) && m.replace(to_, before, making());
    }
    void unreserve(M& m, T* before) { m.publish(to_, before); }
    // Takes the object away from its name, for one caller only.
    T* take(M& m) {
      T* now = m.load(to_);
      while (is_object(now)) {
        if (m.replace(to_, now, static_cast<T*>(nullptr))) return now;
      }
      return nullptr;
    }

   private:
    // Addresses that no object has.
    static T* gone() { return reinterpret_cast<T*>(std::uintptr_t{1}); }    // NOLINT
    static T* making() { return reinterpret_cast<T*>(std::uintptr_t{2}); }  // NOLINT
    static bool is_object(const T* p) { return p != nullptr && p != gone() && p != making(); }

    typename M::template Pointer<T> to_;
  };

  Entry& at(M& m, std::uint32_t n) {
    if (n >= kDense) return sparse(m, n);
    const std::uint32_t shifted = n + kFirstChunk;
    const auto chunk =
        static_cast<std::size_t>(std::bit_width(shifted) - std::bit_width(kFirstChunk));
    Entry* entries = m.load(chunks_[chunk]);
    if (entries == nullptr) [[unlikely]] {
      entries = grow(m, chunk);
    }
    return entries[shifted - (kFirstChunk << chunk)];
  }

 private:
  static constexpr std::uint32_t kFirstChunk = 64;  // chunk c holds kFirstChunk << c
  static constexpr std::size_t kChunks = 15;
  static constexpr std::uint32_t kDense = (kFirstChunk << kChunks) - kFirstChunk;

  Entry* grow(M& m, std::size_t chunk) {
    m.lock(lock_);
    if (!memory_[chunk]) {
      memory_[chunk] = std::make_unique<Entry[]>(std::size_t{kFirstChunk} << chunk);
      m.publish(chunks_[chunk], memory_[chunk].get());
    }
    m.unlock(lock_);
    return memory_[chunk].get();
  }
  Entry& sparse(M& m, std::uint32_t n) {
    m.lock(lock_);
    Entry& entry = sparse_[n];
    m.unlock(lock_);
    return entry;
  }

  std::array<typename M::template Pointer<Entry>, kChunks> chunks_;
  std::array<std::unique_ptr<Entry[]>, kChunks> memory_;
  typename M::Lock lock_;
  std::unordered_map<std::uint32_t, Entry> sparse_;  // entries stay where they are
};

}  // namespace impl
