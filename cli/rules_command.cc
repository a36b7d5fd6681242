// `nsproxy rules [--markdown]`: the table of rules.
#include "cli/commands.h"
#include "cli/io.h"
#include "cli/rules.h"

namespace cli {

int run_rules(Arguments args) {
  bool markdown = false;
  bool steps = false;
  Options options("rules",
                  "Prints every rule that the model checks: the call, its place in the kernel's "
                  "order, errno,\nversions, kernel function, when it fires, and what to do.");
  options.flag("--markdown", "as Markdown: docs/rules.md is this output", markdown);
  options.flag("--steps", "also the steps that can fail for want of memory and the like", steps);
  if (const auto status = options.read(args)) return *status;

  print(markdown ? rules_as_markdown(steps) : rules_as_text(steps));
  return kHolds;
}

}  // namespace cli
