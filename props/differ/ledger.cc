#include "props/differ/ledger.h"

#include <algorithm>

#include "props/generate/random.h"

namespace props {

// Owners are named differently on each side, and are left out.
std::uint64_t Ledger::hash(const abi::ObjectView& view) {
  if (!view.alive) return 0;
  std::uint64_t word = (static_cast<std::uint64_t>(view.detail) + 1) * 0xd6e8feb86659fd93;
  if (view.counted) word ^= std::uint64_t{view.refs} << 8 ^ std::uint64_t{view.active} << 36;
  return scramble(word + view.counted);
}

std::uint32_t& Ledger::place(abi::ObjId id) {
  const std::size_t mask = places_.size() - 1;
  std::size_t at = static_cast<std::size_t>((id * 0x9e3779b97f4a7c15) >> 32) & mask;
  while (places_[at] != 0 && entries_[places_[at]].id != id) at = (at + 1) & mask;
  return places_[at];
}

void Ledger::grow() {
  places_.assign(places_.size() * 2, 0);
  for (std::uint32_t n = 1; n < entries_.size(); ++n) place(entries_[n].id) = n;
}

void Ledger::clear() {
  std::fill(places_.begin(), places_.end(), 0);
  entries_.resize(1);
  sums_.fill(0);
  forget_changes();
}

void Ledger::forget_changes() {
  changed_.clear();
  born_.clear();
}

std::uint32_t Ledger::find(abi::ObjId id) {
  if (entries_.size() * 2 > places_.size()) grow();
  std::uint32_t& number = place(id);
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
