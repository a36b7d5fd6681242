// A failing program as files and as a report's finding.
#pragma once

#include <cstdint>
#include <string>

#include "props/differ/run.h"
#include "report/report.h"

namespace props {

// Writes a trace under comments that say where it comes from, into a directory that is made if need
// be; "": report::temporary_directory(). Returns its path, or "" and an explanation on standard
// error if it cannot be written.
std::string save_trace(const std::string& directory, const std::string& file,
                       const abi::Trace& trace, const std::string& comment);

// `file`: where the smallest trace was saved.
report::Finding to_finding(const Subject& subject, const Story& story, std::uint64_t seed,
                           const std::string& file);

// The last call and both results, in one line.
std::string headline(const Subject& subject, const Story& story);

// The check that a campaign's findings belong to: "model = baseline".
std::string check_name(const Subject& subject);

}  // namespace props
