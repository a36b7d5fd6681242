// A whole log, put back in order: tasks' lives, calls joined from their halves, and what happened
// one after the other.
//
// A *life* is one task under one label: strace's number for it may be used again after its end.
// Lines without a label belong to the only task that is left, as strace prints them. An execve by a
// thread gives it the leader's label ("superseded").
//
// Left out: calls that syscalls.h does not name (their lines only prove that a task was alive).
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "cli/strace/syscalls.h"

namespace cli::strace_log {

inline constexpr std::uint32_t kNone = 0xffffffff;

struct Life {
  enum class End : std::uint8_t { none, exited, killed, superseded, detached };
  std::int32_t pid = 0;   // its last label; 0: the log never says
  std::int32_t born = 0;  // its first one: an execve by a thread changes it
  std::uint32_t first_line = 0;
  std::uint32_t last_line = 0;
  std::uint32_t last_words = 0;  // the line before the one that says how it ended
  End end = End::none;
  std::uint32_t first_call = kNone;  // of those that are kept
  std::uint32_t last_call = kNone;
};

struct LoggedCall {
  std::uint32_t life = 0;
  Sys sys = Sys::clone;
  bool finished = false;  // it came back; else its body is only what was printed at entry
  bool begun = true;      // false: it was entered before the log began
  std::uint32_t entry_line = 0;
  std::uint32_t exit_line = 0;  // 0: never
  std::string_view name;
  std::string_view body;
};

// SIGCHLD said that a child has ended: the child's own last line may come later.
struct Notice {
  std::uint32_t life = 0;    // who was told
  std::int64_t pid = 0;      // the child's number for whom was told
  std::string_view comment;  // its other number, as --decode-pids prints it
};

struct Step {
  enum class Kind : std::uint8_t { call, enter, leave, appeared, ended, notice };
  Kind kind = Kind::call;
  std::uint32_t index = 0;  // into calls, notices; of a life for appeared and ended
  std::uint32_t line = 0;
  std::int64_t time_us = -1;  // since the first time of the log; -1 unknown
};

struct BadLine {
  std::uint32_t line = 0;
  std::size_t column = 0;  // 1-based
  std::string expected;
};

struct Log {
  std::vector<Life> lives;
  std::vector<LoggedCall> calls;
  std::vector<Notice> notices;
  std::vector<Step> steps;  // in the log's order
  std::size_t bad_lines = 0;
  std::vector<BadLine> bad;  // the first few
  std::size_t lines = 0;
  std::size_t readable = 0;  // lines that say something
  bool has_halves = false;   // some call was interrupted by another task's
  std::string_view text;
  std::vector<std::size_t> line_begin;
  std::deque<std::string> joined;  // bodies of calls that came in halves

  std::string_view line_text(std::uint32_t line) const;
  void add_bad(std::uint32_t line, std::size_t column, std::string_view expected);
};

// Whether SIGKILL cut the call off: then what is printed as its result is none.
bool cut_off(const Log& log, const LoggedCall& call);

// `text` must outlive the log.
Log read_log(std::string_view text);

}  // namespace cli::strace_log
