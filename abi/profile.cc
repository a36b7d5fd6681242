// Kernel versions and configurations as text.
#include "abi/profile.h"

#include <array>

#include "abi/words.h"

namespace nsabi {
namespace {

constexpr std::array<Profile, 7> kStandard = {{{.version = {5, 10}},
                                               {.version = {6, 1}},
                                               {.version = {6, 6}},
                                               {.version = {6, 12}},
                                               {.version = {6, 18}},
                                               {.version = {6, 19}},
                                               {.version = {7, 0}}}};

constexpr std::string_view kWithout = "no-";
constexpr std::string_view kUsernsOff = "userns-off";

constexpr bool known_series(std::uint16_t major, std::uint16_t minor) {
  switch (major) {
    case 5:
      return minor >= 8 && minor <= 19;
    case 6:
      return minor <= 19;
    case 7:
      return minor <= 9;
    default:
      return false;
  }
}

// X.Y.0 is X.Y itself to a reader.
std::string release_text(Version v) {
  return v.patch == 0 ? to_string(Version{v.major, v.minor}) : to_string(v);
}

std::string since_text(const Since& since) {
  std::string out = release_text(since.mainline);
  if (since.backport.major != 0) out += " (and " + to_string(since.backport) + ")";
  return out;
}

std::string_view leading_digits(std::string_view text) {
  return text.substr(0, text.find_first_not_of("0123456789"));
}

}  // namespace

std::span<const Profile> standard_profiles() { return kStandard; }

std::string to_string(Version v) {
  std::string out;
  append_number(out, v.major);
  out += '.';
  append_number(out, v.minor);
  if (v.patch != Version::kNewest) {
    out += '.';
    append_number(out, v.patch);
  }
  return out;
}

std::string to_string(const Profile& p) {
  std::string out = to_string(p.version);
  for (const NsType t : kAllNsTypes) {
    if (p.configured.has(t)) continue;
    append_word(out, 0, ',', kWithout);
    out += name(t);
  }
  if (p.userns_off) append_word(out, 0, ',', kUsernsOff);
  return out;
}

std::string versions_text(const Since& since, const Since& until) {
  std::string out;
  if (since == only_in_series(since.backport)) {
    out = to_string(since.backport) + " on in its series";
  } else if (since != kAlways) {
    out = since_text(since) + " on";
  }
  if (until != kNever) out += (out.empty() ? "before " : ", before ") + since_text(until);
  return out;
}

std::optional<Version> version_from(std::string_view text) {
  Split parts{text};
  const auto part = [&] {
    const std::string_view digits = parts.next('.');
    // number_from takes 0x and signs, which no version has.
    return digits == leading_digits(digits) ? number_from<std::uint16_t>(digits) : std::nullopt;
  };
  const auto major = part();
  if (!major || !parts.more) return std::nullopt;
  const auto minor = part();
  if (!minor || !known_series(*major, *minor)) return std::nullopt;
  if (!parts.more) return Version{*major, *minor};
  const auto patch = part();
  if (!patch || parts.more || *patch == Version::kNewest) return std::nullopt;
  return Version{*major, *minor, *patch};
}

std::optional<Version> version_from_uname(std::string_view release) {
  // The first three numbers, and what follows them.
  std::size_t end = leading_digits(release).size();
  for (int part = 1; part < 3 && end < release.size() && release[end] == '.'; ++part) {
    const std::size_t digits = leading_digits(release.substr(end + 1)).size();
    if (digits == 0) break;
    end += 1 + digits;
  }
  const auto version = version_from(release.substr(0, end));
  const std::string_view suffix = release.substr(end);
  const bool own_count =
      suffix.size() > 1 && suffix[0] == '-' && !leading_digits(suffix.substr(1)).empty();
  if (version && version->patch == 0 && own_count) return Version{version->major, version->minor};
  return version;
}

std::optional<Profile> profile_from(std::string_view text) {
  Split words{text};
  const auto version = version_from(words.next(','));
  if (!version) return std::nullopt;
  Profile profile{.version = *version};
  while (words.more) {
    std::string_view word = words.next(',');
    if (word == kUsernsOff) {
      profile.userns_off = true;
      continue;
    }
    if (!word.starts_with(kWithout)) return std::nullopt;
    word.remove_prefix(kWithout.size());
    const auto type = ns_type_from(word);
    if (!type) return std::nullopt;
    profile.configured = profile.configured.without(*type);
  }
  return profile;
}

}  // namespace nsabi
