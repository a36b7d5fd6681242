// What a command reads and prints: whole files in, text out, one line for what is wrong.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "abi/trace.h"

namespace cli {

// Exit statuses.
inline constexpr int kHolds = 0;
inline constexpr int kViolated = 1;
inline constexpr int kUsage = 2;        // something typed or fed is wrong
inline constexpr int kEnvironment = 3;  // this machine cannot

// Something wrong, in one line: what, where, what to do.
struct Failure {
  std::string what;
};

// To standard output.
void print(std::string_view text);
// Writes out what is still buffered. The status to exit with: `status`, or kEnvironment, said on
// stderr, if standard output does not take it.
int finish(int status);

// Text broken into lines of at most 100 columns, the first after `first`, the others after
// `others`.
std::string wrapped(std::string_view text, std::string_view first, std::string_view others);
// The same of pieces that are not broken.
std::string wrapped(std::span<const std::string> pieces, std::string_view first,
                    std::string_view others);

// Prints "error: …" on stderr and gives kUsage.
int usage_error(std::string_view what);

// The whole of a file; - is standard input. Never more than 1 GiB.
std::variant<std::string, Failure> read_input(const std::string& path);
// The same as a trace.
std::variant<abi::Trace, Failure> read_trace(const std::string& path);
// A time from 1 second on, as an option's value.
std::optional<std::chrono::milliseconds> seconds_from(std::string_view text);
// What messages call an input: its path, or "standard input".
std::string input_name(const std::string& path);

}  // namespace cli
