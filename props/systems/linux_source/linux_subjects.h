// Linux's own nsproxy.c against the model: Debian's versions, and the user's tree.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "props/differ/run.h"

namespace props {

// linux-6.1 and linux-6.12, from Debian's packages, and linux-source, from LINUX_SRC; see
// README.md. Those that were not built say why (Subject::absent).
std::vector<std::unique_ptr<Subject>> linux_subjects();

// linux-6.12 with a reference that is not taken.
std::unique_ptr<Subject> seeded_linux_subject();

}  // namespace props
