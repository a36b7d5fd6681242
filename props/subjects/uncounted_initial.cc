#include "props/subjects/impl_subject.h"
#include "props/subjects/subjects.h"

namespace props {

std::unique_ptr<Subject> uncounted_initial_subject() {
  return impl_subject<impl::WithUncountedInitial>("uncounted-initial");
}

}  // namespace props
