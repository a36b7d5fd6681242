#include "props/subjects/impl_subject.h"
#include "props/subjects/subjects.h"

namespace props {

std::unique_ptr<Subject> sole_owner_put_subject() {
  return impl_subject<impl::WithSoleOwnerPut>("sole-owner-put");
}

}  // namespace props
