// One kernel type, instantiated: see policy.h.
#include "impl/kernel/kernel_impl.h"
#include "impl/machine/native.h"

namespace impl {

template class Kernel<NativeMachine, Policy<kUniprocessor>>;

}  // namespace impl
