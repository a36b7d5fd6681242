// The guests: see guests.h.
#include "props/systems/guests/guests.h"

#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <optional>

namespace props::systems::guests {
namespace {

using Command = std::vector<std::string>;
using Answer = std::variant<Command, NotHere>;

constexpr std::array<std::string_view, 4> kNames = {"uml", "qemu-6.1", "qemu-6.12", "gvisor"};
constexpr std::string_view kQemuPrefix = "qemu-";

std::optional<std::string> find_program(const std::string& name) {
  // Not PATH: a test's is not the user's, and these are where Debian puts them.
  for (const char* directory : {"/usr/bin/", "/usr/local/bin/", "/usr/sbin/"}) {
    std::string path = directory + name;
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  return std::nullopt;
}

NotHere no_program(const std::string& name, const std::string& package) {
  return {"no " + name + " here: install Debian's package " + package};
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += ' ' + word;
  return out;
}

// 32 MB are too few. Its console is standard error; the second terminal carries the protocol.
Answer uml(const Parts& parts) {
  const auto program = find_program("linux.uml");
  if (!program) return no_program("linux.uml", "user-mode-linux");
  Command command = {*program,
                     "mem=64M",
                     "initrd=" + parts.initramfs,
                     "con=null",
                     "con0=null,fd:2",
                     "quiet",
                     "con1=fd:0,fd:1",
                     "--",
                     "/dev/tty1"};
  command.insert(command.end(), parts.arguments.begin(), parts.arguments.end());
  return command;
}

// The default machine: microvm hangs with 6.1. The first serial line carries the protocol, the
// second is the kernel's console. On a busy machine the kernel's check of its timer would fail; a
// panic ends the machine.
Answer qemu(std::string_view series, const Parts& parts) {
  const auto program = find_program("qemu-system-x86_64");
  if (!program) return no_program("qemu-system-x86_64", "qemu-system-x86");
  const std::string kernel = kernels_directory() + "/" + std::string(series) + "/vmlinuz";
  if (access(kernel.c_str(), R_OK) != 0) {
    return NotHere{"no kernel " + kernel + ": run props/systems/guests/fetch_kernels"};
  }
  return Command{
      *program,
      "-accel",
      "tcg",
      "-cpu",
      "max",
      "-m",
      "128",
      "-nodefaults",
      "-no-reboot",
      "-display",
      "none",
      "-serial",
      "stdio",
      "-serial",
      "file:/dev/stderr",
      "-kernel",
      kernel,
      "-initrd",
      parts.initramfs,
      "-append",
      "console=ttyS1 quiet panic=-1 no_timer_check -- /dev/ttyS0" + joined(parts.arguments)};
}

// As another user than root it needs a user namespace of its own.
Answer gvisor(const Parts& parts) {
  const auto program = find_program("runsc");
  if (!program) return no_program("runsc", "runsc");
  Command command = {*program, "--root=/dev/shm/runsc", "--network=none", "--ignore-cgroups",
                     "--platform=ptrace"};
  if (geteuid() != 0) command.push_back("--rootless");
  command.insert(command.end(), {"do", parts.agent});
  if (parts.arguments.empty()) command.push_back("--mode=bare");  // all that it has the calls for
  command.insert(command.end(), parts.arguments.begin(), parts.arguments.end());
  return command;
}

}  // namespace

std::span<const std::string_view> names() { return kNames; }

bool wants_initramfs(std::string_view name) { return name != "gvisor"; }

std::string kernels_directory() {
  if (const char* directory = std::getenv("NSPROXY_KERNELS")) return directory;
  if (const char* cache = std::getenv("XDG_CACHE_HOME")) {
    return std::string(cache) + "/nsproxy/kernels";
  }
  const char* home = std::getenv("HOME");
  if (home == nullptr) {  // as in Bazel's tests
    const passwd* user = getpwuid(geteuid());
    home = user != nullptr ? user->pw_dir : "";
  }
  return std::string(home) + "/.cache/nsproxy/kernels";
}

Answer command_of(std::string_view name, const Parts& parts) {
  if (name == "uml") return uml(parts);
  if (name == "gvisor") return gvisor(parts);
  if (name.starts_with(kQemuPrefix)) return qemu(name.substr(kQemuPrefix.size()), parts);
  return NotHere{"no guest is called " + std::string(name)};
}

}  // namespace props::systems::guests
