#include "report/files.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "report/json.h"
#include "report/junit.h"
#include "report/markdown.h"

namespace report {

std::vector<std::string> write_files(const Report& report, const std::string& directory,
                                     std::string& error) {
  std::error_code made;
  std::filesystem::create_directories(directory, made);
  std::vector<std::string> written;
  const std::pair<const char*, std::string> files[] = {{"report.json", to_json(report)},
                                                       {"report.xml", to_junit(report)},
                                                       {"report.md", to_markdown(report)}};
  for (const auto& [file, text] : files) {
    const std::string path = (std::filesystem::path(directory) / file).string();
    std::ofstream out(path, std::ios::binary);
    out << text;
    out.close();
    if (out.fail()) {
      error = "cannot write " + path;
      return written;
    }
    written.push_back(path);
  }
  return written;
}

const std::string& temporary_directory() {
  static const std::string directory = [] {
    std::error_code none;
    // Nobody else can have made it, or a link in its place.
    std::string path = (std::filesystem::temp_directory_path(none) / "nsproxy-XXXXXX").string();
    return ::mkdtemp(path.data()) == nullptr ? std::string() : path;
  }();
  return directory;
}

std::string test_outputs() {
  const char* directory = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR");
  return directory == nullptr ? "" : directory;
}

}  // namespace report
