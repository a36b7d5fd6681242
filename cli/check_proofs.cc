// The theorems: see checks.h.
#include "cli/checks.h"
#include "proofs/prove.h"

namespace cli {

void check_proofs(report::Report& out, const CheckOptions& options) {
  std::string error;
  const auto progress = [&](const proofs::Progress& p) {
    if (options.progress) options.progress(proofs::progress_line(p));
  };
  proofs::ProveOptions how;
  how.glob = options.theorems;
  how.audit = false;  // it takes as long again: `nsproxy prove`
  proofs::prove(how, out, progress, error);
}

}  // namespace cli
