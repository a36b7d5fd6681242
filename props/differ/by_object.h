// A table by ObjId, which is never 0, for one program: filled as it runs, then cleared.
//
// Systems number objects as they like, so the ids are words without order; open addressing keeps a
// look-up at a few instructions, which is what the runner does most.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace props {

template <class T>
class ByObject {
 public:
  ByObject() : slots_(kLeast) {}

  // Adds a T{} if there is none. The reference holds until the next new id.
  T& operator[](std::uint64_t id) {
    Slot* slot = find(id);
    if (slot->id == id) return slot->value;
    if ((used_.size() + 1) * 2 > slots_.size()) {
      grow();
      slot = find(id);
    }
    *slot = {id, T{}};
    used_.push_back(static_cast<std::uint32_t>(slot - slots_.data()));
    return slot->value;
  }
  void clear() {
    for (const std::uint32_t at : used_) slots_[at] = Slot{};
    used_.clear();
  }

 private:
  static constexpr std::size_t kLeast = 512;  // a power of two, as is every size
  struct Slot {
    std::uint64_t id = 0;  // 0: free
    T value{};
  };

  // Where the id is, or the free slot where it would be.
  Slot* find(std::uint64_t id) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = static_cast<std::size_t>((id * 0x9e3779b97f4a7c15) >> 32) & mask;
    while (slots_[at].id != id && slots_[at].id != 0) at = (at + 1) & mask;
    return &slots_[at];
  }

  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (std::uint32_t& at : used_) {
      Slot* slot = find(old[at].id);
      *slot = std::move(old[at]);
      at = static_cast<std::uint32_t>(slot - slots_.data());
    }
  }

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> used_;  // indices of used slots: clearing costs what was filled
};

}  // namespace props
