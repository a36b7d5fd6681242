// The heaps that theorems start from: programs that make a shape of pointers. Counts are symbolic
// in all of them, so that a shape stands for every state that contains it.
#pragma once

#include <string_view>

namespace proofs {

// t1 in a user namespace of its own with its ids mapped, which owns its other namespaces, all its
// own but for time; nobody else is in them. t0, its parent, is in the initial ones.
#define OWN_NAMESPACES                                                               \
  "t1 = t0.clone3(CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWPID|" \
  "CLONE_NEWCGROUP|CLONE_NEWNET)\n"                                                  \
  "t0.write_uid_map(t1, [0 0 1])\n"                                                  \
  "t0.write_gid_map(t1, [0 0 1])\n"
inline constexpr std::string_view kOwn = OWN_NAMESPACES;
// … and another time namespace waits for its children.
inline constexpr std::string_view kPending = OWN_NAMESPACES "t1.unshare(CLONE_NEWTIME)\n";
// … which t2, a child, has entered.
inline constexpr std::string_view kOwnTime =
    OWN_NAMESPACES "t1.unshare(CLONE_NEWTIME)\nt2 = t1.fork()\n";
// … in namespaces that are all its own, below those of t1, and of whose user namespace t1 is the
// owner.
#define NESTED                                                                       \
  OWN_NAMESPACES                                                                     \
  "t2 = t1.clone3(CLONE_NEWUSER|CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWPID|" \
  "CLONE_NEWCGROUP|CLONE_NEWNET)\n"                                                  \
  "t2.unshare(CLONE_NEWTIME)\n"
inline constexpr std::string_view kNested = NESTED;
// t1 is in the initial user namespace, and every other namespace is its own; time is pending.
inline constexpr std::string_view kPrivileged =
    "t1 = t0.fork()\n"
    "t1.unshare(CLONE_NEWNS|CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWPID|CLONE_NEWCGROUP|CLONE_NEWNET|"
    "CLONE_NEWTIME)\n";
// Nothing but t0 in the initial namespaces.
inline constexpr std::string_view kInitial = "";

}  // namespace proofs
