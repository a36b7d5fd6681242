// What one side of a comparison has shown of its objects so far.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "abi/view.h"
#include "props/differ/by_object.h"

namespace props {

struct Entry {
  abi::ObjId id = abi::kNoObject;
  abi::ObjectView view;       // alive = false: never seen, or dead
  std::uint32_t partner = 0;  // the other ledger's entry for the same object, 0 for none yet
  std::uint64_t hash = 0;     // of the view
};

class Ledger {
 public:
  using Sums = std::array<std::uint64_t, abi::kObjKinds>;

  void clear();
  void see(abi::ObjId id, const abi::ObjectView& view);
  // The number of an object's entry, which is made if need be; numbers begin with 1.
  std::uint32_t find(abi::ObjId id);
  // 0 if it was never seen.
  std::uint32_t known(abi::ObjId id) const { return const_cast<Ledger*>(this)->place(id); }
  Entry& operator[](std::uint32_t number) { return entries_[number]; }
  const Entry& operator[](std::uint32_t number) const { return entries_[number]; }

  // Entries seen changed, and of them those that became alive, since forget_changes().
  const std::vector<std::uint32_t>& changed() const { return changed_; }
  const std::vector<std::uint32_t>& born() const { return born_; }
  void forget_changes();

  // By kind: the sum over its live objects of a hash of each one's properties.
  const Sums& sums() const { return sums_; }
  static std::uint64_t hash(const abi::ObjectView& view);

 private:
  // Where the number of an id's entry is, or 0 where it would be. Ids are the entries' own: a small
  // table, which is what the runner looks at most.
  std::uint32_t& place(abi::ObjId id);
  void grow();

  static constexpr std::size_t kLeast = 512;  // a power of two, as is every size
  std::vector<std::uint32_t> places_ = std::vector<std::uint32_t>(kLeast);
  std::vector<Entry> entries_{1};
  Sums sums_{};
  std::vector<std::uint32_t> changed_, born_;
};

// A relation between two systems' numbers that stays one to one.
class Renaming {
 public:
  void clear();
  // Relates a to b. False if either is related to something else; 0 is related to 0 only.
  bool relate(std::uint64_t a, std::uint64_t b);

 private:
  ByObject<std::uint64_t> there_, back_;
};

}  // namespace props
