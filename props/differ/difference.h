// What two systems can disagree about, and the first disagreement of a run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "abi/system.h"

namespace props {

// The checks, in the order in which they are made after a call.
enum class Check : std::uint8_t {
  result,     // errno, skipped, value
  steps,      // how many fallible steps were reached
  task,       // what a task shows: state, ids, capabilities, chroot
  pairing,    // namespaces and nsproxies are named alike up to a renaming
  refs,       // an object's number of holders, or of active ones
  object,     // an object's other properties: kind, alive, owner, detail
  multiset,   // objects that no task shows: their properties as a multiset by kind
  totals,     // live objects by kind
  touched,    // a system changed something that it did not say it touched
  leak,       // after everything was closed, ended and reaped, something is left
  misuse,     // the subject reports a misuse of its own reference counts
  invariant,  // the reference itself is in a state that it must not reach
};
inline constexpr std::size_t kChecks = 12;
std::string_view name(Check check);
// One sentence: what was compared.
std::string_view says(Check check);
// Made after every call; the others from time to time, or at a program's end.
constexpr bool is_per_call(Check check) {
  return check < Check::touched || check == Check::invariant;
}

struct Difference {
  Check check = Check::result;
  std::size_t at = 0;  // index of the call after which it showed; the program's length: at its end
  abi::Result reference, subject;
  std::string what;                 // the two sides, in one line
  std::vector<abi::ObjId> objects;  // the reference's objects that it is about
};

}  // namespace props
