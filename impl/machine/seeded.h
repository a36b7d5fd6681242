// The native machine with one memory order too weak: the seeded bugs that are below the kernel.
//
// One thread sees nothing of them, and x86 forgives most. They are for what tracks which access
// happens before which: ThreadSanitizer (testing/stress_test.cc), a scheduled machine.
#pragma once

#include "impl/machine/native.h"

namespace impl {

class SeededMachine : public NativeMachine {
  using N = NativeMachine;
  static constexpr std::memory_order kWeak = std::memory_order_relaxed;

 public:
  using NativeMachine::NativeMachine;
  void seed(Bug bug) { bug_ = SeededBug(bug); }

  template <class T>
  Bool put(T& o) {
    if (bug_.has(Bug::kPutRelaxed)) return N::put<kWeak>(o);
    if (bug_.has(Bug::kPutNotAcquired)) return N::put<std::memory_order_release, kWeak>(o);
    return N::put(o);
  }
  template <class T>
  Bool put_sole(T& o) {
    return bug_.has(Bug::kPutSoleRelaxed) ? N::put_sole<kWeak>(o) : N::put_sole(o);
  }
  template <class T>
  Bool put_unless_last(T& o) {
    return bug_.has(Bug::kPutUnlessLastRelaxed) ? N::put_unless_last<kWeak>(o)
                                                : N::put_unless_last(o);
  }
  template <class T>
  Bool retire(T& o) {
    return bug_.has(Bug::kRetireRelaxed) ? N::retire<kWeak>(o) : N::retire(o);
  }
  template <class T>
  Bool shared(const T& o) {
    return bug_.has(Bug::kSharedRelaxed) ? N::shared<kWeak>(o) : N::shared(o);
  }

  template <class T>
  T* load(const Pointer<T>& p) const {
    return bug_.has(Bug::kLoadRelaxed) ? N::load<kWeak>(p) : N::load(p);
  }
  template <class T>
  void publish(Pointer<T>& p, T* to) {
    bug_.has(Bug::kPublishRelaxed) ? N::publish<kWeak>(p, to) : N::publish(p, to);
  }
  template <class T>
  bool replace(Pointer<T>& p, T*& now, T* to) {
    return bug_.has(Bug::kLoadRelaxed) ? N::replace<kWeak>(p, now, to) : N::replace(p, now, to);
  }

  void lock(Lock& l) { bug_.has(Bug::kLockRelaxed) ? N::lock<kWeak>(l) : N::lock(l); }
  void unlock(Lock& l) { bug_.has(Bug::kUnlockRelaxed) ? N::unlock<kWeak>(l) : N::unlock(l); }

  Bool try_claim(Claim& c) {
    return bug_.has(Bug::kClaimRelaxed) ? N::try_claim<kWeak>(c) : N::try_claim(c);
  }
  Bool unclaim(Claim& c) {
    return bug_.has(Bug::kUnclaimRelaxed) ? N::unclaim<kWeak>(c) : N::unclaim(c);
  }
  Bool kill(Claim& c) { return bug_.has(Bug::kKillRelaxed) ? N::kill<kWeak>(c) : N::kill(c); }

  void read_unlock() {
    bug_.has(Bug::kReadUnlockRelaxed) ? N::read_unlock<kWeak>() : N::read_unlock();
  }
  void synchronize() {
    bug_.has(Bug::kSynchronizeRelaxed) ? N::synchronize<kWeak>() : N::synchronize();
  }

 private:
  SeededBug bug_;
};

}  // namespace impl
