// What the words of an argument mean: numbers by their UAPI names, flags, capabilities, ids.
//
// Every reader takes the styles of strace's -X alike: names, raw numbers, numbers with their names
// in a comment. Names that no namespace rule asks about are not listed; an expression that holds
// one has no value.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "abi/cap.h"
#include "abi/namespace.h"
#include "cli/strace/value.h"

namespace cli::strace_log {

// The whole text as a number, decimal, hexadecimal or octal; negative numbers wrap.
std::optional<std::uint64_t> plain_number(std::string_view text);

// A number, a name, or any of these joined by "|" ("CLONE_NEWNS|0x40|SIGCHLD", "1<<CAP_KILL").
std::optional<std::uint64_t> number(const Value& v);
std::optional<std::uint64_t> number(const Value* v);  // also nothing for null

// The bits of an expression whose words are known; others are left out (flags such as O_…).
std::uint64_t known_bits(const Value* v);

// As number(), for signed operands such as descriptors and pids.
std::optional<std::int64_t> integer(const Value* v);
// A user or group id; -1 is abi::kUnchanged.
std::optional<std::uint32_t> id(const Value* v);

// A set of capabilities. Raw numbers come as two halves joined by "|", the low one first.
std::optional<std::uint64_t> capabilities(const Value* v);

// "31282" out of "31282 in strace's PID NS", 0 if the comment says something else.
std::int64_t outer_pid(std::string_view comment);

// The bit of a known flag word such as "O_CLOEXEC", 0 if unknown: for tests and comparisons.
std::uint64_t constant(std::string_view name);

}  // namespace cli::strace_log
