// The table of commands: see commands.h.
#include "cli/commands.h"

namespace cli {

std::span<const Command> commands() {
  static constexpr Command kCommands[] = {
      {"check", "check everything that this machine can check in about a minute", run_check},
      {"diff", "run the implementations against the model, side by side", run_diff},
      {"conform", "hold a running kernel against the model", run_conform},
      {"prove", "prove that the implementation keeps the rules, for every word and state",
       run_prove},
      {"replay", "replay trace text on the model", run_replay},
      {"strace", "hold recorded runs of real programs against the model", run_strace},
      {"explain", "say which rule decides a call, and what would make it pass", run_explain},
      {"rules", "print the rules that the model checks", run_rules},
  };
  return kCommands;
}

}  // namespace cli
