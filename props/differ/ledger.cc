#include "props/differ/ledger.h"

#include "props/generate/random.h"

namespace props {

// Owners are named differently on each side, and are left out.
std::uint64_t Ledger::hash(const abi::ObjectView& view) {
  if (!view.alive) return 0;
  std::uint64_t word = (static_cast<std::uint64_t>(view.detail) + 1) * 0xd6e8feb86659fd93;
  if (view.counted) word ^= std::uint64_t{view.refs} << 8 ^ std::uint64_t{view.active} << 36;
  return scramble(word + view.counted);
}

void Ledger::clear() {
  numbers_.clear();
  entries_.resize(1);
  sums_.fill(0);
  forget_changes();
}

void Ledger::forget_changes() {
  changed_.clear();
  born_.clear();
}

std::uint32_t Ledger::find(abi::ObjId id) {
  std::uint32_t& number = numbers_[id];
  if (number == 0) {
    number = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back({.id = id, .view = {}, .partner = 0, .hash = 0});
  }
  return number;
}

void Ledger::see(abi::ObjId id, const abi::ObjectView& view) {
  const std::uint32_t number = find(id);
  Entry& entry = entries_[number];
  if (entry.view == view || (!entry.view.alive && !view.alive)) return;
  sums_[index(entry.view.kind)] -= entry.hash;
  entry.hash = hash(view);
  sums_[index(view.kind)] += entry.hash;
  if (!entry.view.alive) born_.push_back(number);
  changed_.push_back(number);
  entry.view = view;
}

void Renaming::clear() {
  there_.clear();
  back_.clear();
}

bool Renaming::relate(std::uint64_t a, std::uint64_t b) {
  if (a == 0 || b == 0) return a == b;
  std::uint64_t& there = there_[a];
  if (there == b) return true;
  std::uint64_t& back = back_[b];
  if (there != 0 || back != 0) return false;
  there = b;
  back = a;
  return true;
}

}  // namespace props
