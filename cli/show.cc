// Showing a report: see show.h.
#include "cli/show.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "cli/io.h"
#include "report/files.h"
#include "report/terminal.h"

namespace cli {
namespace {

constexpr std::size_t kColumns = 79;  // what any terminal has; a longer line would wrap and stay

bool wants_colour() { return ::isatty(STDOUT_FILENO) == 1 && std::getenv("NO_COLOR") == nullptr; }

}  // namespace

int show(const report::Report& report, const Show& how) {
  print(report::to_terminal(report, {.colour = wants_colour(), .tables = how.tables}));
  if (!how.directory.empty()) {
    std::string wrong;
    const auto files = report::write_files(report, how.directory, wrong);
    for (const std::string& file : files) print("wrote " + file + "\n");
    if (!wrong.empty()) return usage_error("--report: " + wrong);
  }
  return report::exit_status(report);
}

std::string make_directory(const std::string& directory) {
  std::error_code error;
  if (!directory.empty()) std::filesystem::create_directories(directory, error);
  return error ? directory + " cannot be made: " + error.message() : "";
}

LiveLine::LiveLine() : live_(::isatty(STDERR_FILENO) == 1) {}

void LiveLine::show(std::string_view text) {
  if (!live_) return;
  std::fprintf(stderr, "\r\x1b[K%.*s", static_cast<int>(std::min(text.size(), kColumns)),
               text.data());
  std::fflush(stderr);
}

void LiveLine::clear() { show(""); }

}  // namespace cli
