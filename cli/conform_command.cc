// `nsproxy conform`: a running kernel, or whatever speaks the agent's protocol, against the model.
#include <filesystem>

#include "abi/words.h"
#include "cli/commands.h"
#include "cli/io.h"
#include "cli/kernel.h"
#include "cli/show.h"
#include "props/conform/conform.h"
#include "props/conform/page.h"

namespace cli {
namespace {

struct Wanted {
  std::string system = "host", command;
  std::optional<std::uint64_t> cases, seed;
  std::optional<std::size_t> jobs;
  std::uint64_t seconds = 0, shrink_seconds = 20, findings = 3;
  std::vector<std::string> replay;
  std::string known;
  std::string directory;
  bool no_standing = false, tables = false, page = false;
};

std::optional<std::size_t> jobs_from(std::string_view text) {
  const auto n = nsabi::number_from<std::size_t>(text);
  return n >= 1u && n <= 64u ? n : std::nullopt;
}

std::string systems_text() {
  std::string out = "Systems:\n";
  for (const auto& system : props::systems::known_systems()) {
    out += "  " + std::string(system.name) + "  " + std::string(system.says) + "\n";
  }
  return out +
         "\nExit status: 0 what ran holds, 1 the system differs, 2 wrong usage, 3 the system "
         "cannot "
         "run here.";
}

// The system that was asked for; a usage error has been said if there is none.
std::optional<props::systems::Prepared> prepare(const Wanted& wanted) {
  if (!wanted.command.empty()) return props::systems::by_command(wanted.command);
  std::vector<std::string_view> names;
  for (const auto& system : props::systems::known_systems()) {
    if (system.name == wanted.system) return system.prepare(system_files());
    names.push_back(system.name);
  }
  const std::string_view near = abi::nearest(wanted.system, names);
  usage_error("--system: no system is called " + abi::quoted(wanted.system) +
              (near.empty() ? "; nsproxy help conform lists them"
                            : "; did you mean " + std::string(near) + "?"));
  return std::nullopt;
}

void declare(Options& options, Wanted& wanted) {
  options.value("--system", "NAME", "which system (below); host unless said otherwise",
                keep_in(wanted.system));
  options.value(
      "--exec", "CMD",
      "instead: a shell command that speaks the agent's protocol (docs/agent.md), such as "
      "'ssh box nsproxy-agent'",
      keep_in(wanted.command));
  const auto count = [&](std::string_view name, std::string_view shape, std::string_view says,
                         auto& to) {
    options.value(name, shape, says, read_into(to, nsabi::number_from<std::uint64_t>, "a number"));
  };
  count("--cases", "N", "that many generated programs", wanted.cases);
  count("--seconds", "T",
        "generated programs for that long (with neither this nor --cases: 10 seconds)",
        wanted.seconds);
  count("--seed", "S", "the run's seed, for the same programs again", wanted.seed);
  options.value(
      "--jobs", "N",
      "that many programs at a time, each with an agent of its own, in a guest of its own "
      "if the system is one; the same programs whatever N is (host: 8, others: 1)",
      read_into(wanted.jobs, jobs_from, "a number from 1 to 64"));
  options.values("--replay", "TRACE", "run this trace instead of everything else; may be repeated",
                 wanted.replay);
  options.value("--known", "FILE",
                "known deviations, which are counted but no findings, and are missed when they "
                "are gone (docs/guests.md); gvisor has a list of its own",
                keep_in(wanted.known));
  options.flag("--no-standing", "leave out the standing traces", wanted.no_standing);
  count("--shrink-seconds", "T", "at most that long to make a differing program smaller (20)",
        wanted.shrink_seconds);
  count("--findings", "N", "stop after so many that differ (3)", wanted.findings);
  options.value("--report", "DIR",
                "write report.json, report.xml (JUnit), report.md and what was found there",
                keep_in(wanted.directory));
  options.flag("--page",
               "run the standing traces only and print what there is of each call, and the known "
               "deviations (docs/gvisor.md)",
               wanted.page);
  options.flag("--tables", "also print the tables: calls by agreement, rules, what was not run",
               wanted.tables);
}

std::variant<std::vector<props::conform::StandingTrace>, Failure> traces(const Wanted& wanted) {
  if (wanted.replay.empty()) {
    return wanted.no_standing ? std::vector<props::conform::StandingTrace>() : standing_traces();
  }
  std::vector<props::conform::StandingTrace> out;
  for (const std::string& path : wanted.replay) {
    const auto read = read_trace(path);
    if (const auto* failure = std::get_if<Failure>(&read)) return *failure;
    const std::string stem = std::filesystem::path(path).stem().string();
    out.push_back({stem, std::get<abi::Trace>(read)});
  }
  return out;
}

// The list that was asked for, or the system's own.
std::variant<std::vector<props::conform::KnownDeviation>, Failure> deviations(
    const Wanted& wanted) {
  std::string path = wanted.known;
  for (const auto& system : props::systems::known_systems()) {
    const bool own = path.empty() && wanted.command.empty() && system.name == wanted.system;
    if (own && !system.deviations.empty()) path = system_file(system.deviations);
  }
  if (path.empty()) return std::vector<props::conform::KnownDeviation>();
  const auto text = read_input(path);
  if (const auto* failure = std::get_if<Failure>(&text)) return *failure;
  auto list = props::conform::parse_deviations(std::get<std::string>(text));
  if (const auto* wrong = std::get_if<std::string>(&list)) {
    return Failure{input_name(path) + ": " + *wrong};
  }
  return std::get<0>(std::move(list));
}

}  // namespace

int run_conform(Arguments args) {
  Wanted wanted;
  Options options("conform",
                  "Holds a running kernel against the model: generated programs and the standing "
                  "traces are carried\nout with real system calls, and what comes back and what "
                  "can be seen is compared after every call.\nWhat differs is made smaller on that "
                  "system and written down with a C program that shows it.");
  declare(options, wanted);
  const std::string closing = systems_text();
  options.closing(closing);
  if (const auto status = options.read(args)) return *status;
  auto standing = traces(wanted);
  if (const auto* failure = std::get_if<Failure>(&standing)) return usage_error(failure->what);
  auto known = deviations(wanted);
  if (const auto* failure = std::get_if<Failure>(&known)) return usage_error(failure->what);
  if (const std::string wrong = make_directory(wanted.directory); !wrong.empty()) {
    return usage_error("--report: " + wrong);
  }
  const auto system = prepare(wanted);
  if (!system) return kUsage;

  props::conform::ConformOptions asked;
  asked.system = wanted.command.empty() ? wanted.system : "exec";
  asked.jobs = wanted.jobs.value_or(system->jobs);
  asked.seed = wanted.seed;
  asked.cases = wanted.cases;
  asked.time = std::chrono::seconds(wanted.seconds);
  if (wanted.page) asked.cases = 0;
  if (!asked.cases && wanted.seconds == 0 && wanted.replay.empty()) {
    asked.time = std::chrono::seconds(10);
  }
  asked.standing = std::get<0>(std::move(standing));
  // Of a trace by itself everything is told.
  if (wanted.replay.empty()) asked.known = std::get<0>(std::move(known));
  asked.directory = wanted.directory;
  asked.shrink_time = std::chrono::seconds(wanted.shrink_seconds);
  asked.most_findings = wanted.findings;
  LiveLine line;
  asked.progress = [&line](const props::Progress& p) { line.show(kernel_progress(p)); };
  const report::Report result = props::conform::run_conform(*system, asked);
  line.clear();
  if (wanted.page && report::exit_status(result) == kHolds) {
    print(props::conform::conformance_page(result, asked.system));
    return kHolds;
  }
  return show(result, {.tables = wanted.tables, .directory = wanted.directory});
}

}  // namespace cli
