// How the log's first task started, as far as the log shows it.
//
// Read before the replay, from what programs ask and are told until something changes it: ids
// (getuid and its kind, a one-id uid_map), capabilities (capget, PR_CAPBSET_READ), the kernel
// (uname), the inode numbers of the first task's own namespaces. What the log leaves open comes
// from the caller's options, else: root, every capability, the newest standard profile.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "abi/cap.h"
#include "abi/namespace.h"
#include "abi/profile.h"
#include "cli/strace/log.h"
#include "cli/strace/strace_log.h"

namespace cli::strace_log {

struct Start {
  abi::Profile profile;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  abi::CapSet caps = abi::kCapFull;  // effective and permitted
  abi::CapSet bounding = abi::kCapFull;
  bool ids_shown = false;  // by the log
  bool caps_shown = false;
  std::array<std::uint64_t, abi::kNsTypes> inum{};  // its own namespaces; 0 unknown
  std::string uid_from, caps_from, profile_from;    // where the log shows them; "" nowhere
  std::string note;                                 // all of this in one line, for the report
};

Start find_start(const Log& log, const Options& options);

}  // namespace cli::strace_log
