// Columns: when (lines, time), a bar over the whole log, who, and where: every namespace that is
// not one of the start's, pending ones behind an arrow.
#include "cli/strace/timeline.h"

#include <algorithm>
#include <cstdio>

namespace cli::strace_log {
namespace {

constexpr std::size_t kBar = 32;

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string seconds(std::int64_t us) {
  if (us < 0) return "";
  char text[32];
  std::snprintf(text, sizeof text, "%.3fs", static_cast<double>(us) / 1e6);
  return text;
}

}  // namespace

void Timeline::stay(std::uint32_t task, std::uint32_t line, std::int64_t time_us,
                    const abi::TaskView& view) {
  if (!on_) return;
  if (open_.size() <= task) open_.resize(task + 1);
  if (open_[task] != 0) {
    Stay& old = stays_[open_[task] - 1];
    if (old.ns == view.ns) return;
    if (old.from == line) {
      old.ns = view.ns;
      return;
    }
    old.to = line;
  }
  stays_.push_back({task, line, 0, time_us, view.ns});
  open_[task] = static_cast<std::uint32_t>(stays_.size());
}

void Timeline::leave(std::uint32_t task, std::uint32_t line, std::int64_t time_us) {
  (void)time_us;
  if (!on_ || task >= open_.size() || open_[task] == 0) return;
  stays_[open_[task] - 1].to = line;
  open_[task] = 0;
}

std::string Timeline::header() const {
  return "  " + padded("lines", 13) + padded("from", 10) + padded("", kBar + 3) +
         padded("task", 26) + "namespaces (0: the log's first ones; ->: for children)\n";
}

std::string Timeline::row(const Stay& s, std::uint32_t last_line, Identities& names,
                          const std::string& label) const {
  const std::uint32_t to = s.to != 0 ? s.to : last_line;
  std::string bar(kBar, ' ');
  const auto column = [&](std::uint32_t line) {
    return std::min<std::size_t>(kBar - 1, std::size_t{line} * kBar / (std::size_t{last_line} + 1));
  };
  for (std::size_t i = column(s.from); i <= column(to); ++i) bar[i] = '=';
  std::string where;
  const auto at = [&](abi::NsLink link) { return s.ns[abi::index(link)]; };
  for (const abi::NsLink link :
       {abi::NsLink::user, abi::NsLink::mnt, abi::NsLink::uts, abi::NsLink::ipc, abi::NsLink::pid,
        abi::NsLink::cgroup, abi::NsLink::net, abi::NsLink::time}) {
    const abi::NsType type = type_of(link);
    std::string name = names.name(type, at(link));
    const abi::NsLink next = link == abi::NsLink::pid    ? abi::NsLink::pid_for_children
                             : link == abi::NsLink::time ? abi::NsLink::time_for_children
                                                         : link;
    const bool pending = at(next) != at(link);
    if (name.ends_with(":0") && !pending) continue;
    // A pid namespace without a first task has no link yet (NSFS-05).
    if (pending) {
      name += "->" + (at(next) == abi::kNoObject ? std::string("new") : names.name(type, at(next)));
    }
    if (!where.empty()) where += ' ';
    where += name;
  }
  if (where.empty()) where = "-";
  return "  " + padded(std::to_string(s.from) + "-" + std::to_string(to), 13) +
         padded(seconds(s.from_us), 10) + "|" + bar + "| " + padded(label, 26) + where + "\n";
}

}  // namespace cli::strace_log
