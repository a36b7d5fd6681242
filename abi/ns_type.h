// The eight namespace types and the ten /proc/PID/ns links.
//
// Mirrors include/uapi/linux/nsfs.h and fs/proc/namespaces.c. The order is the order in which
// create_new_namespaces() builds them, with user last: loops over it follow the kernel.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "abi/flags.h"

namespace nsabi {

enum class NsType : std::uint8_t { mnt, uts, ipc, pid, cgroup, net, time, user };
inline constexpr std::size_t kNsTypes = 8;
inline constexpr std::array<NsType, kNsTypes> kAllNsTypes = {
    NsType::mnt,    NsType::uts, NsType::ipc,  NsType::pid,
    NsType::cgroup, NsType::net, NsType::time, NsType::user};

// The links of /proc/PID/ns. The first eight are the slots of a nsproxy, in its rollback order.
enum class NsLink : std::uint8_t {
  mnt,
  uts,
  ipc,
  pid_for_children,
  cgroup,
  net,
  time_for_children,
  time,
  pid,   // the active pid namespace: from the struct pid, not from the nsproxy
  user,  // from the credentials
};
inline constexpr std::size_t kNsLinks = 10;
inline constexpr std::size_t kNsproxySlots = 8;

constexpr std::size_t index(NsType t) { return static_cast<std::size_t>(t); }
constexpr std::size_t index(NsLink l) { return static_cast<std::size_t>(l); }

// The type of the namespace that a link shows.
constexpr NsType type_of(NsLink l) {
  constexpr std::array<NsType, kNsLinks> types = {
      NsType::mnt, NsType::uts,  NsType::ipc,  NsType::pid, NsType::cgroup,
      NsType::net, NsType::time, NsType::time, NsType::pid, NsType::user};
  return types[index(l)];
}

// The CLONE_NEW* bit of a type.
constexpr Flags flag_of(NsType t) {
  constexpr std::array<Flags, kNsTypes> bits = {flag::NEWNS,   flag::NEWUTS,    flag::NEWIPC,
                                                flag::NEWPID,  flag::NEWCGROUP, flag::NEWNET,
                                                flag::NEWTIME, flag::NEWUSER};
  return bits[index(t)];
}

// "mnt", "uts", … as in /proc/PID/ns and /proc/sys/user/max_*_namespaces.
std::string_view name(NsType t);
std::string_view name(NsLink l);
// The inverse of name(); nothing for an unknown word.
std::optional<NsType> ns_type_from(std::string_view word);
std::optional<NsLink> ns_link_from(std::string_view word);

// A set of namespace types.
class TypeSet {
 public:
  constexpr TypeSet() = default;
  static constexpr TypeSet all() { return TypeSet(0xff); }
  constexpr bool has(NsType t) const { return (bits_ >> index(t) & 1) != 0; }
  constexpr TypeSet with(NsType t) const { return TypeSet(bits_ | 1u << index(t)); }
  constexpr TypeSet without(NsType t) const { return TypeSet(bits_ & ~(1u << index(t))); }
  constexpr bool operator==(const TypeSet&) const = default;

 private:
  explicit constexpr TypeSet(unsigned bits) : bits_(static_cast<std::uint8_t>(bits)) {}
  std::uint8_t bits_ = 0;
};

}  // namespace nsabi
