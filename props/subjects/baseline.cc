#include "props/subjects/impl_subject.h"
#include "props/subjects/subjects.h"

namespace props {

std::unique_ptr<Subject> baseline_subject() { return impl_subject<impl::Baseline>("baseline"); }

}  // namespace props
