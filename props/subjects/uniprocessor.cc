#include "props/subjects/impl_subject.h"
#include "props/subjects/subjects.h"

namespace props {

std::unique_ptr<Subject> uniprocessor_subject() {
  return impl_subject<impl::WithUniprocessor>("uniprocessor");
}

}  // namespace props
