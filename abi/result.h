// What a call gave back.
#pragma once

#include <cstdint>

#include "abi/errno.h"

namespace nsabi {

struct Result {
  Errno error = Errno::kOk;
  // The call was not made: its caller is not running, or a name in it is free or taken (call.h).
  bool skipped = false;
  // The model's rule that decided, an index into its rule table; 0 for none and for other systems.
  std::uint16_t rule = 0;
  // Fallible steps reached, the failing one included (step.h); 0 where a system cannot tell.
  std::uint16_t steps = 0;
  // On success: the child's number in the caller's active pid namespace (fork and its kind), 1 or 0
  // (wait), the number that an ioctl returned; else 0. Namespace ids are the system's own.
  std::int64_t value = 0;

  constexpr bool ok() const { return error == Errno::kOk && !skipped; }
  static constexpr Result success(std::int64_t v = 0) { return {.value = v}; }
  static constexpr Result failure(Errno e) { return {.error = e}; }
  static constexpr Result skip() { return {.skipped = true}; }

  // What user space can tell apart; rules and steps are not compared here.
  constexpr bool same_outcome(const Result& o) const {
    return error == o.error && skipped == o.skipped && value == o.value;
  }
};

}  // namespace nsabi
