// Arguments and return values as strace prints them, read into trees.
//
// One reader for every style: symbolic or raw numbers (-X raw, -X verbose), descriptors with what
// they are (-y, -yy), comments, structures, arrays, what a call wrote back (`=> {…}`). A tree
// points into the text that it was read from. Reading is linear, bounded in depth and size, and
// never throws; a text that does not read gives the place and what should have stood there.
//
// Left out: what a word means (words.h). Arguments without a rule of their own are kept as words up
// to the next delimiter, so that unknown notations do no harm in arguments that nobody asks for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cli::strace_log {

struct Value {
  enum class Kind : std::uint8_t { word, string, structure, array };
  Kind kind = Kind::word;
  bool cut = false;          // a string of which strace showed only the beginning
  std::string_view name;     // "flags" of flags=CLONE_VM
  std::string_view text;     // a word without note and comments; a string between its quotes
  std::string_view note;     // what -y says of a descriptor: between < and >
  std::string_view comment;  // the last /* comment */
  std::vector<Value> items;  // of a structure or an array
  std::vector<Value> out;    // after =>

  const Value* find(std::string_view field) const;
  bool is(std::string_view word) const { return kind == Kind::word && text == word; }
};

// What stands after "= ".
struct Return {
  enum class Kind : std::uint8_t {
    value,    // a number, perhaps with a note or a comment
    error,    // -1 ERRNO
    restart,  // ? ERESTART…: the kernel carries the call out again
    unknown,  // ?, or nothing: the task ended first
  };
  Kind kind = Kind::unknown;
  bool injected = false;  // strace itself answered (--inject)
  std::int64_t value = 0;
  std::string_view error;    // "EPERM"
  std::string_view note;     // of a returned descriptor
  std::string_view comment;  // "31282 in strace's PID NS"
};

struct CallText {
  std::vector<Value> args;
  Return ret;

  // A positional argument, or one by its name; null if there is none.
  const Value* arg(std::size_t index) const;
  const Value* named(std::string_view name) const;
};

struct Unreadable {
  std::size_t offset = 0;  // into the text
  std::string_view expected;
};

// Reads what follows "name(" up to the end of the line: arguments, ")", "= result". `finished`
// false: the call never came back, and the text ends with its last argument.
std::optional<Unreadable> read_call(std::string_view text, bool finished, CallText& call);

// The bytes of a string as it was passed: escapes undone.
std::string unescape(const Value& string);

}  // namespace cli::strace_log
