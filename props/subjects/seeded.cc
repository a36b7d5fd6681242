#include "props/subjects/seeded.h"

#include "props/subjects/impl_subject.h"

namespace props {

std::unique_ptr<Subject> seeded_subject(impl::Bug bug) {
  return impl_subject<impl::Seeded>("seeded", bug);
}

}  // namespace props
