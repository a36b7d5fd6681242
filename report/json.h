// The report as JSON, and back: schema in docs/report.md, `schema` counts its versions.
//
// Reading is for merging the reports of shards, and for tests: what is written reads back equal.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "report/report.h"

namespace report {

inline constexpr int kSchema = 1;

struct JsonError {
  std::string what;
};

// Bytes that are not UTF-8 are replaced by U+FFFD.
std::string to_json(const Report& report);
std::variant<Report, JsonError> from_json(std::string_view text);

}  // namespace report
