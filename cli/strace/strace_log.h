// strace logs held against the model: what `nsproxy strace` and `nsproxy check` call.
//
//     strace -f -o LOG unshare -Urpf true
//     nsproxy strace LOG
//
// Every call of the log that the namespace rules decide is given to the reference model, which says
// what Linux promises. A verdict is *agreed* (same success or errno, and the same number where it
// is determined), *diverged*, or *outside*: the kernel's answer has a reason that the model does
// not cover (a missing file, say), which is named and counted apart. README.md lists the reasons
// and what is assumed where a log leaves something open.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/cap.h"
#include "abi/namespace.h"
#include "abi/profile.h"

namespace cli::strace_log {

struct Options {
  // Used where the log does not show them.
  std::optional<std::uint32_t> uid;     // --as
  std::optional<abi::CapSet> caps;      // --caps
  std::optional<abi::Profile> profile;  // --profile
  bool timeline = false;                // fill in LogReport::timeline
  bool save = false;                    // fill in LogReport::trace
};

struct Divergence {
  std::uint32_t line = 0;
  std::string text;      // the log's line
  std::string kernel;    // what the log says came of it
  std::string model;     // what the model says
  std::string rule;      // the deciding rule's id, "" if none fired
  std::string says;      // its sentence
  std::string function;  // its kernel function
  std::string remedy;
  std::vector<std::string> state;  // who called, in which namespaces, and how it came there
};

struct Tally {
  std::size_t agreed = 0;
  std::size_t diverged = 0;
  std::size_t outside = 0;
};

struct OutsideReason {
  std::size_t count = 0;
  std::uint32_t first_line = 0;
};

struct UnreadableLine {
  std::uint32_t line = 0;
  std::size_t column = 0;
  std::string expected;
};

struct LogReport {
  bool readable = false;  // false: no line of it reads, and nothing else here means anything
  std::string tool;       // last part of argv[0] of the first execve
  std::size_t lines = 0;
  std::size_t tasks = 0;
  Tally total;                                   // checked = agreed + diverged
  std::map<std::string, Tally> by_call;          // by the syscall's name; "inode numbers" too
  std::map<std::string, OutsideReason> outside;  // by reason
  std::size_t followed = 0;  // calls that only move the state on: execve, exit, close
  std::size_t unreadable_lines = 0;
  std::vector<UnreadableLine> unreadable;  // the first few
  std::vector<Divergence> divergences;     // the first few; total.diverged counts all
  std::vector<std::string> notes;          // how the start was known, what was assumed
  std::string timeline;
  std::string trace;

  std::size_t checked() const { return total.agreed + total.diverged; }
};

// Never throws. `text` is the whole log.
LogReport check_log(std::string_view text, const Options& options);

// The report as text for a terminal; `file` is the log's name.
std::string format(const LogReport& report, std::string_view file);

}  // namespace cli::strace_log
