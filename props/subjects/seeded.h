// The kernel with seeded bugs as a subject: apart from the others, which nobody else needs it for.
#pragma once

#include <memory>

#include "impl/bugs.h"
#include "props/differ/run.h"

namespace props {

// The faithful port with a bug; Bug::kNone must be found right.
std::unique_ptr<Subject> seeded_subject(impl::Bug bug);

}  // namespace props
