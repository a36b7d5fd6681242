// The commands of `nsproxy`. A command parses, calls and prints; what it shows is found elsewhere.
//
// To add one: a file NAME_command.cc with its run function, and its line in the table of
// commands.cc.
#pragma once

#include <span>
#include <string_view>

#include "cli/options.h"

namespace cli {

struct Command {
  std::string_view name;
  std::string_view says;  // one line for the list of commands
  int (*run)(Arguments);  // gives the exit status
};

// In the order of the help.
std::span<const Command> commands();

int run_check(Arguments args);
int run_diff(Arguments args);
int run_conform(Arguments args);
int run_prove(Arguments args);
int run_replay(Arguments args);
int run_strace(Arguments args);
int run_explain(Arguments args);
int run_rules(Arguments args);

}  // namespace cli
