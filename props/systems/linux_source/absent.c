/* A core that could not be built: only the reason, from absent_reason.h. */
#include "core.h"

const struct linux_core CORE = {
    .reason =
#include "absent_reason.h"
};
