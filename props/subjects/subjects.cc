#include "props/subjects/subjects.h"

namespace props {

std::vector<std::unique_ptr<Subject>> all_subjects() {
  std::vector<std::unique_ptr<Subject>> subjects;
  for (const auto make : {baseline_subject, optimized_subject, one_pass_flags_subject,
                          magazines_subject, uncounted_initial_subject, take_over_subject,
                          sole_owner_put_subject, uniprocessor_subject, own_ucounts_subject}) {
    subjects.push_back(make());
  }
  return subjects;
}

}  // namespace props
