// One program's tasks and files, as the supervisor knows them.
//
// A task here is a puppet, where it is in /proc, and what was last seen of it. The kernel decides
// everything; what is kept besides is what cannot be asked for: which task is blocked in a vfork,
// and which call's effect (an exit, a kill, an execve) is still under way. settle() waits until
// nothing is: then what is seen does not change until the next call.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "abi/system.h"
#include "props/agent/enclosure.h"
#include "props/agent/ns_ids.h"

namespace props::agent {

// What a call gave, or why it was not carried out.
struct Reply {
  nsabi::Result result{};
  std::string not_run{};  // empty: it was
  bool broken = false;    // and the program cannot go on

  static Reply of(std::int64_t raw, std::int64_t value = 0);
  static Reply refuse(std::string why) { return {.result = {}, .not_run = std::move(why)}; }
  static Reply fail(std::string why) {
    return {.result = {}, .not_run = std::move(why), .broken = true};
  }
};

struct Task {
  nsabi::TaskId id;
  std::size_t slot = 0;
  ProcTask proc;
  std::uint32_t births = 0;     // of its slot, when it was last seen to begin
  std::vector<pid_t> numbers;   // by pid namespace, outermost first
  bool gone = false;            // reaped
  bool leaving = false;         // told to exit
  bool executed = false;        // has called execve
  Task* vfork_child = nullptr;  // what it is blocked for
  bool discard_fd = false;      // once it goes on it sends a descriptor that was taken already
  // The depth of its pid_ns_for_children, counted like numbers; 0: not known.
  std::size_t children_depth = 0;
  // The pid namespaces that it has numbers in, its own last; those outside of the enclosure and
  // those whose parent cannot be asked for are left out.
  std::vector<nsabi::ObjId> pid_namespaces;
  // Of a dying init's leader: the thread for which it stands (stand_in_for_waiting_threads).
  std::optional<ProcTask> last_thread;
  std::optional<ProcStat> stat;
  nsabi::TaskView view;
  bool changed = true;  // since it was last reported
};

class Program {
 public:
  Program(Puppets& puppets, Enclosure& enclosure) : puppets_(puppets), enclosure_(enclosure) {}

  // Ends the last program and starts one with only t0.
  Reply reset(const nsabi::Setup& setup);

  Task* find(nsabi::TaskId id);
  // Has a task had that name, and does it still?
  bool created(nsabi::TaskId id) const { return by_id_.contains(id.n); }
  bool exists(nsabi::TaskId id) { return created(id) && !find(id)->gone; }
  std::deque<Task>& tasks() { return tasks_; }
  // Notes a new task, whose puppet has begun to run.
  Task& adopt(nsabi::TaskId id, std::size_t slot, const Task& maker);
  // Finds out a new task's pid_namespaces. Its own has to be known to ids() if it is new.
  void place(Task& task);

  // The same for a task, by how deep its pid namespace is: only the initial one has that depth.
  std::int32_t number_for(const Task& task, std::int32_t kernels) const {
    const bool initial = task.numbers.size() == enclosure_.depth();
    return initial && kernels > 0 && kernels < kHighNumber ? kernels - shift_ : kernels;
  }

  // The supervisor's descriptor of an open file; nothing if it is not open.
  std::optional<int> file(nsabi::FileId id) const;
  void keep(nsabi::FileId id, UniqueFd fd) { files_[id.n] = std::move(fd); }
  bool close(nsabi::FileId id) { return files_.erase(id.n) != 0; }

  // Lets a task carry out a script. False if it did not come to the end of it in time, or died.
  bool run(const Task& task, const Script& script);
  // Waits until every effect of the last call has happened. False if that takes too long.
  bool settle();

  // Looks at what a call by `task` can have changed.
  enum class Look : std::uint8_t { links, all };
  void look(Task& task, Look what);
  void look_at_roots();
  void look_at_hidden_links();
  void look_at_everything();

  nsabi::ObjId initial(nsabi::NsLink link) const { return initial_[index(link)]; }
  // The program's numbers of processes in a pid namespace, and the kernel's. In the initial one t0
  // has number 1 for the program, and for the kernel one that the enclosure's init and earlier
  // programs left free. High numbers, which only set_tid gives, are the same for both.
  std::int32_t number_of(std::int32_t kernels, nsabi::ObjId pid_ns) const {
    return shifted(pid_ns, kernels) ? kernels - shift_ : kernels;
  }
  std::int32_t kernel_number_of(std::int32_t own, nsabi::ObjId pid_ns) const {
    return shifted(pid_ns, own) ? own + shift_ : own;
  }
  // When a task was last seen to be gone; its number may stay in use for a moment.
  Deadline last_burial() const { return last_burial_; }
  NsIds& ids() { return ids_; }
  Litter& litter() { return litter_; }
  Puppets& puppets() { return puppets_; }
  Enclosure& enclosure() { return enclosure_; }
  Deadline deadline() const;

 private:
  static constexpr std::int32_t kHighNumber = 4'000'000;
  bool shifted(nsabi::ObjId pid_ns, std::int32_t number) const {
    return number > 0 && number < kHighNumber && pid_ns == initial(nsabi::NsLink::pid);
  }

  Reply start(const nsabi::Setup& setup);
  std::vector<pid_t> numbers_by_asking(const Task& task, const Task& maker);
  std::optional<std::string> become(Task& t0, const nsabi::Setup& setup);
  bool settled();
  bool zombie_stays(const Task& task) const;
  bool init_waits(const Task& task) const;
  bool moving(Task& task);
  void unblock(Task& task);
  void follow_execve(Task& task);
  void bury(Task& task);
  void stand_in_for_waiting_threads();
  bool was_live(const Task& task) const;
  void look_at_state(Task& task);

  Puppets& puppets_;
  Enclosure& enclosure_;
  std::deque<Task> tasks_;  // a deque: tasks point at each other
  std::unordered_map<std::uint32_t, Task*> by_id_;
  std::unordered_map<std::uint32_t, UniqueFd> files_;
  std::array<nsabi::ObjId, nsabi::kNsLinks> initial_{};
  std::int32_t shift_ = 1;  // of numbers in the initial pid namespace
  Deadline last_burial_{};
  NsIds ids_;
  Litter litter_;
};

}  // namespace props::agent
