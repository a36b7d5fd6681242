// Paths, as far as they name something of a namespace: /proc/PID/ns/*, id maps, limits.
//
// Purely textual: symbolic links are not followed but for self and thread-self, and "..", "." and
// empty parts are folded. A directory of /proc that was opened keeps whose it is: its path says
// "/proc/#INDEX", because self and numbers mean somebody else to whoever gets the descriptor.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "abi/namespace.h"
#include "abi/ns_type.h"
#include "cli/strace/fd_table.h"

namespace cli::strace_log {

// `path` from `base` ("" unknown): absolute where that is known, else as it is.
std::string join_path(std::string_view base, std::string_view path);

struct ProcPath {
  enum class Who : std::uint8_t { self, thread_self, pid, task };
  Who who = Who::self;
  std::int32_t pid = 0;             // Who::pid: the number in the path, of the task if it is there
  std::uint32_t task = 0;           // Who::task: "/proc/#12", an index that the replay put there
  bool thread = false;              // …/task/TID: names a thread, not its process
  std::optional<abi::NsLink> link;  // …/ns/LINK
  ControlFile control = ControlFile::none;  // …/uid_map and its kind
  std::int64_t fd = -1;                     // …/fd/N
};

// Nothing if the path names nothing of the kind.
std::optional<ProcPath> proc_path(std::string_view path);

// The part of a path that says whose it is ("/proc/self", "/proc/12/task/13"), "" if there is none.
std::string_view proc_owner(std::string_view path);

// The type whose limit /proc/sys/user/max_TYPE_namespaces sets.
std::optional<abi::NsType> limit_path(std::string_view path);

// "net:[4026531833]", as readlink and -y print it. Pid and time stand for their active links.
struct NsText {
  abi::NsType type = abi::NsType::mnt;
  std::uint64_t inum = 0;
};
std::optional<NsText> ns_text(std::string_view text);

constexpr abi::NsLink link_of(abi::NsType type) {
  switch (type) {
    case abi::NsType::pid:
      return abi::NsLink::pid;
    case abi::NsType::time:
      return abi::NsLink::time;
    case abi::NsType::user:
      return abi::NsLink::user;
    default:
      // The others stand in both enumerations at the same place.
      return static_cast<abi::NsLink>(abi::index(type));
  }
}
static_assert(type_of(link_of(abi::NsType::cgroup)) == abi::NsType::cgroup);
static_assert(type_of(link_of(abi::NsType::net)) == abi::NsType::net);

}  // namespace cli::strace_log
