// Rules that no program can make decide, each with the reason.
//
// Not a place for what the generator seldom meets: coverage_test.cc fails on a line that is met.
#pragma once

#include <string_view>

namespace props {

struct Allowed {
  std::string_view id;
  std::string_view call;  // the table that it stands in; "" for all
  std::string_view reason;
};

inline constexpr std::string_view kSignalBit = "CLONE_NEWTIME is a bit of clone's exit signal";
inline constexpr std::string_view kOnlyClone3 = "only clone3 can ask for a number";

inline constexpr Allowed kAllowed[] = {
    {"NSP-08-time", "clone", kSignalBit},
    {"UCNT-01-time", "clone", kSignalBit},
    {"STEP-time-charge", "clone", kSignalBit},
    {"STEP-time-alloc", "clone", kSignalBit},
    {"STEP-time-inum", "clone", kSignalBit},
    {"STEP-time-init", "clone", kSignalBit},
    {"CLONE-50", "clone", kOnlyClone3},
    {"CLONE-51", "clone", kOnlyClone3},
    {"CLONE-52", "clone", kOnlyClone3},
    {"CLONE-53", "clone", kOnlyClone3},
    {"CLONE-54", "clone", kOnlyClone3},
    {"CLONE-60", "clone", "CLONE_INTO_CGROUP is beyond the bits that clone looks at"},
    {"CLONE-17-detached", "clone3", "CLONE3-08 refuses CLONE_DETACHED before"},
};

}  // namespace props
