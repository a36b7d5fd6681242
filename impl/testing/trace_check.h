// Carries out a trace on the faithful port and on what ships, and compares what comes back.
//
//     TEST(Setns, SETNS_02_other_type) {
//       check_trace("6.18", R"(
//         f0 = t0.open_ns(t0, uts)       -> ok
//         t0.setns(f0, CLONE_NEWIPC)     -> EINVAL
//       )");
//     }
//
// After every call each object's counter must be the number of its holders.
#pragma once

#include <string_view>

#include "abi/system.h"

namespace impl {

// Adds test failures that name the line. `start` is the rest of the header line: "6.18 uid=1000".
void check_trace(std::string_view start, std::string_view lines);

// The view of a task after a trace whose results are not looked at.
nsabi::TaskView task_after(std::string_view start, std::string_view lines, nsabi::TaskId task);

}  // namespace impl
