// Shows a report: what `check` and `diff` have in common.
#pragma once

#include <string>
#include <string_view>

#include "report/report.h"

namespace cli {

struct Show {
  bool tables = false;    // print the tables behind the rows too
  std::string directory;  // also write the report's files there; "": don't
};

// Prints the report, writes its files and names them. The status to exit with.
int show(const report::Report& report, const Show& how);

// Makes a directory for a report, so that what is wrong with it is said before the work rather than
// after. What is wrong, or ""; an empty name is left alone.
std::string make_directory(const std::string& directory);

// One line on standard error that is overwritten as a run goes on; nothing if that is no terminal.
class LiveLine {
 public:
  LiveLine();
  void show(std::string_view text);
  void clear();

 private:
  bool live_;
};

}  // namespace cli
