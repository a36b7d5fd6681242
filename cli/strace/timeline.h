// Who was in which namespace when: a text picture, one row for each stay.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "abi/namespace.h"
#include "abi/view.h"
#include "cli/strace/identities.h"

namespace cli::strace_log {

class Timeline {
 public:
  explicit Timeline(bool on) : on_(on) {}
  bool on() const { return on_; }

  // The task is in these namespaces from this line on (nothing is added if it already was).
  void stay(std::uint32_t task, std::uint32_t line, std::int64_t time_us,
            const abi::TaskView& view);
  void leave(std::uint32_t task, std::uint32_t line, std::int64_t time_us);

  // `label` says a task's name; `last_line` ends the stays that are still open.
  template <class Label>
  std::string draw(std::uint32_t last_line, Identities& names, const Label& label) const {
    std::string text = header();
    for (const Stay& s : stays_) text += row(s, last_line, names, label(s.task));
    return text;
  }

 private:
  using Links = std::array<abi::ObjId, abi::kNsLinks>;
  struct Stay {
    std::uint32_t task;
    std::uint32_t from;
    std::uint32_t to;  // 0: until the end
    std::int64_t from_us;
    Links ns;
  };
  std::string header() const;
  std::string row(const Stay& s, std::uint32_t last_line, Identities& names,
                  const std::string& label) const;

  bool on_;
  std::vector<Stay> stays_;
  std::vector<std::uint32_t> open_;  // by task: its open stay plus one, 0 for none
};

}  // namespace cli::strace_log
