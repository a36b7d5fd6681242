#include "props/subjects/impl_subject.h"
#include "props/subjects/subjects.h"

namespace props {

std::unique_ptr<Subject> magazines_subject() {
  return impl_subject<impl::WithMagazines>("magazines");
}

}  // namespace props
