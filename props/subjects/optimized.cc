#include "props/subjects/impl_subject.h"
#include "props/subjects/subjects.h"

namespace props {

std::unique_ptr<Subject> optimized_subject() { return impl_subject<impl::Optimized>("optimized"); }

}  // namespace props
