// A kernel to be held against: its version and how it was configured.
//
// A profile "6.18" stands for the newest stable release of that series, with the fixes that were
// taken back into it; "6.18.0" for the release itself. Text: VERSION[,no-TYPE…][,userns-off].
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "abi/ns_type.h"

namespace nsabi {

struct Version {
  static constexpr std::uint16_t kNewest = 0xffff;  // the newest stable release of the series

  std::uint16_t major = 0;
  std::uint16_t minor = 0;
  std::uint16_t patch = kNewest;

  constexpr auto operator<=>(const Version&) const = default;
};

// When a behaviour begins or ends: in a mainline release, and perhaps in a stable series before it.
struct Since {
  Version mainline{0, 0, 0};
  Version backport{0, 0, 0};  // 0.0 for none: a release of one older stable series

  constexpr bool operator==(const Since&) const = default;

  constexpr bool reached(Version v) const {
    if (v >= mainline) return true;
    return backport.major != 0 && v.major == backport.major && v.minor == backport.minor &&
           v.patch >= backport.patch;
  }
};

inline constexpr Since kAlways{};
inline constexpr Since kNever{.mainline = {0xffff, 0, 0}};

// From that release of a stable series on, and in no mainline release that is known of.
constexpr Since only_in_series(Version from) {
  return {.mainline = kNever.mainline, .backport = from};
}

struct Profile {
  Version version{6, 18};
  TypeSet configured = TypeSet::all();
  // Debian's sysctl kernel.unprivileged_userns_clone=0 (CLONE-19); false on mainline.
  bool userns_off = false;

  constexpr bool operator==(const Profile&) const = default;
  constexpr bool at_least(std::uint16_t major, std::uint16_t minor) const {
    return version >= Version{major, minor, 0};
  }
};

// The versions that are checked by default, oldest first: 5.10, 6.1, 6.6, 6.12, 6.18, 6.19, 7.0.
std::span<const Profile> standard_profiles();

std::string to_string(Version v);
std::string to_string(const Profile& p);
// "6.2 on, before 6.3 (and 6.1.100)", "6.12.117 on in its series", "" for every version.
std::string versions_text(const Since& since, const Since& until);
// The inverse of to_string(). Nothing for an unknown word, a version before 5.8 (no nsset
// protocol), one that was never made (5.20, 6.20) or one above 7.9, of which nothing is known.
std::optional<Version> version_from(std::string_view text);
std::optional<Profile> profile_from(std::string_view text);
// What a running kernel calls itself (`uname -r`): "6.18.44", "6.12.12-amd64", "5.15.167.4-WSL2".
// "6.1.0-31-amd64" is 6.1, not 6.1.0: distributions that count their own releases behind a fixed
// ".0" take stable fixes without showing them. A release candidate ("7.1.0-rc3") is the release.
std::optional<Version> version_from_uname(std::string_view release);

}  // namespace nsabi
