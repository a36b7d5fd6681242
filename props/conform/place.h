// One place of a system: programs go in, judgements come out, and what was met is counted.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>

#include "props/conform/judge.h"
#include "props/systems/systems.h"

namespace props::conform {

// What became of the calls of one kind.
struct CallTally {
  std::uint64_t ok = 0, refused = 0, skipped = 0, differ = 0;
  std::uint64_t absent = 0;  // the kernel does not have the call
  std::uint64_t not_run = 0;
};

struct Tally {
  std::array<CallTally, abi::kOps> calls{};
  std::map<std::string, std::uint64_t> not_run;  // calls by reason
  std::map<std::string, std::uint64_t> limits;   // programs not judged to their ends, by reason
  Coverage coverage;
  std::uint64_t programs = 0;
  std::uint64_t carried_out = 0;  // calls
  double seconds = 0;

  void add(const Tally& other);
};

class PlaceRun {
 public:
  explicit PlaceRun(const systems::Place& place) : place_(place) {}

  // Starts the agent if it does not run. Says why not, or nothing.
  std::optional<std::string> start();
  void stop() { agent_.stop(); }
  const std::string& name() const { return place_.name; }
  const agent::Greeting& greeting() const { return agent_.greeting(); }
  // The setup as this place can give it, on its own kernel.
  abi::Setup fit(abi::Setup setup) const;

  struct Outcome {
    Judgement judgement;
    std::string not_run;  // why the program could not begin
    std::string lost;     // why the agent lost hold of it
  };
  // A setup that fit() would change is not run.
  Outcome run(const abi::Setup& setup, const abi::Program& program, Tally* tally);

 private:
  void count(const systems::Recording& recording, const Judgement& judgement, Tally& tally) const;

  systems::Place place_;
  systems::AgentSystem agent_;
  systems::Recording recording_;
  Comparison comparison_;
};

}  // namespace props::conform
