// Rules that generated programs do not fire, each with the reason.
#pragma once

#include <string_view>

namespace props {

struct Allowed {
  std::string_view id;
  std::string_view call;  // the table that it stands in; "" for all
  std::string_view reason;
};

inline constexpr Allowed kAllowed[] = {
    {"", "", "placeholder"},
};

}  // namespace props
