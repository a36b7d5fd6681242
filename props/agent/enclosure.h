// The enclosure: where programs run, so that the kernel itself cleans up after them.
//
// Its init is a puppet in a pid and a mount namespace of its own. It is the *outside* of TASK-01:
// parent of every t0, reaper of every orphan, and it dies with the agent (PR_SET_PDEATHSIG). When
// it dies the kernel kills whatever a program made, and with the last task go its mounts. What
// programs see as the initial namespaces are those that the init is in:
//
// - host: the agent's own uts, net, cgroup, time and user namespaces; pid, mnt and ipc are new but
//   have the same owner. A program can tell by the depth left for pid namespaces only.
// - userns: all eight are new and owned by a new user namespace with every capability. Quotas of
//   the initial user namespace can be set here, on no one else's account.
// - bare: for a kernel that is thrown away afterwards and lacks some of what the others need. Only
//   pid is new, and mnt and ipc if the kernel can make them; the root stays the kernel's.
//
// The root of the mount namespace is a small tmpfs: `in` (to chroot to), `b/N` (to bind to), `piv`
// (to pivot to) and `program` (this binary). Puppets' working directory is that root and stays so,
// so that relative paths mean the root of the mount namespace even in a chroot.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "props/agent/procfs.h"
#include "props/agent/puppets.h"

namespace props::agent {

struct BuildPlan;

enum class Mode : std::uint8_t { host, userns, bare };

// Whether this process is in a user namespace that maps every id, as the machine's own does.
bool maps_every_id();

inline constexpr std::uint32_t kBindPlaces = 32;
inline constexpr int kPivotDepth = 4;

// The one semaphore of an ipc namespace that programs use.
inline constexpr int kSemaphoreKey = 0x6e737079;

// What a program did to the initial namespaces that outlives its tasks.
struct Litter {
  std::vector<std::uint32_t> binds;  // their places, in the initial mount namespace
  std::vector<pid_t> numbers;        // of its tasks, in the initial pid namespace
  bool beyond_repair = false;        // a new root, other limits
};

class Enclosure {
 public:
  Enclosure(Puppets& puppets, Mode mode) : puppets_(puppets), mode_(mode) {}
  Enclosure(const Enclosure&) = delete;
  Enclosure& operator=(const Enclosure&) = delete;
  ~Enclosure() { close(); }

  // Makes a new one in the place of the last, if there is one. Says what went wrong, or nothing.
  std::optional<std::string> open();
  // Kills everything in it and waits until the kernel has let go of it; false if that takes long.
  bool close();

  // Kills and reaps what a program left, tidies up, and starts pid numbers anew at 2 where the
  // kernel can do that. False if the enclosure is of no more use.
  bool clear(const Litter& litter);
  // How deep the initial pid namespace is, counted like ProcStatus::numbers.
  std::size_t depth() const { return init_status_.numbers.size(); }

  // How many pid and user namespaces the initial ones are below the machine's own, as far as one
  // can tell: an agent in a container does not know.
  std::size_t pid_depth() const;
  std::size_t user_depth() const;

  Mode mode() const { return mode_; }
  // Only one user and group id is mapped in it: quotas cannot be set exactly.
  bool single_id() const { return single_id_; }
  // An id as tasks of the initial user namespace know it, from the supervisor's.
  nsabi::Id inside_uid(nsabi::Id outside) const { return inside(outside, outer_uid_); }
  nsabi::Id inside_gid(nsabi::Id outside) const { return inside(outside, outer_gid_); }

  bool has_cgroupfs() const { return has_cgroupfs_; }
  const ProcTask& init() const { return init_; }
  const ProcStatus& init_status() const { return init_status_; }
  const Procfs& procfs() const { return procfs_; }
  const ProcSight& sight() const { return sight_; }
  // The root of the initial mount namespace, from where puppets stand.
  const char* root() const { return mode_ == Mode::bare ? ".." : "."; }
  int proc_directory() const { return proc_.get(); }
  // The supervisor's end of the puppets' socket, and a copy of the puppets' end.
  int socket() const { return socket_.get(); }
  int puppet_socket() const { return puppet_socket_.get(); }

  static constexpr std::size_t kInitSlot = 0;

 private:
  nsabi::Id inside(nsabi::Id outside, nsabi::Id mapped) const;
  std::optional<std::string> start_init();
  std::optional<std::string> start_bare_init(const BuildPlan& plan);
  std::optional<std::string> greet_init(pid_t builder);
  std::optional<std::string> adopt_init();
  bool pending() const;  // a message or the end of them
  bool run(const Script& script);
  bool sweep(const Litter& litter);
  bool all_free(const std::vector<pid_t>& numbers);

  Puppets& puppets_;
  Mode mode_;
  bool single_id_ = false;
  bool has_cgroupfs_ = false;
  nsabi::Id outer_uid_ = 0, outer_gid_ = 0;
  ProcTask init_;
  ProcStatus init_status_;
  ProcSight sight_;
  UniqueFd proc_, socket_, puppet_socket_;
  Procfs procfs_{-1};
};

}  // namespace props::agent
