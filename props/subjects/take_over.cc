#include "props/subjects/impl_subject.h"
#include "props/subjects/subjects.h"

namespace props {

std::unique_ptr<Subject> take_over_subject() {
  return impl_subject<impl::WithTakeOver>("take-over");
}

}  // namespace props
