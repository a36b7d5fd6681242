// `nsproxy strace LOG...`: recorded runs held against the model (cli/strace does the work).
#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "abi/words.h"
#include "cli/commands.h"
#include "cli/io.h"
#include "cli/strace/strace_log.h"

namespace cli {
namespace {

constexpr std::string_view kAbout =
    "Reads what strace -f wrote, gives every call that the namespace rules decide to the model, "
    "and says\nwhere the kernel and the model disagree. Calls that failed for a reason outside of "
    "the model (a missing\nfile, say) are counted apart, with the reason.";

constexpr std::string_view kClosing =
    "To record one: strace -f -o LOG unshare -Urpf true\n"
    "Exit status: 0 nothing diverged, 1 something did, 2 a log cannot be read.";

// What the user should know if nothing can be said about the log.
std::optional<std::string> wrong_with(const std::string& text, const strace_log::LogReport& report,
                                      const std::string& name) {
  if (text.empty()) return name + ": is empty; record a log with strace -f -o LOG PROGRAM";
  if (report.readable && report.tasks == 0) {
    return name + ": no system call is in it; record one with strace -f -o LOG PROGRAM";
  }
  if (report.readable) return std::nullopt;
  std::string line = strace_log::format(report, name);
  while (line.ends_with('\n')) line.pop_back();
  return line;
}

int save(const std::string& path, const std::string& trace) {
  std::ofstream out(path, std::ios::binary);
  out << trace;
  out.close();
  if (out.fail()) return usage_error("--save: " + path + " cannot be written");
  print("wrote " + path + "\n");
  return kHolds;
}

}  // namespace

int run_strace(Arguments args) {
  std::vector<std::string> paths;
  std::string saved;
  strace_log::Options how;
  Options options("strace", kAbout);
  options.operands("LOG", "what strace -f -o LOG wrote, or - for standard input", paths);
  options.value("--as", "UID", "who ran the tool, where the log does not show it (default: root)",
                read_into(how.uid, nsabi::number_from<std::uint32_t>, "a number such as 1000"));
  options.value(
      "--caps", "SET", "with which capabilities, where the log does not show them",
      read_into(how.caps, abi::caps_from, "none, full, full-CAP_SYS_ADMIN or names joined by |"));
  options.value(
      "--profile", "V", "the kernel, where the log does not show it",
      read_into(how.profile, abi::profile_from, "a kernel version from 5.8 to 7.9 such as 6.1"));
  options.flag("--timeline", "also draw who was in which namespace when", how.timeline);
  options.value("--save", "FILE", "write what was replayed as trace text; for one LOG",
                keep_in(saved));
  options.closing(kClosing);
  if (const auto status = options.read(args)) return *status;
  if (!saved.empty() && paths.size() > 1) return usage_error("--save takes one LOG");
  how.save = !saved.empty();

  int status = kHolds;
  for (const std::string& path : paths) {
    const auto input = read_input(path);
    if (const auto* failure = std::get_if<Failure>(&input)) {
      status = std::max(status, usage_error(failure->what));
      continue;
    }
    const auto& text = std::get<std::string>(input);
    const strace_log::LogReport report = strace_log::check_log(text, how);
    if (const auto wrong = wrong_with(text, report, input_name(path))) {
      status = std::max(status, usage_error(*wrong));
      continue;
    }
    print(strace_log::format(report, input_name(path)));
    if (report.total.diverged > 0) status = std::max(status, kViolated);
    if (how.save) status = std::max(status, save(saved, report.trace));
  }
  return status;
}

}  // namespace cli
