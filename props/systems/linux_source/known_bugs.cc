#include "props/systems/linux_source/known_bugs.h"

#include <array>

namespace props {
namespace {

// prepare_nsset() makes, in this order: nsproxy, credentials, fs_struct.
bool third_allocation_fails(const abi::Call& call) {
  const auto* const setns = std::get_if<abi::Setns>(&call.op);
  return setns != nullptr && call.fault == 3 && setns->flags.has(abi::flag::NEWUSER) &&
         setns->flags.has(abi::flag::NEWNS);
}

constexpr std::array kBugs = {KnownBug{
    .id = "LINUX-01",
    .says =
        "prepare_nsset() leaks the new credentials when copying the fs_struct fails: put_nsset() "
        "looks at nsset->flags, which is set only after everything was made. Linux is wrong, "
        "5.8 on. Needs setns on a pidfd with CLONE_NEWUSER, CLONE_NEWNS and a failing "
        "allocation; costs one struct cred, and with it its user namespace and ucounts, each "
        "time.",
    .trace = "nsproxy-trace 1 profile=6.12\n"
             "f0 = t0.open_pidfd(t0)                           -> ok\n"
             "t0.setns(f0, CLONE_NEWNS|CLONE_NEWUSER) fault=3  -> ENOMEM\n",
    .met = third_allocation_fails,
}};

}  // namespace

std::span<const KnownBug> known_linux_bugs() { return kBugs; }

}  // namespace props
