// The guests: other kernels that can be started on this machine, and how.
//
// | guest | what | from |
// |---|---|---|
// | uml | Linux as a process of this one (user-mode Linux) | Debian's user-mode-linux |
// | qemu-6.1, qemu-6.12 | Debian's cloud kernels, emulated (TCG: no KVM needed) | fetch_kernels |
// | gvisor | the gVisor sandbox's own kernel, on ptrace | Debian's runsc |
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace props::systems::guests {

// What a guest is started with.
struct Parts {
  std::string agent;                     // the path of the static nsproxy-agent
  std::string initramfs{};               // a path that stays readable
  std::vector<std::string> arguments{};  // the agent's own
};

struct NotHere {
  std::string reason;
};

// Their names, in the order of the table.
std::span<const std::string_view> names();
// Whether its kernel takes an initramfs; else it runs the agent's file as it is.
bool wants_initramfs(std::string_view name);

// The command that starts it, with the protocol on its standard input and output and anything else
// on its standard error; or why it cannot be started here, and what to do.
std::variant<std::vector<std::string>, NotHere> command_of(std::string_view name,
                                                           const Parts& parts);

// Where fetch_kernels puts kernels: $NSPROXY_KERNELS, or nsproxy/kernels in the user's cache.
std::string kernels_directory();

}  // namespace props::systems::guests
