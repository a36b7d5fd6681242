// Memory: a slab per type, with a magazine of free objects per processor in front of it.
//
// Mirrors mm/slub.c in the little that matters here: objects stay constructed, a free one's memory
// is reused for the same type only, and a processor's own free objects come back to it first. An
// ObjId is the object's kind, slot and generation, so that it is never given twice and leads back
// to the object without a table.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "impl/object/object.h"

namespace impl {

// ObjId = generation << 29 | slot << 5 | kind + 1.
struct ObjIdParts {
  static constexpr unsigned kKindBits = 5, kSlotBits = 24;
  static constexpr std::uint64_t kMaxSlots = std::uint64_t{1} << kSlotBits;
  static constexpr std::uint64_t kGeneration = std::uint64_t{1} << (kKindBits + kSlotBits);

  static constexpr abi::ObjId first(std::size_t kind, std::uint64_t slot) {
    return slot << kKindBits | (kind + 1);
  }
  static constexpr std::size_t kind(abi::ObjId id) {
    return (id & ((1u << kKindBits) - 1)) - 1;  // no kind: huge
  }
  static constexpr std::uint64_t slot(abi::ObjId id) { return id >> kKindBits & (kMaxSlots - 1); }
};

template <class K, class T>
class Slab {
 public:
  Slab() = default;
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  // Takes up to n free objects; at least one. A young kernel hands out slots that were never used,
  // so that the ids of a short program are small and dense.
  template <class M>
  std::size_t take(M& m, T** out, std::size_t n) {
    m.lock(lock_);
    std::size_t taken = 0;
    while (taken < n && !free_.empty() && !fresh_first()) {
      out[taken++] = free_.back();
      free_.pop_back();
    }
    if (taken == 0) out[taken++] = fresh();
    m.unlock(lock_);
    return taken;
  }
  template <class M>
  void give(M& m, T* const* in, std::size_t n) {
    m.lock(lock_);
    free_.insert(free_.end(), in, in + n);
    m.unlock(lock_);
  }

  bool fresh_first() const { return used_.load(std::memory_order_relaxed) < kFreshFirst; }

  // The live object of that id, or null. No call may be running.
  T* find(abi::ObjId id) const {
    const std::uint64_t slot = ObjIdParts::slot(id);
    if (slot >= used_.load(std::memory_order_relaxed)) return nullptr;
    T* const o = at(slot);
    return o->live && o->id == id ? o : nullptr;
  }
  template <class F>
  void for_each(F&& f) const {
    const std::uint64_t used = used_.load(std::memory_order_acquire);  // partner: fresh()
    for (std::uint64_t slot = 0; slot < used; ++slot) {
      if (T* const o = at(slot); o->live) f(*o);
    }
  }

 private:
  static constexpr std::uint64_t kFirstChunk = 8;  // chunk c holds kFirstChunk << c
  static constexpr std::uint64_t kFreshFirst = 48;
  static constexpr std::size_t kChunks = 21;

  static std::size_t chunk_of(std::uint64_t slot) {
    return static_cast<std::size_t>(std::bit_width(slot / kFirstChunk + 1)) - 1;
  }
  T* at(std::uint64_t slot) const {
    const std::size_t chunk = chunk_of(slot);
    return &chunks_[chunk][slot + kFirstChunk - (kFirstChunk << chunk)];
  }
  T* fresh() {
    const std::uint64_t slot = used_.load(std::memory_order_relaxed);
    const std::size_t chunk = chunk_of(slot);
    if (slot >= ObjIdParts::kMaxSlots || chunk >= kChunks) throw std::bad_alloc();
    if (!chunks_[chunk]) chunks_[chunk] = std::make_unique<T[]>(kFirstChunk << chunk);
    T* const o = at(slot);
    o->id = ObjIdParts::first(T::kKind, slot);
    used_.store(slot + 1, std::memory_order_release);  // partner: for_each()
    return o;
  }

  typename K::Lock lock_;
  std::atomic<std::uint64_t> used_{0};
  std::array<std::unique_ptr<T[]>, kChunks> chunks_;
  std::vector<T*> free_;
};

// One processor's free objects of one type.
template <class T>
struct Magazine {
  static constexpr std::size_t kSize = 32;
  std::size_t n = 0;
  std::array<T*, kSize> objects;  // the first n
};

}  // namespace impl
