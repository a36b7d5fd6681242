// What a conformance run met, as tables.
#pragma once

#include <string>
#include <vector>

#include "props/conform/deviations.h"
#include "props/conform/place.h"
#include "report/report.h"

namespace props::conform {

// Calls by agreement; what was not run, by reason; the rules that decided, with the versions that
// have them.
std::vector<report::Table> tables(const Tally& tally);

// "6.18.44, t0 has at most full-CAP_SYS_RESOURCE".
std::string to_text(const agent::Greeting& greeting);

inline constexpr char kTimes[] = "times";
inline constexpr char kConformanceTitle[] = "Calls: what there is of them";
inline constexpr char kKnownTitle[] = "Known deviations";

// Each call by whether it does what Linux does: no figures, which differ from run to run.
report::Table conformance(const Tally& tally, const std::vector<KnownDeviation>& known);

// A known deviation as a row: call, model and system, times, what it is.
std::vector<std::string> row_of(const KnownDeviation& deviation, std::uint64_t times);

}  // namespace props::conform
