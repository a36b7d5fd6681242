#include "props/conform/campaign.h"

#include "props/conform/finding.h"
#include "props/conform/programs.h"
#include "props/differ/finding.h"
#include "props/differ/shrink.h"

namespace props::conform {
namespace {

constexpr std::uint64_t kProbeEvery = 64;  // programs of one agent
constexpr std::size_t kMostLosses = 20;

abi::Program calls_of(const abi::Trace& trace) {
  abi::Program program;
  for (const abi::TraceLine& line : trace.lines) program.push_back(line.call);
  return program;
}

}  // namespace

std::string check_name(const ConformOptions& options, const std::string& place, Kind kind) {
  const bool only = options.system == place || place == "exec";
  const std::string what = kind == Kind::standing    ? "standing traces"
                           : kind == Kind::generated ? "generated programs"
                                                     : "quota probe";
  return options.system + (only ? "" : ", " + place) + ": " + what;
}

void PlaceResult::add(const PlaceResult& other) {
  for (const Kind kind : kKinds) {
    Row& to = row(kind);
    const Row& from = other.rows[static_cast<std::size_t>(kind)];
    to.programs += from.programs;
    to.calls += from.calls;
    to.not_run += from.not_run;
    to.known += from.known;
    to.seconds += from.seconds;
    to.details.insert(to.details.end(), from.details.begin(), from.details.end());
  }
  found.insert(other.found.begin(), other.found.end());
  met.resize(other.met.size());
  for (std::size_t i = 0; i < met.size(); ++i) met[i] += other.met[i];
  tally.add(other.tally);
}

AgentCampaign::AgentCampaign(const systems::Place& place, const ConformOptions& options,
                             PlaceProgress& progress)
    : run_(place), options_(options), progress_(progress) {
  result_.met.resize(options.known.size());
}

void AgentCampaign::stays_away(const std::string& why) {
  for (const Kind kind : {Kind::standing, Kind::generated}) {
    result_.row(kind).details.push_back("one job fewer: " + why);
  }
}

bool AgentCampaign::enough() const {
  return progress_.findings >= options_.most_findings || losses_ > kMostLosses;
}

void AgentCampaign::add(const Named& what, report::Finding finding) {
  ++progress_.findings;
  finding.check = check_name(options_, run_.name(), what.kind);
  result_.found.insert({what.number, {what.kind, std::move(finding)}});
}

// Runs a program, and once more if the agent lost hold of it: a machine may be busy.
void AgentCampaign::go(const Named& what, const abi::Setup& setup, const abi::Program& program) {
  PlaceResult::Row& to = result_.row(what.kind);
  Tally& tally = result_.tally;
  const std::uint64_t calls = tally.carried_out;
  const double seconds = tally.seconds;
  PlaceRun::Outcome outcome = run_.run(setup, program, &tally);
  if (!outcome.lost.empty() && !outcome.judgement.difference) {
    ++losses_;
    to.details.push_back(what.name + ": " + outcome.lost);
    outcome = run_.run(setup, program, &tally);
    if (!outcome.lost.empty())
      add(what, lost_finding(what.name, setup, program, outcome.lost, options_));
  }
  to.calls += tally.carried_out - calls;
  to.seconds += tally.seconds - seconds;
  progress_.calls += tally.carried_out - calls;
  ++progress_.programs;
  if (!outcome.not_run.empty()) {
    ++to.not_run;
    return;
  }
  ++to.programs;
  if (!outcome.judgement.difference) return;
  if (is_known(outcome.judgement, &result_.met)) {
    ++to.known;
  } else {
    investigate(what, setup, outcome.judgement);
  }
}

// Whether it differs and is listed; counts the lines that list it.
bool AgentCampaign::is_known(const Judgement& judgement, std::vector<std::uint64_t>* met) const {
  bool known = false;
  for (std::size_t i = 0; judgement.difference && i < options_.known.size(); ++i) {
    if (!options_.known[i].is(judgement)) continue;
    if (met != nullptr) ++(*met)[i];
    known = true;
  }
  return known;
}

void AgentCampaign::investigate(const Named& what, const abi::Setup& setup,
                                const Judgement& first) {
  const std::string stem = what.name + "-" + run_.name();
  const std::string unshrunk =
      save_trace(options_.directory, stem + "-unshrunk.ns", first.trace,
                 options_.system + " differs, before shrinking: " + first.difference->what);
  const abi::Program program = calls_of(first.trace);
  // A smaller program that shows only what is known is none.
  const Try attempt = [&](const abi::Setup& s, const abi::Program& p) -> std::optional<Difference> {
    const Judgement judgement = run_.run(s, p, nullptr).judgement;
    return is_known(judgement, nullptr) ? std::nullopt : judgement.difference;
  };
  // What depends on time or luck is asked for again, and reported as it was seen if it stays away.
  constexpr int kAgain = 5;
  Judgement best = first;
  bool again = false;
  for (int i = 0; i < kAgain && !again; ++i) again = attempt(setup, program).has_value();
  Shrunk shrunk{.failing = {setup, program, *first.difference}};
  if (again) shrunk = shrink(shrunk.failing, attempt, options_.shrink_time);
  for (int i = 0; again && i < kAgain; ++i) {
    const Failing& small = shrunk.failing;
    Judgement retold = run_.run(small.setup, small.program, nullptr).judgement;
    if (!retold.difference) continue;
    best = std::move(retold);
    break;
  }
  report::Finding finding = to_finding(stem, best, again, options_);
  if (!unshrunk.empty()) finding.files.push_back(unshrunk);
  add(what, std::move(finding));
}

void AgentCampaign::standing(std::uint64_t number, const StandingTrace& trace) {
  go({Kind::standing, number, trace.file}, run_.fit(trace.trace.setup), calls_of(trace.trace));
}

void AgentCampaign::generated(std::uint64_t number, std::uint64_t seed) {
  if (since_probe_ == kProbeEvery) probe(number);
  if (since_probe_++ == 0) first_since_probe_ = seed;
  last_ = number;
  Limits limits;
  limits.profiles = {run_.greeting().profile};
  limits.faults = false;
  limits.max_length = options_.max_length;
  const GeneratedProgram made =
      generate(seed, limits, [&](const abi::Setup& setup) { return run_.fit(setup); });
  go({Kind::generated, number, "seed-" + std::to_string(seed)}, made.setup, made.program);
}

void AgentCampaign::probe(std::uint64_t number) {
  since_probe_ = 0;
  const std::string name = "quota-probe-after-seed-" + std::to_string(first_since_probe_);
  go({Kind::probe, number, name}, run_.fit({}), quota_probe());
}

void AgentCampaign::end() {
  if (since_probe_ != 0 && !enough()) probe(last_);
  run_.stop();
}

}  // namespace props::conform
