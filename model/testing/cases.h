// Programs as data (model/testdata): rules with a program on which each fires and its nearest
// neighbour on which it does not, written like a patch; and plain programs.
//
//     == CLONE-10 clone clone3          the rule, and the calls whose tables it stands in
//     -t1 = t0.create(CLONE_NEWNS|CLONE_FS)  -> EINVAL
//     +t1 = t0.create(CLONE_NEWNS)
//
// A line begins with `-` (the program that is refused), `+` (its neighbour) or a blank (both); what
// follows is trace text, `ok` being expected of a line that says nothing. In addition:
//   @HEADER           how the program starts, "profile=6.18" if nothing is said
//   … by RULE         after a result: the rule that decides
//   create(F)         clone(F), clone3(F, exit_signal=0) or unshare(F): one case for each call
//   repeat N … end    the lines between, N times; %i is 0, 1, … and %j is one more
//   for WORD …        after the calls: one case for each namespace type; %t is the type, %f its
//                     flag
// A title that begins in lower case heads a plain program.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "abi/trace.h"

namespace model {

struct CaseLine {
  abi::TraceLine trace;
  std::string rule;  // that has to decide; "" if the case does not say
  std::size_t line = 0;
};

struct Script {
  abi::Setup setup;
  std::vector<CaseLine> lines;
};

struct Case {
  std::string title;  // the rule's id, with its type filled in
  std::string call;   // the table; "" for a plain program
  std::string at;     // "file:line" of the title
  Script refused;     // a plain program is here
  Script neighbour;
};

// Every case of a file below model/testdata. What cannot be read fails the test and is left out.
std::vector<Case> read_cases(const std::string& name);

}  // namespace model
