// What /proc tells the supervisor about the tasks of a program.
//
// Everything is read through the supervisor's own /proc, whatever the task has done to its mounts
// and pid namespaces. Nothing here keeps a namespace file open, so that looking holds nothing
// alive.
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "abi/view.h"

namespace props::agent {

// A task by its numbers in the supervisor's /proc.
struct ProcTask {
  pid_t tgid = 0;
  pid_t tid = 0;
};

// The parts of /proc/PID/task/TID/stat that say how alive it is.
struct ProcStat {
  char state = '?';  // 'Z': a zombie
  pid_t parent = 0;  // its parent's tgid; 0 outside of this /proc
  std::uint64_t flags = 0;
  bool exiting = false;  // has begun to exit (PF_EXITING)
  bool killed = false;   // a SIGKILL is pending
  bool operator==(const ProcStat&) const = default;
};

struct ProcStatus {
  std::array<nsabi::Id, 3> uid{}, gid{};  // real, effective, saved
  nsabi::CapSet effective = 0, permitted = 0, inheritable = 0, bounding = 0, ambient = 0;
  std::vector<pid_t> numbers;  // by pid namespace, outermost first; empty: not told
};

// What this /proc tells of tasks at all: other kernels than Linux leave things out.
struct ProcSight {
  bool exits = true;       // who exits or is being killed
  bool numbers = true;     // in each pid namespace
  bool pidfds = true;      // the kernel has them
  bool ids = true;         // uids and gids
  bool caps = true;        // capabilities
  bool ambient = true;     // the ambient ones
  bool roots = true;       // whether a root is that of a mount
  bool identities = true;  // a namespace's links have one number, another's have another
};

class Procfs {
 public:
  explicit Procfs(int directory) : directory_(directory) {}

  // Nothing if the task is gone.
  std::optional<ProcStat> stat(ProcTask t) const;
  std::optional<ProcStatus> status(ProcTask t) const;
  // The inode number of a namespace; 0 if the link leads nowhere.
  std::uint64_t ns(ProcTask t, nsabi::NsLink link) const;
  // The same of its parent (pid and user namespaces); 0 also if that is out of sight.
  std::uint64_t parent_ns(ProcTask t, nsabi::NsLink link) const;
  // Whether its root is a directory below the root of a mount. Programs chroot to such directories
  // only, so this says whether they have; a root that is a mount in another mount namespace
  // (SETNS-44) does not show.
  bool chrooted(ProcTask t) const;

  // What there is to see, found out on two tasks that are in the same user namespace.
  ProcSight sight(ProcTask one, ProcTask other) const;

 private:
  std::optional<std::string> read(ProcTask t, const char* file) const;
  int directory_;
};

}  // namespace props::agent
