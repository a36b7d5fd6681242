// One symbolic kernel: see subject.cc.
#include "proofs/counts/subject_impl.h"
#include "proofs/counts/subjects.h"

namespace proofs {

std::unique_ptr<Subject> make_optimized(const abi::Setup& setup, impl::Bug bug) {
  return std::make_unique<SymbolicKernel<impl::OptimizedPolicy>>(setup, bug);
}

}  // namespace proofs
