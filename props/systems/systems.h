// The systems that `nsproxy conform` knows by name: how each is started here, or why it cannot be.
//
// A system is one or more commands that speak the agent's protocol (docs/agent.md). To add one: a
// function that prepares it, and its line in the table of systems.cc.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "props/systems/agent_system.h"

namespace props::systems {

// A way of running programs on a system: "host", "userns".
struct Place {
  std::string name;
  AgentCommand command;
};

struct Absent {
  std::string name, why;
};

struct Prepared {
  std::vector<Place> places;
  std::string why_not;           // why it cannot run here, if it cannot: places is empty then
  std::vector<Absent> absent{};  // places that it could have, and not here
  std::shared_ptr<void> keep;    // what has to last as long as the commands run: a directory, say
  std::size_t jobs = 1;          // programs at a time that suit it
};

// What preparing may need.
struct Files {
  std::string agent;  // path of nsproxy-agent; "" if there is none
  std::string guest;  // path of nsproxy-guest; "" if there is none
};

struct SystemInfo {
  std::string_view name;
  std::string_view says;
  Prepared (*prepare)(const Files& files);
  std::string_view deviations{};  // the file in this folder that lists what it does otherwise
};

std::span<const SystemInfo> known_systems();

// A command line for a shell, given by the user.
Prepared by_command(const std::string& command);

}  // namespace props::systems
