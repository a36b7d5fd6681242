// Storage for the model's records: slots that are reused, with ids that are not.
//
// A Pool hands out slots; a slot's generation grows each time it is freed, so that an id made of
// both names one record for ever. FlatMap is a hash map from 64-bit keys to slots for the few
// places where the kernel looks something up by value (pid numbers, ucounts).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace model {

using Slot = std::uint32_t;
inline constexpr Slot kNoSlot = 0xffffffff;
inline constexpr Slot kGone = 0xfffffffe;  // a name whose bearer is gone (Names)

template <class T>
class Pool {
 public:
  Slot make() {
    ++live_;
    if (!free_.empty()) {
      const Slot slot = free_.back();
      free_.pop_back();
      const std::uint32_t generation = items_[slot].generation;
      items_[slot] = T{};
      items_[slot].generation = generation;
      items_[slot].alive = true;
      return slot;
    }
    items_.emplace_back();
    items_.back().alive = true;
    return static_cast<Slot>(items_.size() - 1);
  }
  void free(Slot slot) {
    --live_;
    items_[slot].alive = false;
    ++items_[slot].generation;
    free_.push_back(slot);
  }
  T& operator[](Slot slot) { return items_[slot]; }
  const T& operator[](Slot slot) const { return items_[slot]; }
  Slot size() const { return static_cast<Slot>(items_.size()); }
  std::uint32_t live() const { return live_; }

 private:
  std::vector<T> items_;
  std::vector<Slot> free_;
  std::uint32_t live_ = 0;
};

// Open addressing with linear probing; a key of 0 marks an empty place, so keys are never 0.
class FlatMap {
 public:
  Slot find(std::uint64_t key) const {
    if (keys_.empty()) return kNoSlot;
    for (std::size_t i = home(key);; i = (i + 1) & mask()) {
      if (keys_[i] == key) return values_[i];
      if (keys_[i] == 0) return kNoSlot;
    }
  }
  void insert(std::uint64_t key, Slot value) {
    if ((used_ + 1) * 2 > keys_.size()) grow();
    std::size_t i = home(key);
    while (keys_[i] != 0) i = (i + 1) & mask();
    keys_[i] = key;
    values_[i] = value;
    ++used_;
  }
  void erase(std::uint64_t key) {
    if (keys_.empty()) return;
    std::size_t i = home(key);
    while (keys_[i] != key) {
      if (keys_[i] == 0) return;
      i = (i + 1) & mask();
    }
    // Moves later entries of the probe run back, so that no search stops at the gap.
    for (std::size_t j = (i + 1) & mask(); keys_[j] != 0; j = (j + 1) & mask()) {
      if (((j - home(keys_[j])) & mask()) >= ((j - i) & mask())) {
        keys_[i] = keys_[j];
        values_[i] = values_[j];
        i = j;
      }
    }
    keys_[i] = 0;
    --used_;
  }

 private:
  std::size_t mask() const { return keys_.size() - 1; }
  std::size_t home(std::uint64_t key) const {
    return static_cast<std::size_t>((key * 0x9e3779b97f4a7c15u) >> 20) & mask();
  }
  void grow() {
    std::vector<std::uint64_t> keys(keys_.empty() ? 16 : keys_.size() * 2, 0);
    std::vector<Slot> values(keys.size(), kNoSlot);
    keys.swap(keys_);
    values.swap(values_);
    used_ = 0;
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i] != 0) insert(keys[i], values[i]);
    }
  }
  std::vector<std::uint64_t> keys_;
  std::vector<Slot> values_;
  std::size_t used_ = 0;
};

// Program-chosen names (TaskId, FileId, BindId) to slots: dense for the small numbers that programs
// use, so that a hostile t4000000000 costs one entry and not four billion.
class Names {
 public:
  Slot find(std::uint32_t name) const {
    if (name < dense_.size()) return dense_[name];
    return name < kDense ? kNoSlot : sparse_.find(std::uint64_t{name} + 1);
  }
  void set(std::uint32_t name, Slot slot) {
    if (name >= kDense) {
      sparse_.erase(std::uint64_t{name} + 1);
      if (slot != kNoSlot) sparse_.insert(std::uint64_t{name} + 1, slot);
      return;
    }
    if (name >= dense_.size()) dense_.resize(std::max<std::size_t>(name + 1, 16), kNoSlot);
    dense_[name] = slot;
  }

 private:
  static constexpr std::uint32_t kDense = 1u << 22;
  std::vector<Slot> dense_;
  FlatMap sparse_;
};

}  // namespace model
