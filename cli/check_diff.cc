// A differential run: see checks.h.
#include "cli/checks.h"
#include "props/differ/diff.h"

namespace cli {

void check_diff(report::Report& out, const CheckOptions& options) {
  props::DiffOptions diff;
  diff.impls = {"baseline", "optimized"};  // each optimization alone: `nsproxy diff`
  diff.time = options.diff_time;
  diff.directory = options.directory;
  diff.progress = [&](const props::Progress& p) { options.progress(props::progress_line(p)); };
  report::Report found = props::run_diff(diff);
  found.title.clear();
  report::merge(out, found);
}

}  // namespace cli
