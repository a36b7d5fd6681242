#include "props/conform/conform.h"

#include <algorithm>
#include <mutex>
#include <random>
#include <thread>

#include "props/conform/campaign.h"
#include "props/conform/tables.h"

namespace props::conform {
namespace {

using Clock = std::chrono::steady_clock;

std::uint64_t random_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

// A place, and an agent there for each job.
struct Place {
  std::string name;
  PlaceProgress progress;
  std::vector<std::unique_ptr<AgentCampaign>> agents;
  PlaceResult result;  // of all of them, once they have ended
};
using Places = std::vector<std::unique_ptr<Place>>;

// Hands out the run's programs to whoever asks next: each standing trace in every place, and then
// generated ones. Which program is which and where it runs does not depend on who takes it.
class Programs {
 public:
  Programs(const Places& places, std::uint64_t seed, const ConformOptions& options)
      : places_(places), seed_(seed), options_(options) {}

  struct One {
    std::uint64_t number;        // in the run
    std::size_t place;           // its index
    const StandingTrace* trace;  // null: a generated one
    std::uint64_t seed;          // of that
  };
  std::optional<One> next() {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto now = Clock::now();
    show_progress(now);
    const std::uint64_t traces = options_.standing.size() * places_.size();
    if (number_ < traces && over(options_.standing_time, start_, now)) number_ = traces;
    if (number_ < traces) {
      const std::uint64_t n = number_++;
      return One{n, n % places_.size(), &options_.standing[n / places_.size()], 0};
    }
    if (!options_.cases && options_.time.count() == 0) return std::nullopt;
    if (!generated_) generated_ = now;
    const std::uint64_t n = number_ - traces;
    if (over(options_.time, *generated_, now) || n == options_.cases) return std::nullopt;
    return One{number_++, n % places_.size(), nullptr, program_seed(seed_, n)};
  }

 private:
  static bool over(std::chrono::milliseconds limit, Clock::time_point since,
                   Clock::time_point now) {
    return limit.count() != 0 && now - since > limit;
  }

  void show_progress(Clock::time_point now) {
    if (!options_.progress || now < next_line_) return;
    next_line_ = now + std::chrono::milliseconds(250);
    Progress progress{.subject = options_.system, .doing = "running"};
    for (const auto& place : places_) {
      progress.programs += place->progress.programs;
      progress.calls += place->progress.calls;
      progress.findings += place->progress.findings;
    }
    progress.seconds = std::chrono::duration<double>(now - start_).count();
    options_.progress(progress);
  }

  const Places& places_;
  const std::uint64_t seed_;
  const ConformOptions& options_;
  std::mutex mutex_;
  std::uint64_t number_ = 0;
  const Clock::time_point start_ = Clock::now();
  Clock::time_point next_line_ = start_ + std::chrono::milliseconds(250);
  std::optional<Clock::time_point> generated_;  // when the first of these was taken
};

// One job: takes programs and runs each with its own agent of the program's place, one at a time.
void work(std::size_t job, const Places& places, Programs& programs) {
  const auto agent = [&](std::size_t place) -> AgentCampaign& {
    return *places[place]->agents[job];
  };
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto why = agent(i).start();
    if (!why) continue;
    agent(i).stays_away(*why);  // the others do its part
    return;
  }
  while (const auto one = programs.next()) {
    AgentCampaign& at = agent(one->place);
    if (at.enough()) break;
    if (one->trace != nullptr) {
      at.standing(one->number, *one->trace);
    } else {
      at.generated(one->number, one->seed);
    }
  }
  for (std::size_t i = 0; i < places.size(); ++i) agent(i).end();
}

void run_programs(const Places& places, std::uint64_t seed, const ConformOptions& options) {
  Programs programs(places, seed, options);
  std::vector<std::thread> others;
  for (std::size_t job = 1; job < options.jobs; ++job) {
    others.emplace_back(work, job, std::cref(places), std::ref(programs));
  }
  work(0, places, programs);
  for (std::thread& other : others) other.join();
  for (const auto& place : places) {
    for (const auto& agent : place->agents) place->result.add(agent->result());
  }
}

std::uint64_t left_out(const ConformOptions& options, const Place& place) {
  const PlaceResult::Row& standing = place.result.rows.front();
  return options.standing.size() - standing.programs - standing.not_run;
}

// A row for what was run at a place of one kind; nothing if nothing was asked for.
std::optional<report::Check> row(const ConformOptions& options, Place& place, Kind kind) {
  static constexpr std::string_view kSays[] = {
      "each call of the standing traces gives what the model gives",
      "after every call the system gives and shows what the model does",
      "with a limit of N exactly N namespaces of each type can be made, whatever ran before"};
  PlaceResult::Row& from = place.result.row(kind);
  report::Check check;
  check.name = check_name(options, place.name, kind);
  check.kind = report::Kind::conformance;
  check.says = kSays[static_cast<std::size_t>(kind)];
  for (const auto& [number, found] : place.result.found) {
    if (found.kind != kind) continue;
    if (check.reason.empty()) check.reason = found.finding.title;
    const auto& files = found.finding.files;
    check.files.insert(check.files.end(), files.begin(), files.end());
  }
  check.verdict = check.reason.empty() ? report::Verdict::holds : report::Verdict::violated;
  if (from.programs == 0 && check.reason.empty()) {
    if (from.not_run == 0) return std::nullopt;
    check.verdict = report::Verdict::not_run;
    check.reason = "no program could begin";
  }
  check.seconds = from.seconds / static_cast<double>(options.jobs);
  check.counts = {{"programs", from.programs}, {"calls", from.calls}};
  if (check.seconds > 0 && from.calls > 0) {
    const double rate = static_cast<double>(from.calls) / check.seconds;
    check.counts.push_back({"calls a second", static_cast<std::uint64_t>(rate)});
  }
  if (from.known != 0) check.counts.push_back({"ended by a known deviation", from.known});
  if (from.not_run != 0) check.counts.push_back({"programs not run", from.not_run});
  const std::uint64_t left = kind == Kind::standing ? left_out(options, place) : 0;
  if (left != 0) check.counts.push_back({"left out", left});
  check.details = std::move(from.details);
  return check;
}

// The list of known deviations: what was met, and what was not though everything stood a chance.
void add_known(const Places& places, const ConformOptions& options, report::Report& report) {
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
      std::none_of(places.begin(), places.end(), [&](const auto& place) {
        return left_out(options, *place) != 0 || place->progress.findings >= options.most_findings;
      });
  std::uint64_t met = 0;
  for (std::size_t i = 0; i < options.known.size(); ++i) {
    const KnownDeviation& one = options.known[i];
    std::uint64_t times = 0;
    for (const auto& place : places) times += place->result.met[i];
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
  Places places;
  for (const systems::Place& at : system.places) {
    auto place = std::make_unique<Place>();
    place->name = at.name;
    for (std::size_t job = 0; job < options.jobs; ++job) {
      place->agents.push_back(std::make_unique<AgentCampaign>(at, options, place->progress));
    }
    if (const auto why = place->agents.front()->start()) {
      report.checks.push_back(not_run(options.system + ", " + place->name, *why));
      continue;
    }
    report.facts.push_back({place->name, to_text(place->agents.front()->greeting())});
    places.push_back(std::move(place));
  }
  report.facts.push_back({"seed", std::to_string(seed)});
  if (options.jobs != 1) report.facts.push_back({"jobs", std::to_string(options.jobs)});
  if (places.empty()) return report;
  run_programs(places, seed, options);
  Tally sum;
  for (const auto& place : places) {
    for (const Kind kind : kKinds) {
      if (auto check = row(options, *place, kind)) report.checks.push_back(*std::move(check));
    }
    for (auto& [number, found] : place->result.found) {
      report.findings.push_back(std::move(found.finding));
    }
    sum.add(place->result.tally);
  }
  for (report::Table& table : tables(sum)) report.tables.push_back(std::move(table));
  if (!options.known.empty()) report.tables.push_back(conformance(sum, options.known));
  add_known(places, options, report);
  return report;
}

}  // namespace props::conform
