// What Linux's nsproxy.c is known to do wrong, found by this folder's runs.
//
// Each is tried on a core before anything else. Where it shows, later programs go around it, or
// nothing else could be found; where it does not show, nothing is left out.
#pragma once

#include <span>
#include <string_view>

#include "abi/call.h"

namespace props {

struct KnownBug {
  std::string_view id;
  std::string_view says;               // what is wrong and who is affected, in a few sentences
  std::string_view trace;              // shows it; the model's results
  bool (*met)(const abi::Call& call);  // a call that may meet it, only by its fault
};

std::span<const KnownBug> known_linux_bugs();

}  // namespace props
