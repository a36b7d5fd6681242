// One line of a log: who, when, and which of the few things that strace reports.
//
// Takes the line styles of `-o FILE` ("461   1795445608.38 clone(…"), of a terminal ("[pid 461]
// clone(…", "strace: Process 461 attached") and of -ff files (no pid), with -t, -tt, -ttt, -r, -i,
// -n, --decode-pids=comm. Never throws; linear in the line's length.
#pragma once

#include <cstdint>
#include <string_view>

namespace cli::strace_log {

struct Line {
  enum class Kind : std::uint8_t {
    unreadable,
    ignored,     // blank, strace's own remarks, stack traces, the summary of -c
    call,        // name(arguments) = result
    unfinished,  // name(arguments <unfinished ...>
    resumed,     // <... name resumed>arguments) = result
    signal,      // --- SIGCHLD {…} ---
    exited,      // +++ exited with N +++
    killed,      // +++ killed by SIG… +++
    superseded,  // +++ superseded by execve in pid N +++
    attached,    // strace: Process N attached
    detached,    // strace: Process N detached
  };
  Kind kind = Kind::unreadable;
  bool interrupted = false;  // an attach notice was printed into this line's middle: text goes on
  std::int32_t pid = 0;      // the label in front; 0: none
  std::int32_t other = 0;    // attached, detached, superseded: that pid
  std::int64_t time_us = -1;
  std::string_view time;   // as printed
  std::string_view name;   // of the call or the signal
  std::string_view body;   // call, resumed: up to the line's end; unfinished: the arguments so far
  std::size_t column = 0;  // unreadable: 0-based, and what should have stood there
  std::string_view expected;
};

// `text` is one line without its newline.
Line read_line(std::string_view text);

}  // namespace cli::strace_log
