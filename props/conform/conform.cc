#include "props/conform/conform.h"

#include <algorithm>
#include <random>
#include <thread>

#include "props/conform/finding.h"
#include "props/conform/place.h"
#include "props/conform/programs.h"
#include "props/conform/tables.h"
#include "props/differ/finding.h"
#include "props/differ/shrink.h"

namespace props::conform {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kProbeEvery = 64;  // programs of one place
constexpr std::size_t kMostLosses = 20;

// The checks of one place, and its findings.
class PlaceCampaign {
 public:
  PlaceCampaign(const systems::Place& place, const ConformOptions& options, report::Report& report)
      : run_(place), options_(options), report_(report), met_(options.known.size()) {}

  std::optional<std::string> start() { return run_.start(); }
  PlaceRun& run() { return run_; }
  bool enough() const { return findings_ >= options_.most_findings || losses_ > kMostLosses; }
  const Tally& tally() const { return tally_; }
  // How often each known deviation was met.
  const std::vector<std::uint64_t>& met() const { return met_; }
  std::size_t findings() const { return findings_; }

  void standing();
  void generated(std::uint64_t seed);
  void finish(report::Report& report);

 private:
  enum class Kind : std::uint8_t { standing, generated, probe };
  struct Row {
    std::uint64_t programs = 0, calls = 0, not_run = 0, known = 0;
    double seconds = 0;
    std::string reason;  // of the first finding
    std::vector<std::string> details, files;
  };

  Row& row(Kind kind) { return rows_[static_cast<std::size_t>(kind)]; }
  std::string check_name(Kind kind) const;
  void go(Kind kind, const std::string& name, const abi::Setup& setup, const abi::Program& program);
  void probe();
  bool is_known(const Judgement& judgement, std::vector<std::uint64_t>* met) const;
  void investigate(Kind kind, const std::string& name, const abi::Setup& setup,
                   const Judgement& first);
  void add(Kind kind, report::Finding finding);

  PlaceRun run_;
  const ConformOptions& options_;
  report::Report& report_;
  Tally tally_;
  std::array<Row, 3> rows_;
  std::vector<std::uint64_t> met_;
  std::size_t findings_ = 0, losses_ = 0;
  std::uint64_t since_probe_ = 0, first_since_probe_ = 0;
};

std::string PlaceCampaign::check_name(Kind kind) const {
  const std::string of = options_.system == run_.name() || run_.name() == "exec"
                             ? options_.system
                             : options_.system + ", " + run_.name();
  const std::string what = kind == Kind::standing    ? "standing traces"
                           : kind == Kind::generated ? "generated programs"
                                                     : "quota probe";
  return of + ": " + what;
}

void PlaceCampaign::add(Kind kind, report::Finding finding) {
  ++findings_;
  finding.check = check_name(kind);
  Row& to = row(kind);
  if (to.reason.empty()) to.reason = finding.title;
  to.files.insert(to.files.end(), finding.files.begin(), finding.files.end());
  report_.findings.push_back(std::move(finding));
}

// Runs a program, and once more if the agent lost hold of it: a machine may be busy.
void PlaceCampaign::go(Kind kind, const std::string& name, const abi::Setup& setup,
                       const abi::Program& program) {
  Row& to = row(kind);
  const std::uint64_t calls = tally_.carried_out;
  const double seconds = tally_.seconds;
  PlaceRun::Outcome outcome = run_.run(setup, program, &tally_);
  if (!outcome.lost.empty() && !outcome.judgement.difference) {
    ++losses_;
    to.details.push_back(name + ": " + outcome.lost);
    outcome = run_.run(setup, program, &tally_);
    if (!outcome.lost.empty())
      add(kind, lost_finding(name, setup, program, outcome.lost, options_));
  }
  to.calls += tally_.carried_out - calls;
  to.seconds += tally_.seconds - seconds;
  if (!outcome.not_run.empty()) {
    ++to.not_run;
    return;
  }
  ++to.programs;
  if (!outcome.judgement.difference) return;
  if (is_known(outcome.judgement, &met_)) {
    ++to.known;
  } else {
    investigate(kind, name, setup, outcome.judgement);
  }
}

// Whether it differs and is listed; counts the lines that list it.
bool PlaceCampaign::is_known(const Judgement& judgement, std::vector<std::uint64_t>* met) const {
  bool known = false;
  for (std::size_t i = 0; judgement.difference && i < options_.known.size(); ++i) {
    if (!options_.known[i].is(judgement)) continue;
    if (met != nullptr) ++(*met)[i];
    known = true;
  }
  return known;
}

void PlaceCampaign::investigate(Kind kind, const std::string& name, const abi::Setup& setup,
                                const Judgement& first) {
  const std::string stem = name + "-" + run_.name();
  const std::string unshrunk =
      save_trace(options_.directory, stem + "-unshrunk.ns", first.trace,
                 options_.system + " differs, before shrinking: " + first.difference->what);
  abi::Program program;
  for (const abi::TraceLine& line : first.trace.lines) program.push_back(line.call);
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
  add(kind, std::move(finding));
}

void PlaceCampaign::standing() {
  for (const StandingTrace& one : options_.standing) {
    if (enough()) return;
    abi::Program program;
    for (const abi::TraceLine& line : one.trace.lines) program.push_back(line.call);
    go(Kind::standing, one.file, run_.fit(one.trace.setup), program);
  }
}

void PlaceCampaign::generated(std::uint64_t seed) {
  if (since_probe_ == kProbeEvery) probe();
  if (since_probe_++ == 0) first_since_probe_ = seed;
  Limits limits;
  limits.profiles = {run_.greeting().profile};
  limits.faults = false;
  limits.max_length = options_.max_length;
  const GeneratedProgram made =
      generate(seed, limits, [&](const abi::Setup& setup) { return run_.fit(setup); });
  go(Kind::generated, "seed-" + std::to_string(seed), made.setup, made.program);
}

void PlaceCampaign::probe() {
  since_probe_ = 0;
  go(Kind::probe, "quota-probe-after-seed-" + std::to_string(first_since_probe_), run_.fit({}),
     quota_probe());
}

void PlaceCampaign::finish(report::Report& report) {
  if (since_probe_ != 0 && !enough()) probe();
  static constexpr std::string_view kSays[] = {
      "each call of the standing traces gives what the model gives",
      "after every call the system gives and shows what the model does",
      "with a limit of N exactly N namespaces of each type can be made, whatever ran before"};
  for (const Kind kind : {Kind::standing, Kind::generated, Kind::probe}) {
    Row& from = row(kind);
    report::Check check;
    check.name = check_name(kind);
    check.kind = report::Kind::conformance;
    check.says = kSays[static_cast<std::size_t>(kind)];
    check.counts = {{"programs", from.programs}, {"calls", from.calls}};
    if (from.seconds > 0 && from.calls > 0) {
      const double rate = static_cast<double>(from.calls) / from.seconds;
      check.counts.push_back({"calls a second", static_cast<std::uint64_t>(rate)});
    }
    if (from.known != 0) check.counts.push_back({"ended by a known deviation", from.known});
    if (from.not_run != 0) check.counts.push_back({"programs not run", from.not_run});
    check.seconds = from.seconds;
    check.details = std::move(from.details);
    check.files = std::move(from.files);
    check.reason = from.reason;
    check.verdict = !from.reason.empty() ? report::Verdict::violated : report::Verdict::holds;
    if (from.programs == 0 && from.reason.empty()) {
      check.verdict = report::Verdict::not_run;
      check.reason = from.not_run != 0 ? "no program could begin" : "nothing was asked for";
      if (from.not_run == 0) continue;
    }
    report.checks.push_back(std::move(check));
  }
}

std::uint64_t random_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

void run_generated(std::vector<std::unique_ptr<PlaceCampaign>>& places, std::uint64_t seed,
                   const ConformOptions& options) {
  const auto start = Clock::now();
  const std::uint64_t cases = options.cases.value_or(~std::uint64_t{0});
  auto next_line = start;
  for (std::uint64_t n = 0; n < cases; ++n) {
    if (options.time.count() != 0 && Clock::now() - start > options.time) return;
    PlaceCampaign& place = *places[n % places.size()];
    if (place.enough()) return;
    place.generated(program_seed(seed, n));
    if (!options.progress || Clock::now() < next_line) continue;
    next_line = Clock::now() + std::chrono::milliseconds(250);
    Progress progress{.subject = options.system, .programs = n + 1, .doing = "running"};
    for (const auto& one : places) {
      progress.calls += one->tally().carried_out;
      progress.findings += one->findings();
    }
    progress.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    options.progress(progress);
  }
}

// The list of known deviations: what was met, and what was not though everything stood a chance.
void add_known(const std::vector<std::unique_ptr<PlaceCampaign>>& places,
               const ConformOptions& options, report::Report& report) {
  if (options.known.empty()) return;
  report::Check check;
  check.name = options.system + ": known deviations";
  check.kind = report::Kind::conformance;
  check.says = "what is listed as a deviation still is one";
  check.verdict = report::Verdict::holds;
  report::Table table{.title = kKnownTitle,
                      .columns = {"call", "model and system", kTimes, "what it is"},
                      .rows = {}};
  const bool all_run =
      !options.standing.empty() &&
      std::none_of(places.begin(), places.end(), [](const auto& place) { return place->enough(); });
  std::uint64_t met = 0;
  for (std::size_t i = 0; i < options.known.size(); ++i) {
    const KnownDeviation& one = options.known[i];
    std::uint64_t times = 0;
    for (const auto& place : places) times += place->met()[i];
    met += times != 0 ? 1 : 0;
    table.rows.push_back(row_of(one, times));
    if (times != 0 || one.maybe || !all_run) continue;
    report::Finding gone;
    gone.check = check.name;
    gone.title = "no longer there: " + one.text + ": take it out of the list";
    if (check.reason.empty()) check.reason = gone.title;
    check.verdict = report::Verdict::violated;
    report.findings.push_back(std::move(gone));
  }
  check.counts = {{"listed", options.known.size()}, {"met", met}};
  report.checks.push_back(std::move(check));
  report.tables.push_back(std::move(table));
}

report::Check not_run(const std::string& name, const std::string& reason) {
  report::Check check;
  check.name = name;
  check.kind = report::Kind::conformance;
  check.says = "the system does what the model does";
  check.reason = reason;
  return check;
}

}  // namespace

report::Report run_conform(const systems::Prepared& system, const ConformOptions& options) {
  report::Report report;
  report.title = "nsproxy conform";
  const std::uint64_t seed = options.seed ? *options.seed : random_seed();
  report.facts.push_back({"system", options.system});
  if (!system.why_not.empty()) {
    report.checks.push_back(not_run(options.system, system.why_not));
    return report;
  }
  for (const systems::Absent& place : system.absent) {
    report.checks.push_back(not_run(options.system + ", " + place.name, place.why));
  }
  std::vector<std::unique_ptr<PlaceCampaign>> places;
  for (const systems::Place& place : system.places) {
    auto one = std::make_unique<PlaceCampaign>(place, options, report);
    if (const auto why = one->start()) {
      report.checks.push_back(not_run(options.system + ", " + place.name, *why));
      continue;
    }
    report.facts.push_back({place.name, to_text(one->run().greeting())});
    places.push_back(std::move(one));
  }
  report.facts.push_back({"seed", std::to_string(seed)});
  if (places.empty()) return report;
  for (const auto& place : places) place->standing();
  if (options.cases || options.time.count() != 0) run_generated(places, seed, options);
  Tally sum;
  for (const auto& place : places) {
    place->finish(report);
    sum.add(place->tally());
  }
  for (report::Table& table : tables(sum)) report.tables.push_back(std::move(table));
  if (!options.known.empty()) report.tables.push_back(conformance(sum, options.known));
  add_known(places, options, report);
  return report;
}

}  // namespace props::conform
