// Trace text: programs and what came of them, one call a line.
//
//     nsproxy-trace 1 profile=6.18
//     # anything after a hash is a comment
//     t1 = t0.clone(CLONE_NEWUTS|CLONE_NEWIPC|SIGCHLD)   -> ok
//     t1.unshare(CLONE_NEWNET) fault=2                    -> ENOMEM
//     f0 = t0.open_ns(t1, uts)                            -> ok
//     t0.setns(f0, CLONE_NEWUTS)
//
// The first line that is not blank or a comment is the header: version, profile, and optionally
// uid=, gid=, caps= and bounding= of t0. A line is [NAME[, NAME] =] tN.call(operands) [fault=N]
// [-> RESULT], RESULT being ok, ok VALUE, an errno, or skipped. Without a result the line is only
// carried out. The grammar of each call is in docs/trace.md.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "abi/system.h"

namespace nsabi {

// An expected result, as written after the arrow. value is absent for a plain "ok".
struct Expectation {
  Errno error = Errno::kOk;
  bool skipped = false;
  std::optional<std::int64_t> value{};
  bool operator==(const Expectation&) const = default;

  bool matches(const Result& r) const {
    return r.skipped == skipped && r.error == error && (!value || *value == r.value);
  }
};

struct TraceLine {
  Call call{};
  std::optional<Expectation> expected{};
  std::size_t line = 0;  // 1-based line in the file that it was read from; 0: none
  bool operator==(const TraceLine& o) const { return call == o.call && expected == o.expected; }
};

struct Trace {
  Setup setup{};
  std::vector<TraceLine> lines{};
  bool operator==(const Trace&) const = default;
};

// Where reading stopped and what should have stood there. line and column are 1-based.
struct ParseError {
  std::size_t line = 0;
  std::size_t column = 0;
  std::string expected;
  // "FILE:LINE:COLUMN: expected …"
  std::string to_string(std::string_view file) const;
};

// Reads a whole trace. Accepts CRLF and a missing last newline; refuses everything else that the
// grammar does not name, other versions included. Never throws, bounded by the text's length.
std::variant<Trace, ParseError> parse_trace(std::string_view text);

// Reads one call without a header, as in `nsproxy explain 't0.unshare(CLONE_NEWUSER)'`. A missing
// `tN.` means t0 and missing result names are numbered from `next_name`.
std::variant<Call, ParseError> parse_call(std::string_view text, std::uint32_t next_name = 1);

// Prints what parse_trace reads back as the same trace. Results are aligned in a column.
std::string print(const Trace& trace);
std::string print(const Call& call);
std::string print(const Setup& setup);  // the header line, without a newline
std::string print(const Expectation& e);
// What a result is expected to be from now on. Knowing the call, a value of 0 is pinned too where
// the call gives a number: `t0.wait(t1) -> ok 0` is not `ok 1`.
Expectation expectation_of(const Result& r);
Expectation expectation_of(const Call& call, const Result& r);

}  // namespace nsabi
