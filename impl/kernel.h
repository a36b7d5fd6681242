// The implementation, from outside: kernels that are abi::IncrementalSystems.
//
//     impl::Optimized kernel(setup);
//     abi::Result r = kernel.apply(call);
//
// apply(call) runs on the kernel's first processor, for one OS thread at a time. Other threads make
// a Processor each and apply through it, any number at once, for whatever tasks they like: a call
// whose caller is busy in another thread's call, or being killed there, is skipped. touched lists
// and views are for a kernel that nobody is calling at the moment; a Processor, too, is made and
// destroyed while no call runs.
//
// Mirrors no file of Linux: the code is in impl/nsproxy, impl/syscalls and their neighbours, and is
// instantiated in one .cc per kernel type, so that including this header costs nothing.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abi/system.h"
#include "impl/bugs.h"
#include "impl/policy.h"

namespace impl {

class NativeMachine;
class SeededMachine;
template <class M, class P>
struct Build;
template <class M, class P>
class State;
template <class K>
class Cpu;

// A misuse of a reference count that refcount_t would warn about; it is reported, and the object is
// kept forever.
enum class CountFailure : std::uint8_t {
  inc_from_zero,
  dec_below_zero,
  saturated,
  active_but_dead,  // an active reference is dropped after the last reference
};
std::string_view name(CountFailure f);
struct CountReport {
  CountFailure what = CountFailure::inc_from_zero;
  abi::ObjId object = abi::kNoObject;
};

template <class M, class P>
class Kernel {
 public:
  explicit Kernel(const abi::Setup& setup);
  // With one of the bugs of bugs.h switched on; kernels without seeded bugs ignore it.
  Kernel(const abi::Setup& setup, Bug bug);
  Kernel(Kernel&&) noexcept;
  ~Kernel();

  abi::Result apply(const abi::Call& call);

  // What the last apply() on the first processor touched; may repeat.
  std::span<const abi::TaskId> touched_tasks() const;
  std::span<const abi::ObjId> touched_objects() const;

  abi::View view() const;
  abi::TaskView task(abi::TaskId id) const;
  abi::ObjectView object(abi::ObjId id) const;
  abi::Totals totals() const;
  const abi::Setup& setup() const;

  // Count failures so far, on all processors. A correct kernel has none.
  std::vector<CountReport> count_failures() const;

  // What is inside, for this folder's tests.
  const State<M, P>& state() const { return *state_; }

  // Where one more OS thread applies calls. Must not outlive the kernel.
  class Processor {
   public:
    explicit Processor(Kernel& kernel);
    Processor(const Processor&) = delete;
    Processor& operator=(const Processor&) = delete;
    ~Processor();
    abi::Result apply(const abi::Call& call);

   private:
    State<M, P>* state_;
    Cpu<Build<M, P>>* cpu_;
  };

 private:
  std::unique_ptr<State<M, P>> state_;
};

// The faithful port, and what ships.
using Baseline = Kernel<NativeMachine, BaselinePolicy>;
using Optimized = Kernel<NativeMachine, OptimizedPolicy>;
// Baseline with one optimization each, to check and measure it alone.
using WithOnePassFlags = Kernel<NativeMachine, Policy<kOnePassFlags>>;
using WithMagazines = Kernel<NativeMachine, Policy<kMagazines>>;
using WithUncountedInitial = Kernel<NativeMachine, Policy<kUncountedInitial>>;
using WithTakeOver = Kernel<NativeMachine, Policy<kTakeOver>>;
using WithSoleOwnerPut = Kernel<NativeMachine, Policy<kSoleOwnerPut>>;
using WithUniprocessor = Kernel<NativeMachine, Policy<kUniprocessor>>;
using WithOwnUcounts = Kernel<NativeMachine, Policy<kOwnUcounts>>;
// Baseline, with the bugs of bugs.h compiled in. Kernel(setup, Bug::kNone) has none.
using Seeded = Kernel<SeededMachine, SeededPolicy>;

extern template class Kernel<NativeMachine, BaselinePolicy>;
extern template class Kernel<NativeMachine, OptimizedPolicy>;
extern template class Kernel<NativeMachine, Policy<kOnePassFlags>>;
extern template class Kernel<NativeMachine, Policy<kMagazines>>;
extern template class Kernel<NativeMachine, Policy<kUncountedInitial>>;
extern template class Kernel<NativeMachine, Policy<kTakeOver>>;
extern template class Kernel<NativeMachine, Policy<kSoleOwnerPut>>;
extern template class Kernel<NativeMachine, Policy<kUniprocessor>>;
extern template class Kernel<NativeMachine, Policy<kOwnUcounts>>;
extern template class Kernel<SeededMachine, SeededPolicy>;

}  // namespace impl
