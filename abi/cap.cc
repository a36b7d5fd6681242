// Capability names and sets as text (include/uapi/linux/capability.h).
#include "abi/cap.h"

#include <array>
#include <bit>

#include "abi/words.h"

namespace nsabi {
namespace {

constexpr std::array<std::string_view, kCapLast + 1> kNames = {"CAP_CHOWN",
                                                               "CAP_DAC_OVERRIDE",
                                                               "CAP_DAC_READ_SEARCH",
                                                               "CAP_FOWNER",
                                                               "CAP_FSETID",
                                                               "CAP_KILL",
                                                               "CAP_SETGID",
                                                               "CAP_SETUID",
                                                               "CAP_SETPCAP",
                                                               "CAP_LINUX_IMMUTABLE",
                                                               "CAP_NET_BIND_SERVICE",
                                                               "CAP_NET_BROADCAST",
                                                               "CAP_NET_ADMIN",
                                                               "CAP_NET_RAW",
                                                               "CAP_IPC_LOCK",
                                                               "CAP_IPC_OWNER",
                                                               "CAP_SYS_MODULE",
                                                               "CAP_SYS_RAWIO",
                                                               "CAP_SYS_CHROOT",
                                                               "CAP_SYS_PTRACE",
                                                               "CAP_SYS_PACCT",
                                                               "CAP_SYS_ADMIN",
                                                               "CAP_SYS_BOOT",
                                                               "CAP_SYS_NICE",
                                                               "CAP_SYS_RESOURCE",
                                                               "CAP_SYS_TIME",
                                                               "CAP_SYS_TTY_CONFIG",
                                                               "CAP_MKNOD",
                                                               "CAP_LEASE",
                                                               "CAP_AUDIT_WRITE",
                                                               "CAP_AUDIT_CONTROL",
                                                               "CAP_SETFCAP",
                                                               "CAP_MAC_OVERRIDE",
                                                               "CAP_MAC_ADMIN",
                                                               "CAP_SYSLOG",
                                                               "CAP_WAKE_ALARM",
                                                               "CAP_BLOCK_SUSPEND",
                                                               "CAP_AUDIT_READ",
                                                               "CAP_PERFMON",
                                                               "CAP_BPF",
                                                               "CAP_CHECKPOINT_RESTORE"};

constexpr std::string_view kFull = "full";
constexpr std::string_view kNone = "none";

// `base`, then each capability of `named` after `separator`, then unnamed bits in hex.
std::string spell(std::string_view base, char separator, CapSet named, CapSet unnamed) {
  std::string out(base);
  for (int n = 0; n <= kCapLast; ++n) {
    if ((named & cap_bit(n)) != 0) append_word(out, 0, separator, cap_name(n));
  }
  if (unnamed != 0) {
    append_word(out, 0, '|', {});
    append_hex(out, unnamed);
  }
  return out;
}

std::optional<CapSet> word_set(std::string_view word) {
  if (word == kFull) return kCapFull;
  if (word == kNone) return CapSet{0};
  if (const auto number = cap_from(word)) return cap_bit(*number);
  return number_from<CapSet>(word);
}

}  // namespace

std::string_view cap_name(int number) {
  if (number < 0 || number > kCapLast) return {};
  return kNames[static_cast<std::size_t>(number)];
}

std::optional<int> cap_from(std::string_view word) {
  const auto index = find_word(kNames, word);
  if (!index) return std::nullopt;
  return static_cast<int>(*index);
}

std::string caps_to_string(CapSet set) {
  if (set == 0) return std::string(kNone);
  const CapSet named = set & kCapFull;
  const CapSet unnamed = set & ~kCapFull;
  std::string listed = spell({}, '|', named, unnamed);
  std::string lacking = spell(kFull, '-', kCapFull & ~named, unnamed);
  return lacking.size() < listed.size() ? lacking : listed;
}

std::optional<CapSet> caps_from(std::string_view text) {
  CapSet set = 0;
  for (bool add = true;;) {
    const std::size_t end = text.find_first_of("|-");
    const auto word = word_set(text.substr(0, end));
    if (!word) return std::nullopt;
    set = add ? set | *word : set & ~*word;
    if (end == std::string_view::npos) return set;
    add = text[end] == '|';
    text.remove_prefix(end + 1);
  }
}

}  // namespace nsabi
