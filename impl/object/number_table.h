// Process numbers of one pid namespace: which are taken, and by whom.
//
// Mirrors the namespace's idr (kernel/pid.c). Open addressing with linear probing; erasing moves
// the followers back, so that there are no tombstones. Numbers are positive. Not thread-safe: the
// kernel's pid lock is around it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace impl {

template <class T>
class NumberTable {
 public:
  // Null if the number is free. A reserved number has a holder that is not attached yet.
  T* find(std::int32_t number) const {
    if (slots_.empty()) return nullptr;
    for (std::size_t i = home(number);; i = next(i)) {
      if (slots_[i].number == number) return slots_[i].value;
      if (slots_[i].number == 0) return nullptr;
    }
  }
  // The number must be free.
  void insert(std::int32_t number, T* value) {
    if (2 * (used_ + 1) > slots_.size()) grow();
    place(number, value);
    ++used_;
  }
  void erase(std::int32_t number) {
    std::size_t hole = home(number);
    while (slots_[hole].number != number) hole = next(hole);
    for (std::size_t i = next(hole); slots_[i].number != 0; i = next(i)) {
      // An entry may move back if its home is not between the hole and its place.
      const std::size_t from_home = (i - home(slots_[i].number)) & mask();
      if (from_home < ((i - hole) & mask())) continue;
      slots_[hole] = slots_[i];
      hole = i;
    }
    slots_[hole] = {};
    --used_;
  }
  // In no particular order. The table must not change meanwhile.
  template <class F>
  void for_each(F&& f) const {
    for (const Slot& slot : slots_) {
      if (slot.number != 0) f(*slot.value);
    }
  }
  // Forgets everything and keeps the memory.
  void clear() {
    if (used_ == 0) return;
    for (Slot& slot : slots_) slot = {};
    used_ = 0;
  }

 private:
  struct Slot {
    std::int32_t number = 0;
    T* value = nullptr;
  };

  std::size_t mask() const { return slots_.size() - 1; }
  std::size_t home(std::int32_t number) const { return static_cast<std::size_t>(number) & mask(); }
  std::size_t next(std::size_t i) const { return (i + 1) & mask(); }
  void place(std::int32_t number, T* value) {
    std::size_t i = home(number);
    while (slots_[i].number != 0) i = next(i);
    slots_[i] = {number, value};
  }
  void grow() {
    std::vector<Slot> old(slots_.empty() ? 8 : 2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.number != 0) place(slot.number, slot.value);
    }
  }

  std::vector<Slot> slots_;  // a power of two, at most half full
  std::size_t used_ = 0;
};

}  // namespace impl
