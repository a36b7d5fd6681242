// The report for a person at a terminal.
#pragma once

#include <string>

#include "report/report.h"

namespace report {

struct TerminalStyle {
  bool colour = false;
  bool tables = false;  // coverage and other tables too; findings are always shown
};

std::string to_terminal(const Report& report, const TerminalStyle& style);
// A table with aligned columns.
std::string to_terminal(const Table& table);

}  // namespace report
