#include "props/subjects/impl_subject.h"
#include "props/subjects/subjects.h"

namespace props {

std::unique_ptr<Subject> own_ucounts_subject() {
  return impl_subject<impl::WithOwnUcounts>("own-ucounts");
}

}  // namespace props
