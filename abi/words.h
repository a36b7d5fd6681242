// Small readers of words and numbers, shared by everything here that has a text form.
//
// Private to this folder, and to cli/, whose messages read the same.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace nsabi {

// Reads the whole text as a number: decimal, or hexadecimal after 0x. Leading zeros are refused
// (is 010 eight or ten?), as is what does not fit.
template <std::integral T>
std::optional<T> number_from(std::string_view text) {
  const bool negative = text.starts_with('-');
  std::string_view digits = text.substr(negative ? 1 : 0);
  int base = 10;
  if (!negative && digits.starts_with("0x")) {
    digits.remove_prefix(2);
    base = 16;
    if (digits.size() > 16) return std::nullopt;
  } else if (digits.size() > 1 && digits.front() == '0') {
    return std::nullopt;
  }
  // from_chars takes a sign; "0x-1" and "--1" are no numbers.
  if (digits.empty() || digits.front() == '-') return std::nullopt;
  const char* const begin = base == 10 ? text.data() : digits.data();
  const char* const end = text.data() + text.size();
  T value{};
  const auto [stop, error] = std::from_chars(begin, end, value, base);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

// Appends a number in decimal.
template <std::integral T>
void append_number(std::string& out, T value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

// Appends "0x…".
void append_hex(std::string& out, std::uint64_t value);

// Appends `word`, after `separator` if `out` holds more than `start` characters.
void append_word(std::string& out, std::size_t start, char separator, std::string_view word);

// The text up to the first separator; what follows it stays in `rest`. A separator at the end
// leaves an empty last word: `more` says whether there is one to read.
struct Split {
  std::string_view rest;
  bool more = true;
  std::string_view next(char separator);
};

// The index of `word` in a table, or nothing.
std::optional<std::size_t> find_word(std::span<const std::string_view> table,
                                     std::string_view word);

// The candidate that was probably meant, "" if none is near: fewest single-character edits,
// whatever the case.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// The word as a message can show it: quoted, cut short, unprintable characters masked. (Call it
// qualified on a std::string: std::quoted would be found as well.)
std::string quoted(std::string_view word);

}  // namespace nsabi
