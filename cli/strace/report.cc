// check_log(), and the report as text.
#include <algorithm>
#include <vector>

#include "cli/strace/log.h"
#include "cli/strace/replay.h"
#include "cli/strace/start.h"
#include "cli/strace/strace_log.h"

namespace cli::strace_log {
namespace {

std::string plural(std::size_t n, std::string_view one, std::string_view many) {
  return std::to_string(n) + " " + std::string(n == 1 ? one : many);
}

std::string at_line(std::uint32_t line) { return "line " + std::to_string(line); }

// Most frequent first.
std::vector<std::pair<std::string, OutsideReason>> sorted(
    const std::map<std::string, OutsideReason>& reasons) {
  std::vector<std::pair<std::string, OutsideReason>> list;
  for (const auto& [text, reason] : reasons) {
    if (reason.count > 0) list.emplace_back(text, reason);
  }
  std::ranges::stable_sort(
      list, [](const auto& a, const auto& b) { return a.second.count > b.second.count; });
  return list;
}

void append(std::string& text, const Divergence& d) {
  text += "  DIVERGED in " + at_line(d.line) + ": the kernel said " + d.kernel +
          ", the model says " + d.model + "\n";
  text += "    " + d.text + "\n";
  if (!d.rule.empty()) {
    text += "    rule " + d.rule + ", " + d.function + ": " + d.says + "\n";
    if (!d.remedy.empty()) text += "    to make it pass: " + d.remedy + "\n";
  }
  for (const std::string& line : d.state) text += "    " + line + "\n";
}

// A log leaves some things open: in which order calls that overlap took effect, and in which
// namespaces a process outside of it is. Where the usual reading disagrees with the kernel, others
// are tried, one change at a time: what the kernel did may be explained by any of them.
class Readings {
 public:
  Readings(const Log& log, const Start& start, const Options& options)
      : log_(log), start_(start), options_(options) {}

  // Adds to what `report` says already.
  LogReport run(const LogReport& report) {
    LogReport best = report;
    std::vector<Dispute> disputes = replay({}, best);
    // A bound on what a log that truly diverges costs.
    constexpr std::size_t kLines = 4'000'000;
    std::size_t left = std::min<std::size_t>(100, kLines / (log_.lines + 1));
    Hints hints;
    for (std::size_t i = 0; i < disputes.size();) {
      bool better = false;
      for (const Hints& other : variants(hints, disputes[i])) {
        if (left-- == 0) return best;
        LogReport tried = report;
        std::vector<Dispute> open = replay(other, tried);
        // Nothing is explained by making something else unknown.
        better =
            tried.total.diverged < best.total.diverged && tried.total.outside <= best.total.outside;
        if (!better) continue;
        hints = other;
        best = std::move(tried);
        disputes = std::move(open);
        break;
      }
      if (!better) ++i;
    }
    return best;
  }

 private:
  static std::vector<Hints> variants(const Hints& hints, const Dispute& dispute) {
    std::vector<Hints> all;
    for (const std::int32_t pid : dispute.outsiders) {
      all.push_back(hints);
      all.back().at_home.insert(pid);
    }
    if (dispute.overlaps) {
      all.push_back(hints);
      all.back().early.insert(dispute.call);
    }
    for (const std::uint32_t rival : dispute.rivals) {
      all.push_back(hints);
      all.back().before[dispute.call].push_back(rival);
    }
    return all;
  }

  std::vector<Dispute> replay(const Hints& hints, LogReport& report) {
    Replay replay(log_, start_, options_, hints, report);
    replay.run();
    return replay.disputes();
  }

  const Log& log_;
  const Start& start_;
  const Options& options_;
};

// Whether the log fits a start without privileges.
bool without_privileges(const Log& log, Options options) {
  options.uid = 1000;
  options.timeline = options.save = false;
  return Readings(log, find_start(log, options), options).run({}).total.diverged == 0;
}

}  // namespace

LogReport check_log(std::string_view text, const Options& options) {
  LogReport report;
  const Log log = read_log(text);
  report.lines = log.lines;
  report.unreadable_lines = log.bad_lines;
  for (const BadLine& bad : log.bad) {
    report.unreadable.push_back({bad.line, bad.column, bad.expected});
  }
  report.readable = log.readable > 0;
  if (!report.readable) return report;
  const Start start = find_start(log, options);
  report.notes.push_back(start.note);
  report = Readings(log, start, options).run(report);
  const bool assumed = start.uid_from.empty() && start.caps_from.empty();
  if (report.total.diverged > 0 && assumed && !options.uid && !options.caps) {
    report.notes.push_back(
        without_privileges(log, options)
            ? "nothing in it diverges if an unprivileged user ran it (--as 1000)"
            : "if the credentials are not as assumed, say --as UID, --caps CAPS");
  }
  return report;
}

std::string format(const LogReport& report, std::string_view file) {
  std::string text(file);
  if (!report.readable) {
    if (!report.unreadable.empty()) {
      const UnreadableLine& bad = report.unreadable.front();
      text += ":" + std::to_string(bad.line) + ":" + std::to_string(bad.column) + ": expected " +
              bad.expected;
    }
    return text + ": not a log of strace; record one with strace -f -o LOG PROGRAM\n";
  }
  text += ": " + (report.tool.empty() ? std::string("no execve") : report.tool) + ", " +
          plural(report.tasks, "task", "tasks") + ", " + plural(report.checked(), "call", "calls") +
          " checked: " + std::to_string(report.total.agreed) + " agreed, " +
          std::to_string(report.total.diverged) + " diverged; " +
          std::to_string(report.total.outside) + " outside\n";
  std::string calls;
  for (const auto& [name, tally] : report.by_call) {
    if (tally.agreed + tally.diverged == 0) continue;
    calls += (calls.empty() ? "  checked: " : ", ") +
             std::to_string(tally.agreed + tally.diverged) + " " + name;
  }
  if (!calls.empty()) text += calls + "\n";
  for (const std::string& note : report.notes) text += "  " + note + "\n";
  for (const auto& [reason, count] : sorted(report.outside)) {
    text += "  outside: " + std::to_string(count.count) + " " + reason + " (first in " +
            at_line(count.first_line) + ")\n";
  }
  if (report.unreadable_lines > 0) {
    text += "  " + plural(report.unreadable_lines, "line", "lines") + " not readable:\n";
    for (const UnreadableLine& bad : report.unreadable) {
      text += "    " + std::string(file) + ":" + std::to_string(bad.line) + ":" +
              std::to_string(bad.column) + ": expected " + bad.expected + "\n";
    }
  }
  for (const Divergence& d : report.divergences) append(text, d);
  if (report.total.diverged > report.divergences.size()) {
    text += "  and " + std::to_string(report.total.diverged - report.divergences.size()) +
            " more divergences\n";
  }
  return text + report.timeline;
}

}  // namespace cli::strace_log
