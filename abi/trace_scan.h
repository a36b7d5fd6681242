// Cuts one line of a trace into its parts, which stay views of the line: where a part begins is its
// column. What the parts mean is trace_parse.cc's business.
//
// Private to this folder.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nsabi {

// Where in the line reading stopped, and what should have stood there.
struct Stop {
  const char* at = nullptr;
  std::string expected;
};

// [NAME[, NAME] =] [tN.]word(operand[, operand]) [fault=N] [-> RESULT]
struct CallParts {
  std::vector<std::string_view> names;
  std::string_view caller;  // empty if the line has none
  std::string_view word;
  std::vector<std::string_view> operands;
  std::string_view close;  // from the closing parenthesis on
  std::optional<std::string_view> fault;
  std::optional<std::string_view> result;
};

// The line without its comment and the blanks around it. A comment begins at a hash that begins
// the line or follows a blank: E#123 is an errno.
std::string_view without_comment(std::string_view line);

// The first character that no text has: a control character other than a tab.
std::optional<Stop> unprintable(std::string_view line);

// Fills `parts`, whose vectors keep their memory from line to line.
std::optional<Stop> scan_call(std::string_view line, CallParts& parts);

// The words of a line that begins with nsproxy-trace, from its second on.
std::optional<Stop> scan_header(std::string_view line, std::vector<std::string_view>& words);

}  // namespace nsabi
