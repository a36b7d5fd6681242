// The report as GitHub-flavoured Markdown, for a CI summary.
#pragma once

#include <string>
#include <string_view>

#include "report/report.h"

namespace report {

std::string to_markdown(const Report& report);

// Text for one cell of a table, or one line: markup escaped, newlines as spaces.
std::string markdown_escaped(std::string_view text);
// A code block, fenced by more backticks than the text has in a row.
std::string fenced(std::string_view text);
std::string to_markdown(const Table& table);

}  // namespace report
