// What running programs on kernels needs of the files around this command.
#pragma once

#include <string>
#include <vector>

#include "props/conform/conform.h"
#include "props/systems/systems.h"

namespace cli {

// Where the agent is; "" if it was not built with the command.
props::systems::Files system_files();

// The standing traces (props/corpus, props/systems/examples); those that cannot be read are left
// out, and are the business of the row `corpus` of nsproxy check.
std::vector<props::conform::StandingTrace> standing_traces();
// The path of a file that comes with the systems; "" if it is not there.
std::string system_file(std::string_view name);

// "host: 1,234 programs, 98,765 calls, 3,210 a second", for a live line.
std::string kernel_progress(const props::Progress& progress);

}  // namespace cli
