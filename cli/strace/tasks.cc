// Look-ups between lives, labels, numbers and tasks.
#include "cli/strace/tasks.h"

#include <algorithm>

#include "cli/strace/value.h"

namespace cli::strace_log {

Tasks::Tasks(const Log& log)
    : log_(log), of_life_(log.lives.size(), kNone), own_number_(log.lives.size()) {
  for (const LoggedCall& call : log.calls) {
    const bool shows =
        call.sys == Sys::getpid || call.sys == Sys::gettid || call.sys == Sys::set_tid_address;
    if (!shows || !call.finished || cut_off(log, call) || own_number_[call.life] != 0) continue;
    CallText text;
    if (!read_call(call.body, true, text)) own_number_[call.life] = text.ret.value;
  }
  for (std::uint32_t i = 0; i < log.lives.size(); ++i) {
    lives_of_label_[log.lives[i].born].push_back(i);
    free_lives_.emplace(log.lives[i].born, i);
    if (log.lives[i].pid != log.lives[i].born) lives_of_label_[log.lives[i].pid].push_back(i);
  }
}

std::uint32_t Tasks::add(Task task) {
  const std::uint32_t index = size();
  by_id_[task.id.n] = index;
  tasks_.push_back(std::move(task));
  return index;
}

void Tasks::bind(std::uint32_t index, std::uint32_t life) {
  tasks_[index].life = life;
  of_life_[life] = index;
  free_lives_.erase({log_.lives[life].born, life});
  unseen.erase(index);
}

std::uint32_t Tasks::free_life(std::int32_t label, std::uint32_t line) const {
  const auto found = lives_of_label_.find(label);
  if (found == lives_of_label_.end()) return kNone;
  // Sorted by first line, and so by last line: lives of one label don't overlap.
  const auto first = std::ranges::lower_bound(
      found->second, line, {}, [this](std::uint32_t life) { return log_.lives[life].last_line; });
  if (first == found->second.end() || of_life_[*first] != kNone) return kNone;
  return *first;
}

std::size_t Tasks::waiting_before(std::uint32_t life, std::size_t most) const {
  // Beyond that they were used a wrap of the counter ago.
  constexpr std::int32_t kWindow = 4096;
  const std::int32_t label = log_.lives[life].born;
  std::size_t count = 0;
  auto it = free_lives_.lower_bound({label, 0});
  while (count < most && it != free_lives_.begin() && (--it)->first > label - kWindow) ++count;
  return count;
}

std::uint32_t Tasks::of_label(std::int32_t label) const {
  const auto found = lives_of_label_.find(label);
  if (found == lives_of_label_.end()) return kNone;
  // The last one that has a task: earlier ones are over.
  for (auto it = found->second.rbegin(); it != found->second.rend(); ++it) {
    if (of_life_[*it] != kNone) return of_life_[*it];
  }
  return kNone;
}

void Tasks::add_number(abi::ObjId pid_ns, std::int64_t number, std::uint32_t index) {
  of_number_[{pid_ns, number}] = index;
}

std::uint32_t Tasks::of_number(abi::ObjId pid_ns, std::int64_t number) const {
  const auto found = of_number_.find({pid_ns, number});
  return found == of_number_.end() ? kNone : found->second;
}

void Tasks::remember(Task& task, std::uint32_t line) {
  changes_.push_back({line, task.history});
  task.history = static_cast<std::uint32_t>(changes_.size() - 1);
}

std::vector<std::uint32_t> Tasks::history(const Task& task, std::size_t most) const {
  std::vector<std::uint32_t> lines;
  for (std::uint32_t at = task.history; at != kNone && lines.size() < most;
       at = changes_[at].before) {
    lines.push_back(changes_[at].line);
  }
  std::ranges::reverse(lines);
  return lines;
}

}  // namespace cli::strace_log
