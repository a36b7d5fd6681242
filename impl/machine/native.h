// The machine that ships: plain words and branches, std::atomic counts and pointers, liburcu.
//
// A machine is what a kernel function may do to the world: test a flag, reach a step that can fail,
// count a reference, load and publish a pointer, lock, enter a read section. Every function of impl
// is a template over it, so that the same source runs here, on Z3 terms, under a scheduler, and on
// the recorder of impl/testing. One object of this class is one processor.
//
// Mirrors lib/refcount.c and include/linux/refcount.h, rcupdate.h and spinlock.h of 6.18: the same
// orders, no more. Those that something relies on are parameters with the right one as default, so
// that machine/seeded.h can weaken each alone. Left out: preemption and interrupts, which no
// namespace rule depends on.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "abi/call.h"
#include "abi/step.h"
#include "impl/kernel.h"
#include "impl/machine/read_section.h"

namespace impl {

class NativeMachine {
 public:
  using Word = std::uint64_t;
  using Bool = bool;

  // A reference count. The value 0 is dead, those from kSaturated on stay where they are.
  class Count {
    friend class NativeMachine;
    static constexpr std::uint32_t kSaturated = 0x80000000;
    std::atomic<std::uint32_t> n_{0};
  };
  // A pointer that other processors follow without a lock.
  template <class T>
  class Pointer {
    friend class NativeMachine;
    std::atomic<T*> p_{nullptr};
  };
  // A number or flag that other processors may read at any time; no order is implied. Writers
  // either hold a lock or are the only one.
  template <class T>
  class Cell {
   public:
    Cell() = default;
    T get() const { return v_.load(std::memory_order_relaxed); }
    void set(T v) { v_.store(v, std::memory_order_relaxed); }

   private:
    friend class NativeMachine;
    std::atomic<T> v_{};
  };
  class Lock {
    friend class NativeMachine;
    std::atomic<bool> held_{false};
  };
  // Who is carrying out a task: a call of its own, or somebody who kills it.
  class Claim {
    friend class NativeMachine;
    static constexpr unsigned kBusy = 1, kKilled = 2;
    std::atomic<unsigned> bits_{0};
  };
  // What the processors of one kernel share.
  using Shared = ReadDomain;

  // `plain_when_alone`: see kUniprocessor.
  NativeMachine(Shared& shared, bool plain_when_alone)
      : plain_(plain_when_alone ? shared.alone_flag() : &kNever), reader_(shared) {}

  // -- words -------------------------------------------------------------------------------------
  static constexpr Word word(abi::Flags f) { return f.bits(); }
  // The bits of a word, for machines whose words have values.
  static constexpr std::uint64_t plain(Word w) { return w; }
  static constexpr Bool has(Word w, abi::Flags any_of) { return (w & any_of.bits()) != 0; }
  static constexpr Bool has_bits(Word w, std::uint64_t any_of) { return (w & any_of) != 0; }

  // -- steps -------------------------------------------------------------------------------------
  void begin_call(std::uint16_t fault) {
    fault_ = fault;
    steps_ = 0;
  }
  std::uint16_t steps() const { return steps_; }
  // The call reaches a step that can fail. True if it does.
  Bool fails(abi::Step) { return ++steps_ == fault_; }

  // -- memory: tells a machine that watches
  template <class T>
  void allocated(const T&) {}
  template <class T>
  void freed(const T&) {}

  // -- counts ------------------------------------------------------------------------------------
  // Relaxed: who finds the object sees it made, through publish() and load().
  template <class T>
  void init_count(T& o, std::uint32_t n) {
    o.refs.n_.store(n, std::memory_order_relaxed);
  }
  // The caller holds a reference, so relaxed is enough: it can't be the last one meanwhile.
  template <class T>
  void get(T& o) {
    const std::uint32_t before = add(o.refs.n_, 1, std::memory_order_relaxed);
    if (before == 0 || before >= Count::kSaturated) [[unlikely]] {
      wrong(o, before == 0 ? CountFailure::inc_from_zero : CountFailure::saturated);
    }
  }
  // Raises the count unless the object is dead. Relaxed, as refcount_inc_not_zero(): the caller is
  // in the read section in which it found the object, so that it is no other one by now.
  template <class T>
  Bool try_get(T& o) {
    std::uint32_t n = o.refs.n_.load(std::memory_order_relaxed);
    do {
      if (n == 0) return false;
      if (n >= Count::kSaturated) [[unlikely]] {
        wrong(o, CountFailure::saturated);
        return true;
      }
      if (*plain_) {
        o.refs.n_.store(n + 1, std::memory_order_relaxed);
        return true;
      }
    } while (!o.refs.n_.compare_exchange_weak(n, n + 1, std::memory_order_relaxed));
    return true;
  }
  // True for the last one. Release, so that each holder's accesses come before; the acquire load is
  // their partner: the last holder, who takes the object apart, sees them all.
  template <std::memory_order each = std::memory_order_release,
            std::memory_order last = std::memory_order_acquire, class T>
  Bool put(T& o) {
    const std::uint32_t before = add(o.refs.n_, ~0u, each);
    if (before == 1) {
      (void)o.refs.n_.load(last);
      return true;
    }
    if (before == 0 || before >= Count::kSaturated) [[unlikely]] {
      wrong(o, CountFailure::dec_below_zero);
    }
    return false;
  }
  // As put(), for objects that cannot be reached without a reference: if the only one is ours,
  // nobody can raise the count. Acquire: partner of the release in put().
  template <std::memory_order order = std::memory_order_acquire, class T>
  Bool put_sole(T& o) {
    return put_if_one<order>(o) || put(o);
  }
  // Drops a reference if it is not the last one. Release: as put(). A saturated count stays.
  template <std::memory_order order = std::memory_order_release, class T>
  Bool put_unless_last(T& o) {
    std::uint32_t n = o.refs.n_.load(std::memory_order_relaxed);
    while (n > 1) {
      if (n >= Count::kSaturated) [[unlikely]]
        return true;
      if (*plain_) {
        o.refs.n_.store(n - 1, std::memory_order_relaxed);
        return true;
      }
      if (o.refs.n_.compare_exchange_weak(n, n - 1, order, std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }
  // Drops the caller's reference if it is the only one, in one step, so that nobody can get the
  // object any more. Acquire: partner of the release in put().
  template <std::memory_order order = std::memory_order_acquire, class T>
  Bool retire(T& o) {
    if (*plain_) return put_if_one(o);
    std::uint32_t one = 1;
    return o.refs.n_.compare_exchange_strong(one, 0, order, std::memory_order_relaxed);
  }
  // Somebody else holds it too. Acquire: what a former holder did is seen by one who is now alone
  // (partner: the release in put()).
  template <std::memory_order order = std::memory_order_acquire, class T>
  Bool shared(const T& o) {
    return o.refs.n_.load(order) > 1;
  }
  static std::uint32_t value(const Count& c) { return c.n_.load(std::memory_order_relaxed); }

  // -- active counts (6.19)
  void init_active(Count& c) { c.n_.store(0, std::memory_order_relaxed); }
  // True if it was 0. The caller holds a reference on the namespace: no order is needed.
  Bool active_get(Count& c) { return add(c.n_, 1, std::memory_order_relaxed) == 0; }
  // True if it is 0 now.
  template <class T>
  Bool active_put(T& o) {
    const std::uint32_t before = add(o.active.n_, ~0u, std::memory_order_relaxed);
    if (o.refs.n_.load(std::memory_order_relaxed) == 0) [[unlikely]] {
      reports_.push_back({CountFailure::active_but_dead, o.id});
    }
    if (before == 0) [[unlikely]] {
      o.active.n_.store(0, std::memory_order_relaxed);
      reports_.push_back({CountFailure::dec_below_zero, o.id});
    }
    return before == 1;
  }

  // -- quotas ------------------------------------------------------------------------------------
  // Adds 1 if the sum stays within the limit. Relaxed: a number, nothing is published by it.
  Bool charge(Cell<std::uint32_t>& n, const Cell<std::uint32_t>& limit) {
    std::uint32_t now = n.get();
    do {
      if (now >= limit.get()) return false;
      if (*plain_) {
        n.set(now + 1);
        return true;
      }
    } while (!n.v_.compare_exchange_weak(now, now + 1, std::memory_order_relaxed));
    return true;
  }
  void uncharge(Cell<std::uint32_t>& n) { add(n.v_, ~0u, std::memory_order_relaxed); }

  // -- pointers ----------------------------------------------------------------------------------
  // By others, in a read section or under the writer's lock. Acquire: partner of publish().
  template <std::memory_order order = std::memory_order_acquire, class T>
  static T* load(const Pointer<T>& p) {
    return p.p_.load(order);
  }
  // By the only one who writes it.
  template <class T>
  static T* own(const Pointer<T>& p) {
    return p.p_.load(std::memory_order_relaxed);
  }
  // Before the object that the pointer is in can be reached.
  template <class T>
  static void init(Pointer<T>& p, T* to) {
    p.p_.store(to, std::memory_order_relaxed);
  }
  // Release: whoever follows the pointer with load() sees the object made.
  template <std::memory_order order = std::memory_order_release, class T>
  static void publish(Pointer<T>& p, T* to) {
    p.p_.store(to, order);
  }
  // Writes `to` if the pointer is `now`; if not, `now` is what it is. For pointers that several
  // write. What is written leads to nothing new; acquire, as load().
  template <std::memory_order order = std::memory_order_acquire, class T>
  static bool replace(Pointer<T>& p, T*& now, T* to) {
    return p.p_.compare_exchange_strong(now, to, order, order);
  }

  // -- locks -------------------------------------------------------------------------------------
  // Acquire: partner of unlock().
  template <std::memory_order order = std::memory_order_acquire>
  void lock(Lock& l) {
    if (*plain_) return;
    while (l.held_.exchange(true, order)) {
      for (unsigned spins = 1; l.held_.load(std::memory_order_relaxed); ++spins) {
        if (spins % kSpins == 0) pause();
      }
    }
  }
  // Release: partner of lock().
  template <std::memory_order order = std::memory_order_release>
  void unlock(Lock& l) {
    if (!*plain_) l.held_.store(false, order);
  }

  // -- who carries out a task
  //
  // Acquire: partner of unclaim(); the task's own fields are handed from one carrier to the next.
  template <std::memory_order order = std::memory_order_acquire>
  Bool try_claim(Claim& c) {
    if (*plain_) return swap_if(c.bits_, 0, Claim::kBusy);
    unsigned idle = 0;
    return c.bits_.compare_exchange_strong(idle, Claim::kBusy, order, std::memory_order_relaxed);
  }
  // False if it was killed meanwhile: then it is still ours, to be ended. Release: partner of
  // try_claim() and kill(). Of the killer only the bit is seen: it changed nothing of the task's.
  template <std::memory_order order = std::memory_order_release>
  Bool unclaim(Claim& c) {
    if (*plain_) return swap_if(c.bits_, Claim::kBusy, 0);
    unsigned busy = Claim::kBusy;
    return c.bits_.compare_exchange_strong(busy, 0, order, std::memory_order_relaxed);
  }
  // Marks it killed. True if nobody was carrying it out: now the caller is, and ends it. Acquire:
  // partner of unclaim().
  template <std::memory_order order = std::memory_order_acquire>
  Bool kill(Claim& c) {
    if (*plain_) {
      const unsigned before = c.bits_.load(std::memory_order_relaxed);
      c.bits_.store(Claim::kBusy | Claim::kKilled, std::memory_order_relaxed);
      return before == 0;
    }
    return c.bits_.fetch_or(Claim::kBusy | Claim::kKilled, order) == 0;
  }
  Bool killed(const Claim& c) const {
    return (c.bits_.load(std::memory_order_relaxed) & Claim::kKilled) != 0;
  }
  void init_claim(Claim& c) { c.bits_.store(0, std::memory_order_relaxed); }

  // -- readers that take no lock
  void read_lock() { reader_.lock(); }
  template <std::memory_order order = std::memory_order_release>
  void read_unlock() {
    reader_.unlock<order>();
  }
  // Nobody but this processor exists: what is unpublished can be reused at once.
  Bool alone() const { return reader_.domain().alone(); }
  // Waits until every read section that has begun has ended.
  template <std::memory_order order = std::memory_order_acquire>
  void synchronize() {
    reader_.domain().synchronize<order>();
  }
  static void pause() { Reader::pause(); }

  const std::vector<CountReport>& reports() const { return reports_; }

 private:
  static constexpr bool kNever = false;
  static constexpr unsigned kSpins = 128;

  // kUniprocessor: without other processors a load and a store do.
  std::uint32_t add(std::atomic<std::uint32_t>& n, std::uint32_t d, std::memory_order order) {
    if (!*plain_) return n.fetch_add(d, order);
    const std::uint32_t before = n.load(std::memory_order_relaxed);
    n.store(before + d, std::memory_order_relaxed);
    return before;
  }
  static bool swap_if(std::atomic<unsigned>& n, unsigned from, unsigned to) {
    if (n.load(std::memory_order_relaxed) != from) return false;
    n.store(to, std::memory_order_relaxed);
    return true;
  }
  // Acquire: partner of the release in put().
  template <std::memory_order order = std::memory_order_acquire, class T>
  static bool put_if_one(T& o) {
    if (o.refs.n_.load(order) != 1) return false;
    o.refs.n_.store(0, std::memory_order_relaxed);
    return true;
  }
  template <class T>
  void wrong(T& o, CountFailure what) {
    // As refcount_t: from here on the object is never freed, which is the lesser evil.
    o.refs.n_.store(Count::kSaturated + (Count::kSaturated >> 1), std::memory_order_relaxed);
    reports_.push_back({what, o.id});
  }

  const bool* plain_;
  std::uint16_t steps_ = 0, fault_ = 0;
  Reader reader_;
  std::vector<CountReport> reports_;
};

}  // namespace impl
