// One run of a program on a pair of systems, and what every pair offers.
//
// The systems' types are hidden behind Subject: one virtual call per program, none per call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/trace.h"
#include "props/differ/compare.h"
#include "props/differ/source.h"
#include "props/generate/live.h"

namespace props {

class Coverage;

struct RunOptions {
  Scope scope;
  bool invariants = true;
  bool ending = true;               // end with Ending, and look for leaks
  bool known_too = false;           // also what a subject is known to do wrong
  std::uint32_t whole_every = 128;  // calls between two comparisons of whole views
};

// Buffers that one run leaves to the next.
struct Workspace {
  Comparison comparison;
  Live live;
  std::vector<std::size_t> visits;  // by task: index of the last call that compared it, plus 1
  abi::Program program;             // the calls made so far, those of the ending included
};

struct Run {
  std::size_t calls = 0;
  std::optional<Difference> difference;
};

// A program that shows a difference, retold for a reader.
struct Story {
  abi::Trace trace;  // with the reference's results
  Difference difference;
  std::string rule;                  // the rule that decided, and where the kernel has it
  std::vector<std::string> holders;  // the objects concerned, and who holds them
};

// Something that a subject does wrong, and that is known: it is not looked for again.
struct Deviation {
  std::string id, says;
  std::string trace;  // shows it
};

struct ExhaustiveOptions;
struct ExhaustiveResult;

class Subject {
 public:
  virtual ~Subject() = default;
  virtual std::string_view name() const = 0;
  // The profiles that it can have; empty: all.
  virtual std::vector<abi::Profile> profiles() const { return {}; }
  // Why it cannot run here, in one line; "": it can.
  virtual std::string absent() const { return {}; }
  virtual std::vector<Deviation> known() const { return {}; }
  // Runs the source's calls on a new pair of systems. Coverage may be null.
  virtual Run run(const abi::Setup& setup, Source& source, const RunOptions& options,
                  Workspace& work, Coverage* coverage) const = 0;
  // Runs the program again to say why it fails; nothing if it doesn't.
  virtual std::optional<Story> tell(const abi::Setup& setup, const abi::Program& program,
                                    const RunOptions& options) const = 0;
  // Every program up to a length (exhaustive.h).
  virtual ExhaustiveResult explore(const ExhaustiveOptions& options) const = 0;
};

}  // namespace props
