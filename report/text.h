// Small pieces of text that several writers need.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace report {

// "0.24 s", "3 m 05 s".
std::string duration(double seconds);
// Characters as a terminal shows them: one column for each UTF-8 sequence.
std::size_t width(std::string_view text);
// Filled up with spaces to a number of columns; left alone if it is wider.
std::string padded(std::string_view text, std::size_t columns);
// Valid UTF-8 without control characters but tab and newline: others become U+FFFD.
std::string printable(std::string_view text);

}  // namespace report
