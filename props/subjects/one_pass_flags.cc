#include "props/subjects/impl_subject.h"
#include "props/subjects/subjects.h"

namespace props {

std::unique_ptr<Subject> one_pass_flags_subject() {
  return impl_subject<impl::WithOnePassFlags>("one-pass-flags");
}

}  // namespace props
