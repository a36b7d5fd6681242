// `nsproxy conform` as a function: programs on a system that speaks the agent's protocol, held
// against the model.
//
// Three kinds: generated programs, standing traces, and a quota probe now and then, which finds
// namespaces that earlier programs leaked: with a limit of N, exactly N can be made. What differs
// is made smaller on that system, within a time, and written down with the rule that decided and a
// C program that shows it. What the system cannot be asked is counted, with the reason. Known
// deviations are counted only; one that the standing traces no longer show is a finding too.
//
// A standing trace that was not begun, as the time was up or enough had been found, is counted.
//
// Several jobs share the programs, each with an agent of its own in every place. A seed and a
// number of programs give the same ones in the same places however many jobs there are; a time does
// not. Each agent probes after 64 programs of its own, and at its end.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "abi/trace.h"
#include "props/conform/deviations.h"
#include "props/differ/campaign.h"
#include "props/systems/systems.h"
#include "report/report.h"

namespace props::conform {

struct StandingTrace {
  std::string file;
  abi::Trace trace;
};

struct ConformOptions {
  std::string system = "host";          // what it is called
  std::optional<std::uint64_t> seed;    // by default a random one
  std::optional<std::uint64_t> cases;   // generated programs; by default until the time is up
  std::chrono::milliseconds time{0};    // for the generated ones; 0: no limit
  std::vector<StandingTrace> standing;  // run first, in every place
  std::chrono::milliseconds standing_time{0};  // for these; 0: no limit
  std::size_t jobs = 1;                        // programs at a time, each with an agent of its own
  std::vector<KnownDeviation> known;           // what differs, and is known to
  std::string directory;                       // for traces and C programs; "": a temporary one
  std::chrono::milliseconds shrink_time{20'000};
  std::size_t most_findings = 3;   // stops after so many
  std::uint32_t max_length = 160;  // calls of a generated program
  OnProgress progress;
};

// Never throws; a place that cannot be started is a check not run.
report::Report run_conform(const systems::Prepared& system, const ConformOptions& options);

}  // namespace props::conform
