// Capabilities, by number (include/uapi/linux/capability.h): sets are 64-bit masks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "abi/namespace.h"

namespace nsabi {

using CapSet = std::uint64_t;

// Every capability, by its UAPI number. Those that namespace rules ask about are named below.
inline constexpr int kCapLast = 40;
inline constexpr CapSet kCapFull = (CapSet{1} << (kCapLast + 1)) - 1;

namespace cap {
inline constexpr int KILL = 5;
inline constexpr int SETGID = 6;
inline constexpr int SETUID = 7;
inline constexpr int SETPCAP = 8;
inline constexpr int SYS_CHROOT = 18;
inline constexpr int SYS_PTRACE = 19;
inline constexpr int SYS_ADMIN = 21;
inline constexpr int SYS_RESOURCE = 24;
inline constexpr int SYS_TIME = 25;
inline constexpr int SETFCAP = 31;
inline constexpr int CHECKPOINT_RESTORE = 40;
}  // namespace cap

constexpr CapSet cap_bit(int number) { return CapSet{1} << number; }

// "CAP_SYS_ADMIN"; numbers above kCapLast have no name ("").
std::string_view cap_name(int number);
// The inverse of cap_name().
std::optional<int> cap_from(std::string_view word);

// "full", "none", "CAP_SETUID|CAP_SYS_ADMIN" or "full-CAP_SYS_RESOURCE", whichever is shortest.
std::string caps_to_string(CapSet set);
// The inverse of caps_to_string(); also takes hex. Nothing for an unknown word.
std::optional<CapSet> caps_from(std::string_view text);

}  // namespace nsabi
