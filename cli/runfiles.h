// The data files that ship with the command.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

// Where a folder of the workspace ("props/corpus") is: among Bazel's runfiles (a test's, or those
// beside the running program), else below the folder that the user stands in, as in a checkout.
std::optional<std::string> data_directory(std::string_view folder);

// The paths of its files whose names end so, in order.
std::vector<std::string> files_in(const std::string& directory, std::string_view ending);

}  // namespace cli
