// A case of a count theorem: which function, in which heap, with which symbols, under which laws.
//
// The heap is made by a program (trace text), so that every pointer in it was put there by the
// kernel's own functions, and so that a counterexample can be shown to anybody: the same program,
// the call with the flags and the failing step that Z3 found, and holders for the counts that it
// chose. What the program does not show is symbolic: any number of further holders, users and
// charges of every object.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proofs/counts/laws.h"
#include "proofs/counts/subject.h"

namespace proofs {

// What a law is told besides the two heaps.
struct Situation {
  Operation op;
  abi::Setup setup;
  Formula flags;       // as the caller gave them
  Formula time_moves;  // whether this version moves to the pending time namespace at execve (6.2)
};

using Laws = void (*)(Judge&, const Ran&, const Situation&);

struct Plan {
  Function function = Function::call;
  // The rest of a trace's header, after the version: ",no-cgroup", " uid=1000".
  std::string_view start{};
  std::string_view program{};  // lines of trace text
  std::string_view call{};     // one line; the flags in it are replaced by symbols
  Symbols symbols{};
  abi::Flags flags{~std::uint64_t{0}};  // bits that are symbolic; the others are 0
  bool lends = true;                    // … with taking over alone too, which only exchanges do
  Laws laws = nullptr;                  // besides the books of every object
};

// Requires the plan's laws of every variant, on every path, in two cases each: the version is a
// symbol, any before 6.19 or any from then on, when heaps have active references.
void prove_plan(Proof& proof, const Plan& plan);

// The plan's program, parsed.
struct Script {
  abi::Setup setup;
  std::vector<abi::Call> program;
  abi::Call call;
};
Script script_of(const Plan& plan, std::string_view version);
// The call with these flags, if it has any.
abi::Call with_flags(abi::Call call, abi::Flags flags);

}  // namespace proofs
