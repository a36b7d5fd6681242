// Names of what a kernel reports.
#include "impl/kernel.h"

namespace impl {

std::string_view name(CountFailure f) {
  switch (f) {
    case CountFailure::inc_from_zero:
      return "inc_from_zero";
    case CountFailure::dec_below_zero:
      return "dec_below_zero";
    case CountFailure::saturated:
      return "saturated";
    case CountFailure::active_but_dead:
      return "active_but_dead";
  }
  return {};
}

}  // namespace impl
