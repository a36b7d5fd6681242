#include "props/systems/systems.h"

#include <unistd.h>

namespace props::systems {
namespace {

// The running kernel. Root's programs run beside the machine's own namespaces and, as everybody
// else's, in a user namespace of their own, where quotas can be set.
Prepared prepare_host(const Files& files) {
  if (files.agent.empty() || access(files.agent.c_str(), X_OK) != 0) {
    return {
        .places = {}, .why_not = "nsproxy-agent is not there: run it through Bazel", .keep = {}};
  }
  const auto place = [&](const std::string& mode) {
    return Place{mode, {.command = {files.agent, "--mode=" + mode}}};
  };
  Prepared out;
  if (geteuid() == 0) out.places.push_back(place("host"));
  out.places.push_back(place("userns"));
  return out;
}

}  // namespace

std::span<const SystemInfo> known_systems() {
  static constexpr SystemInfo kSystems[] = {
      {"host", "the running kernel", prepare_host},
  };
  return kSystems;
}

Prepared by_command(const std::string& command) {
  Prepared out;
  out.places.push_back({"exec", {.command = {"/bin/sh", "-c", command}}});
  return out;
}

}  // namespace props::systems
