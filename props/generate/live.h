// What a running program can name: its tasks, open files and binds.
//
// The runner shows each call and the task views that it touched; the generator picks operands from
// here. It is a guide, not an oracle: parents are forgotten when reparented, and a bind is listed
// until it is unbound, even after its mount namespace is gone. A wrong guess costs a skipped call
// or an errno, never a wrong verdict.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "abi/system.h"

namespace props {

// A set of small numbers: constant-time insert, erase and pick.
class NumberSet {
 public:
  void clear();
  bool has(std::uint32_t n) const { return n < place_.size() && place_[n] != 0; }
  void insert(std::uint32_t n);
  void erase(std::uint32_t n);
  std::size_t size() const { return items_.size(); }
  bool empty() const { return items_.empty(); }
  std::uint32_t operator[](std::size_t i) const { return items_[i]; }
  std::span<const std::uint32_t> items() const { return items_; }

 private:
  std::vector<std::uint32_t> items_;
  std::vector<std::uint32_t> place_;  // by number: index in items_ plus 1, 0 if absent
};

struct LiveTask {
  abi::TaskView view;
  std::uint32_t parent = 0;
  std::uint32_t group = 0;  // the same number for all threads of a process
};

enum class LiveFileKind : std::uint8_t { ns, pidfd, other };
struct LiveFile {
  LiveFileKind kind = LiveFileKind::other;
  abi::NsType type = abi::NsType::mnt;  // of an ns file, where the call that opened it says so
  abi::TaskId target{};                 // of a pidfd, or whose namespace it is
};

class Live {
 public:
  // Forgets everything; the next program's t0 is then shown like any other task.
  void clear();
  void see_task(abi::TaskId id, const abi::TaskView& view);
  void see_call(const abi::Call& call, const abi::Result& result);

  const NumberSet& running() const { return running_; }
  const NumberSet& blocked() const { return blocked_; }
  const NumberSet& ended() const { return ended_; }  // zombies and dying inits
  std::size_t present() const { return running_.size() + blocked_.size() + ended_.size(); }
  std::size_t tasks_seen() const { return tasks_.size(); }
  // A task that was seen at some time.
  bool knows(abi::TaskId id) const { return id.n < tasks_.size(); }
  const LiveTask& task(abi::TaskId id) const { return tasks_[id.n]; }
  abi::TaskId newest() const { return newest_; }

  const NumberSet& files() const { return files_; }
  const NumberSet& ns_files() const { return ns_files_; }
  const NumberSet& pidfds() const { return pidfds_; }
  const LiveFile& file(abi::FileId id) const { return file_info_[id.n]; }
  const NumberSet& binds() const { return binds_; }

  // Most fallible steps that a call of this kind has reached lately.
  std::uint16_t steps(std::size_t op) const { return steps_[op]; }

 private:
  void add_task(abi::TaskId id, abi::TaskId caller, abi::Flags flags);
  void add_file(abi::FileId id, const LiveFile& info);
  void drop_file(abi::FileId id);
  void see_effect(const abi::Call& call);

  NumberSet running_, blocked_, ended_;
  NumberSet files_, ns_files_, pidfds_, binds_;
  std::vector<LiveTask> tasks_;
  std::vector<LiveFile> file_info_;
  std::array<std::uint16_t, abi::kOps> steps_{};
  abi::TaskId newest_{};
};

}  // namespace props
