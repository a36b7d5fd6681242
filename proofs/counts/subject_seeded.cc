// The faithful port with the bugs of impl/bugs.h compiled in: see subject.cc.
#include "proofs/counts/subject_impl.h"
#include "proofs/counts/subjects.h"

namespace proofs {
namespace {

// A bug that is off while a heap is set up. The switch is the thread's: subjects are set up and run
// one after the other.
class LateBug {
 public:
  static constexpr bool kSeeded = true;
  static inline thread_local bool armed = false;
  LateBug() = default;
  explicit LateBug(impl::Bug bug) : bug_(bug) {}
  bool has(impl::Bug b) const { return armed && b == bug_; }

 private:
  impl::Bug bug_ = impl::Bug::kNone;
};

}  // namespace

std::unique_ptr<Subject> make_seeded(const abi::Setup& setup, impl::Bug bug) {
  return std::make_unique<SymbolicKernel<impl::Policy<impl::kNoOptimization, LateBug>>>(setup, bug);
}

}  // namespace proofs
