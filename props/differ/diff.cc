#include "props/differ/diff.h"

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <random>

#include "abi/trace.h"
#include "model/model.h"
#include "props/coverage/tables.h"
#include "props/differ/exhaustive.h"
#include "props/differ/finding.h"
#include "props/subjects/subjects.h"
#include "props/systems/linux_source/linux_subjects.h"

namespace props {
namespace {

report::Check new_check(const std::string& name, report::Kind kind) {
  report::Check check;
  check.name = name;
  check.kind = kind;
  return check;
}

report::Check not_run(const std::string& name, const std::string& reason) {
  report::Check check = new_check(name, report::Kind::differential);
  check.reason = reason;
  return check;
}

std::uint64_t random_seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32 | device();
}

// One row for each thing that is compared, with how often.
std::vector<report::Check> comparison_checks(const Coverage& coverage) {
  std::vector<report::Check> checks;
  for (std::size_t i = 0; i < kChecks; ++i) {
    const auto compared = static_cast<Check>(i);
    if (compared == Check::invariant) continue;  // has rows of its own
    report::Check check = new_check(std::string(name(compared)), report::Kind::invariant);
    check.says = says(compared);
    check.verdict = coverage.calls() == 0 ? report::Verdict::not_run : report::Verdict::holds;
    check.counts = {{"programs", coverage.programs()}};
    if (is_per_call(compared)) {
      check.counts.push_back({"after a call", coverage.calls() - coverage.skipped()});
    } else if (compared != Check::leak) {
      check.counts.push_back({"over the whole state", coverage.whole_checks()});
    }
    if (coverage.calls() == 0) check.reason = "no program was run";
    checks.push_back(std::move(check));
  }
  return checks;
}

// What was violated, in the rows of what must hold: the comparison, or the model's invariant.
void blame(report::Report& report, const Found& found) {
  const Difference& difference = found.shrunk.failing.difference;
  for (report::Check& check : report.checks) {
    if (check.kind != report::Kind::invariant) continue;
    const bool concerned = difference.check == Check::invariant
                               ? difference.what.starts_with(check.name + ":")
                               : name(difference.check) == check.name;
    if (!concerned) continue;
    check.verdict = report::Verdict::violated;
    check.reason = found.finding.title;
  }
}

void add_result(report::Report& report, const Subject& subject, const CampaignResult& result) {
  report::Check check = new_check(check_name(subject), report::Kind::differential);
  check.says =
      "after every call both give the same result, the same view, and the same number of holders";
  check.verdict = result.found.empty() ? report::Verdict::holds : report::Verdict::violated;
  if (result.programs == 0) {
    check.verdict = report::Verdict::not_run;
    check.reason = "no time for a program";
  }
  check.counts = {{"programs", result.programs}, {"calls", result.calls}};
  if (result.processor > 0) {
    check.counts.push_back(
        {"calls a processor second",
         static_cast<std::uint64_t>(static_cast<double>(result.calls) / result.processor)});
  }
  check.seconds = result.seconds;
  for (const Deviation& known : subject.known()) {
    check.says += "; apart from " + known.id + ", which is known";
    report::Finding finding;
    finding.check = check.name;
    finding.title = known.id + ", known: " + known.says;
    finding.trace = known.trace;
    report.findings.push_back(std::move(finding));
  }
  for (const Found& found : result.found) {
    check.reason = found.finding.title;
    check.files.insert(check.files.end(), found.finding.files.begin(), found.finding.files.end());
    report.findings.push_back(found.finding);
  }
  report.checks.push_back(std::move(check));
}

void run_generated(report::Report& report, const DiffOptions& options,
                   const std::vector<std::unique_ptr<Subject>>& subjects) {
  CampaignOptions campaign;
  campaign.seed = options.seed ? *options.seed : random_seed();
  campaign.time = options.time / static_cast<std::int64_t>(subjects.size());
  // A time alone is the limit; with neither, a number of programs is.
  const std::uint64_t unlimited = ~std::uint64_t{0};
  campaign.programs = options.cases.value_or(options.time.count() != 0 ? unlimited : kDefaultCases);
  campaign.directory = options.directory;
  campaign.shrink_time = options.shrink_time;
  campaign.progress = options.progress;
  campaign.shard = options.shard;
  campaign.shards = options.shards;
  report.facts.push_back({"seed", std::to_string(campaign.seed)});
  report.facts.push_back({"profile", options.profile ? to_string(*options.profile)
                                                     : "all standard ones, and configurations"});
  Coverage coverage;
  std::vector<Found> found;
  for (const std::unique_ptr<Subject>& subject : subjects) {
    campaign.limits.profiles = subject->profiles();
    if (options.profile) campaign.limits.profiles = {*options.profile};
    CampaignResult result = run_campaign(*subject, campaign);
    add_result(report, *subject, result);
    coverage.add(result.coverage);
    std::move(result.found.begin(), result.found.end(), std::back_inserter(found));
  }
  for (report::Check& check : comparison_checks(coverage))
    report.checks.push_back(std::move(check));
  for (report::Check& check : invariant_checks(coverage)) report.checks.push_back(std::move(check));
  for (const Found& one : found) blame(report, one);
  for (report::Table& table : coverage_tables(coverage)) report.tables.push_back(std::move(table));
}

// A subject of one version runs with that, whatever is wished.
abi::Profile profile_of(const Subject& subject, const abi::Profile& wished) {
  const std::vector<abi::Profile> able = subject.profiles();
  const bool can = able.empty() || std::find(able.begin(), able.end(), wished) != able.end();
  return can ? wished : able.front();
}

// The trace's calls on the model and the subject; the expectations written in it count too.
report::Check replay_on(const Subject& subject, const abi::Trace& trace, const std::string& path,
                        report::Report& report) {
  report::Check check = new_check(check_name(subject), report::Kind::differential);
  check.says = "both do the same on " + path;
  check.verdict = report::Verdict::holds;
  abi::Program program;
  for (const abi::TraceLine& line : trace.lines) program.push_back(line.call);
  check.counts = {{"calls", program.size()}};
  RunOptions run;
  run.whole_every = 1;
  run.known_too = true;
  abi::Setup setup = trace.setup;
  setup.profile = profile_of(subject, setup.profile);
  if (const std::optional<Story> story = subject.tell(setup, program, run)) {
    check.verdict = report::Verdict::violated;
    check.reason = headline(subject, *story);
    report.findings.push_back(to_finding(subject, *story, 0, path));
  }
  return check;
}

report::Check expectations(const abi::Trace& trace, const std::string& path) {
  report::Check check = new_check("model = trace", report::Kind::corpus);
  check.says = "the model gives the results written in " + path;
  check.verdict = report::Verdict::holds;
  std::uint64_t stated = 0;
  model::Model model(trace.setup);
  for (const abi::TraceLine& line : trace.lines) {
    const abi::Result result = model.apply(line.call);
    if (!line.expected) continue;
    ++stated;
    if (line.expected->matches(result)) continue;
    check.verdict = report::Verdict::violated;
    check.reason = path + ":" + std::to_string(line.line) + ": " + print(line.call) + " gives " +
                   print(expectation_of(result)) + ", the trace says " + print(*line.expected);
    break;
  }
  check.counts = {{"results", stated}};
  return check;
}

void run_replay(report::Report& report, const DiffReplay& replay,
                const std::vector<std::unique_ptr<Subject>>& subjects) {
  report.checks.push_back(expectations(replay.trace, replay.name));
  for (const std::unique_ptr<Subject>& subject : subjects) {
    report.checks.push_back(replay_on(*subject, replay.trace, replay.name, report));
  }
}

// Those that are run unless told otherwise come first.
std::vector<std::unique_ptr<Subject>> every_subject() {
  std::vector<std::unique_ptr<Subject>> subjects = all_subjects();
  for (auto& subject : linux_subjects()) subjects.push_back(std::move(subject));
  return subjects;
}

// Why it cannot be run as asked; "": it can.
std::string hindrance(const Subject& subject, const DiffOptions& options) {
  if (std::string absent = subject.absent(); !absent.empty()) return absent;
  const std::vector<abi::Profile> able = subject.profiles();
  if (!options.profile || able.empty()) return {};
  if (std::find(able.begin(), able.end(), *options.profile) != able.end()) return {};
  return "it has the profile " + to_string(able.front()) + ", not " + to_string(*options.profile);
}

// Why a bound that was asked for was not reached, or "".
std::string unreached(const ExhaustiveResult& result, std::size_t asked) {
  if (result.difference || result.length >= asked) return "";
  return "the time was up among the programs of " + std::to_string(result.length + 1) + " calls";
}

report::Check explore_with(const Subject& subject, const DiffOptions& options,
                           const ExhaustiveOptions& how, report::Report& report) {
  const ExhaustiveResult result = subject.explore(how);
  report::Check check = new_check(check_name(subject), report::Kind::exhaustive);
  check.says = "every program of up to " + std::to_string(result.length) + " of " +
               std::to_string(alphabet().size()) + " letters gives the same on both sides, on " +
               to_string(how.setup.profile);
  check.verdict = result.length == 0 ? report::Verdict::unknown : report::Verdict::holds;
  if (const std::string why = unreached(result, how.length); !why.empty()) {
    (result.length == 0 ? check.reason : check.details.emplace_back()) = why;
  }
  check.counts = {{"states", result.states}, {"calls", result.calls}};
  check.seconds = result.seconds;
  if (!result.difference) return check;
  CampaignOptions saving;
  saving.directory = options.directory;
  saving.shrink_time = options.shrink_time;
  const Found found =
      investigate(subject, how.setup, result.program, *result.difference, 0, saving);
  check.verdict = report::Verdict::violated;
  check.reason = found.finding.title;
  check.files = found.finding.files;
  report.findings.push_back(found.finding);
  return check;
}

void run_exhaustive(report::Report& report, const DiffOptions& options,
                    const std::vector<std::unique_ptr<Subject>>& subjects) {
  ExhaustiveOptions how;
  how.length = *options.exhaustive;
  how.time = options.time / static_cast<std::int64_t>(subjects.size());
  if (options.profile) report.facts.push_back({"profile", to_string(*options.profile)});
  for (const std::unique_ptr<Subject>& subject : subjects) {
    how.setup.profile = profile_of(*subject, options.profile.value_or(abi::Profile{}));
    if (options.progress) {
      how.progress = [&](const ExhaustiveProgress& p) {
        options.progress({.subject = subject->name(),
                          .programs = p.states,
                          .calls = p.calls,
                          .seconds = p.seconds,
                          .findings = 0,
                          .doing = "running"});
      };
    }
    report.checks.push_back(explore_with(*subject, options, how, report));
  }
}

}  // namespace

std::vector<std::string> diff_names() {
  std::vector<std::string> names;
  for (const auto& subject : every_subject()) names.emplace_back(subject->name());
  return names;
}

report::Report run_diff(const DiffOptions& options) {
  report::Report report;
  report.title = "nsproxy diff";
  std::vector<std::unique_ptr<Subject>> subjects =
      options.impls.empty() ? all_subjects() : every_subject();
  for (const std::string& wanted : options.impls) {
    const bool known = std::any_of(subjects.begin(), subjects.end(),
                                   [&](const auto& s) { return s->name() == wanted; });
    if (!known) report.checks.push_back(not_run("model = " + wanted, "no such implementation"));
  }
  std::erase_if(subjects, [&](const auto& subject) {
    return !options.impls.empty() && std::find(options.impls.begin(), options.impls.end(),
                                               subject->name()) == options.impls.end();
  });
  std::erase_if(subjects, [&](const auto& subject) {
    const std::string reason = hindrance(*subject, options);
    if (!reason.empty()) report.checks.push_back(not_run(check_name(*subject), reason));
    return !reason.empty();
  });
  if (options.replay) {
    run_replay(report, *options.replay, subjects);
  } else if (options.exhaustive && !subjects.empty()) {
    run_exhaustive(report, options, subjects);
  } else if (!subjects.empty()) {
    run_generated(report, options, subjects);
  }
  return report;
}

std::string progress_line(const Progress& progress) {
  char rate[32] = "";
  if (progress.seconds > 0) {
    std::snprintf(rate, sizeof rate, ", %.2f M calls/s",
                  static_cast<double>(progress.calls) / progress.seconds / 1e6);
  }
  std::string line = std::string(progress.subject) + ": " + report::with_commas(progress.programs) +
                     " programs, " + report::with_commas(progress.calls) + " calls" + rate;
  if (progress.findings != 0) line += ", " + report::with_commas(progress.findings) + " findings";
  if (progress.doing != "running") line += ", " + std::string(progress.doing);
  return line;
}

}  // namespace props
