// Which inode number is which namespace of the model, and what both are called in the report.
//
// A number that strace shows must always mean the same living namespace. Numbers are used again
// after a namespace's death (DATA-10), which the kernel may learn of later than the model or the
// log: a number is only held against a namespace that some task of the log is certain to be in.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "abi/namespace.h"
#include "abi/ns_type.h"
#include "abi/view.h"

namespace cli::strace_log {

class Identities {
 public:
  // The namespace that has the number, or kNoObject.
  abi::ObjId of(abi::NsType type, std::uint64_t inum) const;
  // The number that the namespace was seen with, or 0.
  std::uint64_t inum_of(abi::ObjId ns) const;
  void bind(abi::NsType type, std::uint64_t inum, abi::ObjId ns);

  // "net:2": namespaces are numbered by type as the report meets them, the first ones from 0.
  std::string name(abi::NsType type, abi::ObjId ns);

 private:
  static std::uint64_t key(abi::NsType type, std::uint64_t inum) {
    return (inum << 3) | static_cast<std::uint64_t>(abi::index(type));
  }
  std::unordered_map<std::uint64_t, abi::ObjId> ns_of_;
  std::unordered_map<abi::ObjId, std::uint64_t> inum_of_;
  std::unordered_map<abi::ObjId, std::uint32_t> ordinal_;
  std::array<std::uint32_t, abi::kNsTypes> next_{};
};

// Numbers below are fixed for the initial namespaces (PROC_*_INIT_INO; mnt and net since 6.17).
inline constexpr std::uint64_t kFirstDynamicInum = 0xf0000000;
inline constexpr std::uint64_t kFirstFixedInum = 0xeffffff0;
constexpr bool is_initial_inum(std::uint64_t inum) {
  return inum >= kFirstFixedInum && inum < kFirstDynamicInum;
}

}  // namespace cli::strace_log
