#include "cli/kernel.h"

#include <algorithm>
#include <filesystem>

#include "cli/io.h"
#include "cli/runfiles.h"

namespace cli {

namespace {

// The absolute path of a program that ships with the command; "" if it is not there.
std::string program_in(std::string_view folder, std::string_view name) {
  const auto directory = data_directory(folder);
  if (!directory) return "";
  const std::filesystem::path path = std::filesystem::path(*directory) / name;
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return "";
  return std::filesystem::absolute(path, error).string();
}

}  // namespace

props::systems::Files system_files() {
  return {.agent = program_in("props/agent", "nsproxy-agent"),
          .guest = program_in("props/systems/guests", "nsproxy-guest")};
}

std::string system_file(std::string_view name) { return program_in("props/systems", name); }

std::vector<props::conform::StandingTrace> standing_traces() {
  std::vector<props::conform::StandingTrace> out;
  for (const std::string_view folder : {"props/corpus", "props/systems/examples"}) {
    const auto directory = data_directory(folder);
    if (!directory) continue;
    for (const std::string& path : files_in(*directory, ".ns")) {
      const auto read = read_trace(path);
      if (const auto* trace = std::get_if<abi::Trace>(&read)) {
        out.push_back({std::filesystem::path(path).stem().string(), *trace});
      }
    }
  }
  return out;
}

std::string kernel_progress(const props::Progress& progress) {
  const double rate = static_cast<double>(progress.calls) / std::max(progress.seconds, 0.001);
  return std::string(progress.subject) + ": " + report::with_commas(progress.programs) +
         " programs, " + report::with_commas(progress.calls) + " calls, " +
         report::with_commas(static_cast<std::uint64_t>(rate)) + " a second";
}

}  // namespace cli
