// Read sections: readers that take no lock, and writers who wait for them before reusing memory.
//
// liburcu, memb flavour: entering a section is a store and a compiler barrier, waiting is two
// membarrier(2) calls, so that all cost is the writers'. Wrapped so that liburcu's headers stay in
// one .cc file, and so that the C++ memory model sees the order too: liburcu's barriers are asm,
// which neither the standard nor TSan knows. Each section therefore ends with a release store to
// its own counter, and a writer who has waited reads all counters with acquire.
//
// Mirrors kernel/rcu. Left out: callbacks; frees are collected and one wait serves many.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

namespace impl {

class Reader;

// The readers of one kernel.
class ReadDomain {
 public:
  // With one reader, which is the caller, there is nobody to wait for.
  bool alone() const { return alone_; }
  const bool* alone_flag() const { return &alone_; }
  // Acquire: partner of the release in Reader::unlock().
  template <std::memory_order order = std::memory_order_acquire>
  void synchronize() {
    if (!alone()) wait(order);
  }

 private:
  friend class Reader;
  void wait(std::memory_order order);
  std::vector<Reader*> readers_;  // both change only while no call runs
  bool alone_ = true;
};

// One processor's side. Used by one OS thread at a time.
class Reader {
 public:
  explicit Reader(ReadDomain& domain);
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader();

  ReadDomain& domain() const { return *domain_; }
  void lock() {
    if (!domain_->alone()) enter();
  }
  // Release: partner of the acquire in ReadDomain::synchronize().
  template <std::memory_order order = std::memory_order_release>
  void unlock() {
    if (domain_->alone()) return;
    sections_.store(sections_.load(std::memory_order_relaxed) + 1, order);
    leave();
  }
  static void pause();

 private:
  friend class ReadDomain;
  static void enter();
  static void leave();

  ReadDomain* domain_;
  alignas(64) std::atomic<std::uint64_t> sections_{0};
};

}  // namespace impl
