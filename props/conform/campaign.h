// What one agent makes of the programs that it is given: runs them, judges, counts, and makes what
// differs small. Several agents at one place know of each other only how much has been found.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "props/conform/conform.h"
#include "props/conform/place.h"
#include "report/report.h"

namespace props::conform {

enum class Kind : std::uint8_t { standing, generated, probe };
inline constexpr std::array kKinds{Kind::standing, Kind::generated, Kind::probe};

// What the check of that kind at that place is called: "host, userns: quota probe".
std::string check_name(const ConformOptions& options, const std::string& place, Kind kind);

// What came of a place's programs.
struct PlaceResult {
  struct Row {
    std::uint64_t programs = 0, calls = 0, not_run = 0, known = 0;
    double seconds = 0;  // of each agent
    std::vector<std::string> details;
  };
  struct Found {
    Kind kind;
    report::Finding finding;
  };
  std::array<Row, kKinds.size()> rows;
  std::multimap<std::uint64_t, Found> found;  // by the program's number in the run
  std::vector<std::uint64_t> met;             // how often, of each known deviation
  Tally tally;

  Row& row(Kind kind) { return rows[static_cast<std::size_t>(kind)]; }
  // Adds what another agent of the place made of other programs.
  void add(const PlaceResult& other);
};

// How far the agents of a place have come, together.
struct PlaceProgress {
  std::atomic<std::uint64_t> programs{0}, calls{0}, findings{0};
};

class AgentCampaign {
 public:
  // All three outlive it.
  AgentCampaign(const systems::Place& place, const ConformOptions& options,
                PlaceProgress& progress);

  // Starts the agent. Says why not, or nothing.
  std::optional<std::string> start() { return run_.start(); }
  // It did not start where others did.
  void stays_away(const std::string& why);
  const agent::Greeting& greeting() const { return run_.greeting(); }
  // Whether it should go on: its place has enough findings, or its agent is lost too often.
  bool enough() const;

  // `number` is the program's in the run.
  void standing(std::uint64_t number, const StandingTrace& trace);
  void generated(std::uint64_t number, std::uint64_t seed);
  // Looks for leaks once more, and ends the agent.
  void end();

  const PlaceResult& result() const { return result_; }

 private:
  struct Named {
    Kind kind;
    std::uint64_t number;
    std::string name;
  };
  void go(const Named& what, const abi::Setup& setup, const abi::Program& program);
  void probe(std::uint64_t number);
  bool is_known(const Judgement& judgement, std::vector<std::uint64_t>* met) const;
  void investigate(const Named& what, const abi::Setup& setup, const Judgement& first);
  void add(const Named& what, report::Finding finding);

  PlaceRun run_;
  const ConformOptions& options_;
  PlaceProgress& progress_;
  PlaceResult result_;
  std::size_t losses_ = 0;
  std::uint64_t since_probe_ = 0, first_since_probe_ = 0, last_ = 0;
};

}  // namespace props::conform
