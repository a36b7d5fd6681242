// The tasks of a log: which life of the log is which task of the model, and under which numbers.
//
// A task is known by three numbers: its index here, its TaskId in the model, and a pid in each pid
// namespace that sees it. strace labels lines with the pid in strace's own namespace; calls return
// and take numbers of the caller's. Only numbers that the log shows are kept (the model's may
// differ where the log leaves forks out).
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "abi/call.h"
#include "abi/namespace.h"
#include "abi/view.h"
#include "cli/strace/fd_table.h"
#include "cli/strace/log.h"

namespace cli::strace_log {

// What threads of a process share here. CLONE_FS and CLONE_FILES sharers have their own pointers.
struct Process {
  std::uint32_t leader = kNone;  // index of the task
  std::string program;           // last part of argv[0] at the last execve
  bool set_user_id = false;      // it may have privileges that the model's execve does not give
};

struct Place {
  std::string cwd;          // "" unknown
  bool root_moved = false;  // mount(…, "/", MS_MOVE): the namespace's root is now the cwd
};

struct Task {
  abi::TaskId id;
  std::uint32_t life = kNone;
  std::uint32_t parent = kNone;  // who made it
  std::uint32_t father = kNone;  // whose child it is: CLONE_PARENT
  std::shared_ptr<Process> process;
  std::shared_ptr<FdTable> files;
  std::shared_ptr<Place> place;
  bool ended = false;        // its exit was carried out
  bool exiting = false;      // it called exit_group
  bool from_before = false;  // it began before the log
  // Why nothing is held against it: the log does not show its state, or that of whom it comes from.
  std::string_view doubt{};
  bool nameless = false;      // its number for its maker is no label of the log
  bool number_asked = false;  // … by set_tid
  std::int64_t number = 0;    // for its maker; 0 unknown
  bool home = false;          // its pid namespace is strace's: its calls use the labels' numbers
  std::uint32_t in_call = kNone;  // entered and not left
  std::uint32_t diverged_at = 0;  // line of the divergence that it, or its maker, went through
  std::uint32_t history = kNone;  // last change of its namespaces or credentials
};

// What changed a task before: a list that forks share.
struct Change {
  std::uint32_t line;
  std::uint32_t before;
};

class Tasks {
 public:
  explicit Tasks(const Log& log);

  Task& at(std::uint32_t index) { return tasks_[index]; }
  const Task& at(std::uint32_t index) const { return tasks_[index]; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(tasks_.size()); }
  std::uint32_t index_of(const Task& task) const { return by_id_.at(task.id.n); }

  std::uint32_t add(Task task);
  // Gives the task a life of the log.
  void bind(std::uint32_t index, std::uint32_t life);
  std::uint32_t of_life(std::uint32_t life) const { return of_life_[life]; }
  // The next life under that label that nobody has, alive at or after `line`; kNone.
  std::uint32_t free_life(std::int32_t label, std::uint32_t line) const;
  // How many lives with slightly smaller labels wait for a task, at most `most`. Labels are given
  // out in increasing order: so many children were made before this one and not yet heard of.
  std::size_t waiting_before(std::uint32_t life, std::size_t most) const;
  // The task that has the label now; kNone.
  std::uint32_t of_label(std::int32_t label) const;

  // The task's own number, as getpid, gettid or set_tid_address showed it; 0 unknown.
  std::int64_t own_number(std::uint32_t life) const { return own_number_[life]; }
  bool is_label(std::int64_t number) const {
    return number <= 0x7fffffff && lives_of_label_.contains(static_cast<std::int32_t>(number));
  }

  // Numbers in pid namespaces other than strace's.
  void add_number(abi::ObjId pid_ns, std::int64_t number, std::uint32_t index);
  std::uint32_t of_number(abi::ObjId pid_ns, std::int64_t number) const;

  void remember(Task& task, std::uint32_t line);
  std::vector<std::uint32_t> history(const Task& task, std::size_t most) const;

  // Tasks that a call made and whose life is not known yet, oldest first.
  std::set<std::uint32_t> unseen;

 private:
  struct NumberKey {
    abi::ObjId pid_ns;
    std::int64_t number;
    bool operator==(const NumberKey&) const = default;
  };
  struct NumberHash {
    std::size_t operator()(const NumberKey& key) const {
      return std::hash<std::uint64_t>()(key.pid_ns * 0x9e3779b97f4a7c15 +
                                        static_cast<std::uint64_t>(key.number));
    }
  };

  const Log& log_;
  std::deque<Task> tasks_;
  std::unordered_map<std::uint32_t, std::uint32_t> by_id_;
  std::vector<std::uint32_t> of_life_;
  std::set<std::pair<std::int32_t, std::uint32_t>> free_lives_;  // by label
  // Each label's lives, in the log's order.
  std::unordered_map<std::int32_t, std::vector<std::uint32_t>> lives_of_label_;
  std::unordered_map<NumberKey, std::uint32_t, NumberHash> of_number_;
  std::vector<std::int64_t> own_number_;  // by life
  std::vector<Change> changes_;
};

}  // namespace cli::strace_log
