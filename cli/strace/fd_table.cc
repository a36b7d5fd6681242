// Copy on write: a fork of a task with many descriptors costs one reference.
#include "cli/strace/fd_table.h"

#include <algorithm>
#include <utility>

namespace cli::strace_log {

// A bound: what is opened beyond it stays unknown.
constexpr std::size_t kMost = 4096;

FdTable::Slots& FdTable::own() {
  if (slots_.use_count() > 1) slots_ = std::make_shared<Slots>(*slots_);
  return *slots_;
}

const FdTable::Slot* FdTable::find(std::int64_t fd) const {
  const auto found = slots_->find(fd);
  return found == slots_->end() ? nullptr : &found->second;
}

void FdTable::set(std::int64_t fd, Thing thing, bool cloexec) {
  if (fd < 0 || (slots_->size() >= kMost && find(fd) == nullptr)) return;
  own()[fd] = {std::move(thing), cloexec, line};
}

void FdTable::set_cloexec(std::int64_t fd, bool cloexec) {
  const Slot* const slot = find(fd);
  if (slot != nullptr && slot->cloexec != cloexec) own()[fd].cloexec = cloexec;
}

void FdTable::close(std::int64_t fd) {
  if (find(fd) != nullptr) own().erase(fd);
}

void FdTable::close_range(std::int64_t first, std::int64_t last, bool only_mark) {
  if (first > last || first < 0) return;
  Slots& slots = own();
  const auto begin = slots.lower_bound(first);
  const auto end = slots.upper_bound(last);
  if (only_mark) {
    for (auto it = begin; it != end; ++it) it->second.cloexec = true;
  } else {
    slots.erase(begin, end);
  }
}

void FdTable::close_on_exec() {
  std::erase_if(own(), [](const auto& entry) { return entry.second.cloexec; });
}

void FdTable::forget_since(std::uint32_t before) {
  const auto newer = [&](const auto& entry) { return entry.second.line > before; };
  if (std::ranges::none_of(*slots_, newer)) return;
  for (auto& entry : own()) {
    if (newer(entry)) entry.second.thing = nullptr;
  }
}

}  // namespace cli::strace_log
