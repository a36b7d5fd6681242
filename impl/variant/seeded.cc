// One kernel type, instantiated: see policy.h.
#include "impl/machine/seeded.h"

#include "impl/kernel/kernel_impl.h"

namespace impl {

template class Kernel<SeededMachine, SeededPolicy>;

}  // namespace impl
