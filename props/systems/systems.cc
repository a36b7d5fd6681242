#include "props/systems/systems.h"

#include <unistd.h>

#include "props/systems/guests/guests.h"

namespace props::systems {
namespace {

constexpr char kNoAgent[] = "nsproxy-agent is not there: run it through Bazel";

bool runs(const std::string& path) { return !path.empty() && access(path.c_str(), X_OK) == 0; }

// The running kernel. Root's programs run beside the machine's own namespaces and, as everybody
// else's, in a user namespace of their own, where quotas can be set.
Prepared prepare_host(const Files& files) {
  if (!runs(files.agent)) return {.places = {}, .why_not = kNoAgent, .keep = {}};
  const auto place = [&](const std::string& mode) {
    return Place{mode, {.command = {files.agent, "--mode=" + mode}}};
  };
  Prepared out;
  if (geteuid() == 0) {
    out.places.push_back(place("host"));
  } else {
    out.absent.push_back({"host", "only root can make what it runs in; in userns anybody can"});
  }
  out.places.push_back(place("userns"));
  // Calls wait for the kernel, not for a processor.
  out.jobs = 8;
  return out;
}

// Another kernel, started for this (docs/guests.md). Everything in it is root's.
Prepared prepare_guest(const Files& files, const std::string& name) {
  // Emulated, on a machine that has other things to do.
  constexpr std::chrono::milliseconds kStart{200'000}, kCall{90'000};
  if (!runs(files.agent) || !runs(files.guest)) {
    return {.places = {}, .why_not = kNoAgent, .keep = {}};
  }
  const auto command = guests::command_of(name, {.agent = files.agent});
  if (const auto* not_here = std::get_if<guests::NotHere>(&command)) {
    return {.places = {}, .why_not = not_here->reason, .keep = {}};
  }
  Prepared out;
  // A kernel that lacks what the other modes need is run bare, as docs/guests.md says.
  const std::vector<std::string> modes = name == "gvisor"
                                             ? std::vector<std::string>{"bare"}
                                             : std::vector<std::string>{"host", "userns"};
  for (const std::string& mode : modes) {
    const std::vector<std::string> words = {files.guest, "--agent=" + files.agent, name,
                                            "--mode=" + mode};
    out.places.push_back({mode, {.command = words, .start_limit = kStart, .call_limit = kCall}});
  }
  return out;
}

template <std::size_t kGuest>
Prepared prepare_guest(const Files& files) {
  return prepare_guest(files, std::string(guests::names()[kGuest]));
}

}  // namespace

std::span<const SystemInfo> known_systems() {
  static constexpr SystemInfo kSystems[] = {
      {"host", "the running kernel", prepare_host},
      {"uml", "Debian's user-mode Linux", prepare_guest<0>},
      {"qemu-6.1", "Debian's cloud kernel 6.1, emulated", prepare_guest<1>},
      {"qemu-6.12", "Debian's cloud kernel 6.12, emulated", prepare_guest<2>},
      {"gvisor", "the gVisor sandbox (runsc)", prepare_guest<3>, "gvisor.deviations"},
  };
  return kSystems;
}

Prepared by_command(const std::string& command) {
  Prepared out;
  out.places.push_back({"exec", {.command = {"/bin/sh", "-c", command}}});
  return out;
}

}  // namespace props::systems
