// Data files: see runfiles.h.
#include "cli/runfiles.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace cli {
namespace {

namespace fs = std::filesystem;

// Bazel's name for this workspace.
constexpr std::string_view kWorkspace = "nsproxy";

std::vector<fs::path> roots() {
  std::vector<fs::path> out;
  for (const char* variable : {"RUNFILES_DIR", "TEST_SRCDIR"}) {
    const char* const value = std::getenv(variable);
    if (value != nullptr) out.push_back(fs::path(value) / kWorkspace);
  }
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) out.push_back(fs::path(program.string() + ".runfiles") / kWorkspace);
  out.push_back(".");
  return out;
}

}  // namespace

std::optional<std::string> data_directory(std::string_view folder) {
  for (const fs::path& root : roots()) {
    std::error_code error;
    fs::path path = root / folder;
    if (fs::is_directory(path, error)) return path.lexically_normal().string();
  }
  return std::nullopt;
}

std::vector<std::string> files_in(const std::string& directory, std::string_view ending) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator i(directory, error), end; !error && i != end; i.increment(error)) {
    const std::string path = i->path().string();
    if (path.ends_with(ending)) out.push_back(path);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace cli
