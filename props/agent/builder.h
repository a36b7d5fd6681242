// The two short-lived processes that build an enclosure from inside: they are the agent's own
// image, forked, and end as its init puppet.
//
// The first unshares the namespaces and forks the second as its sibling (CLONE_PARENT), which then
// is pid 1, builds the root and executes the puppet. They talk to the supervisor in single
// messages over the socket that puppets use later.
#pragma once

#include <optional>
#include <string>

namespace props::agent {

// What they say, one character each; kFailed is followed by the reason.
enum class Word : char {
  unshared = 'u',  // builder -> supervisor: in the new user namespace, write its maps
  mapped = 'm',    // supervisor -> builder, followed by kSingleId if so
  tied = 't',      // init -> supervisor: it will die with the supervisor
  proceed = 'p',   // supervisor -> init
  failed = '!',
};

inline constexpr char kSingleId[] = "1";

bool say(int socket, Word word, const std::string& reason = {});
// The next message, or nothing after a while or when the other side is gone.
std::optional<std::string> hear(int socket);

struct BuildPlan {
  int socket = -1;  // the puppets' end
  int proc = -1;
  int memfd = -1;
  int cgroup = -1;  // -1: none
  bool userns = false;
  bool bare = false;  // only what the kernel has
};

// Runs in a forked child of the supervisor; never returns.
[[noreturn]] void build_enclosure(const BuildPlan& plan);
// Without a first process: runs in a child of the supervisor that is pid 1 already.
[[noreturn]] void build_bare_enclosure(const BuildPlan& plan);

// A directory of a mounted cgroup2 file system, or -1. The caller closes it.
int open_cgroup2();

}  // namespace props::agent
