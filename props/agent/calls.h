// Carrying out the calls of a program with real system calls.
//
// Each call becomes one script for its caller's puppet (now and then two), with exactly the
// operands that the call names. Where the vocabulary says more than one system call can (pivot_root
// in a chroot, a write to a file of a task that is gone), the function says how it makes up for it.
#pragma once

#include <string>

#include "abi/call.h"
#include "props/agent/lateness.h"
#include "props/agent/program.h"

namespace props::agent {

class Calls {
 public:
  explicit Calls(Program& program) : program_(program) {}

  // Carries out the call and waits until all its effects are there and have been looked at.
  Reply carry_out(const nsabi::Call& call);
  // Forgets what it knew of the last program.
  void forget() { late_ = {}; }

 private:
  // calls_make.cc
  Reply run(Task& t, const nsabi::Fork& c);
  Reply run(Task& t, const nsabi::Vfork& c);
  Reply run(Task& t, const nsabi::Clone& c);
  Reply run(Task& t, const nsabi::Clone3& c);
  // calls_ns.cc
  Reply run(Task& t, const nsabi::Unshare& c);
  Reply run(Task& t, const nsabi::Setns& c);
  Reply run(Task& t, const nsabi::OpenNs& c);
  Reply run(Task& t, const nsabi::OpenPidfd& c);
  Reply run(Task& t, const nsabi::OpenFile& c);
  Reply run(Task& t, const nsabi::Close& c);
  Reply run(Task& t, const nsabi::NsIoctl& c);
  // calls_mount.cc
  Reply run(Task& t, const nsabi::BindNs& c);
  Reply run(Task& t, const nsabi::UnbindNs& c);
  Reply run(Task& t, const nsabi::Chroot& c);
  Reply run(Task& t, const nsabi::PivotRoot& c);
  // calls_task.cc
  Reply run(Task& t, const nsabi::Execve& c);
  Reply run(Task& t, const nsabi::Exit& c);
  Reply run(Task& t, const nsabi::Kill& c);
  Reply run(Task& t, const nsabi::Wait& c);
  Reply run(Task& t, const nsabi::Setresuid& c);
  Reply run(Task& t, const nsabi::Setresgid& c);
  Reply run(Task& t, const nsabi::Capset& c);
  Reply run(Task& t, const nsabi::Prctl& c);
  Reply run(Task& t, const nsabi::Semop& c);
  // calls_settings.cc
  Reply run(Task& t, const nsabi::WriteIdMap& c);
  Reply run(Task& t, const nsabi::WriteSetgroups& c);
  Reply run(Task& t, const nsabi::SetLimit& c);
  Reply run(Task& t, const nsabi::WriteTimens& c);

  // A clone in the making: the script's step that makes the child, and what it was asked for.
  struct Birth {
    nsabi::TaskId child;
    nsabi::Flags flags;  // as the kernel reads them
    std::size_t slot = 0;
    StepId step{};
    std::optional<Parcel> pidfd{};  // of CLONE_PIDFD
    nsabi::FileId pidfd_name{};
  };
  Reply bear(Task& t, Script& script, const Birth& birth);
  Reply deliver(Task& t, Task& child, const Birth& birth, bool blocked);
  void meet(Task& t, Task& child, nsabi::Flags flags);
  bool number_untold(const Task& t, nsabi::Flags flags) const;
  void expect_death(const Task& of);
  pid_t initial_number(const Task& t, const Task& child);
  UniqueFd fetch(const Task& t, int fd);
  bool out_of_reach(const Task& t);

  // The one system call of a script, on a task that lives on.
  Reply simple(Task& t, std::int64_t number, std::initializer_list<Arg> args);
  // Runs a script; the reply is that of its step `which`.
  Reply finish(Task& t, const Script& script, StepId which, std::int64_t value = 0);
  // Runs a script that ends by sending a descriptor, and keeps that under `name`.
  Reply finish_open(Task& t, Script& script, StepId opened, nsabi::FileId name);
  // The step that gives the puppet the open file `id`, or a number that is not open.
  struct Lent {
    Arg fd;
    std::optional<Received> received;
  };
  Lent lend(Script& script, nsabi::FileId id);
  void give_back(Script& script, const Lent& lent);
  // The word that holds the number which `target` has in the caller's active pid namespace: 0 if
  // it has none or is gone. Costs the script one step. Holds its struct pid until release_number().
  const std::int32_t* number_of(Script& script, const Task* target);
  void release_number();
  Reply unless_unmapped(Reply reply, nsabi::Errno error);
  // Writes `text` to a file of /proc that a puppet opens itself.
  Reply write_proc(Task& t, const std::string& path, const std::string& text);

  // Repeats a call that makes namespaces while its ENOSPC may be a dead namespace's (REF-12).
  template <class Attempt>
  Reply patiently(const Task& t, nsabi::Flags flags, Attempt attempt);
  std::size_t user_level(const Task& t) const;
  // Whether namespaces that the enclosure is in may be why it cannot make one more level.
  bool too_deep(const Task& t, nsabi::Flags flags) const;
  // Whether this kernel's /proc has no such file of any task.
  bool never_there(const std::string& file) const;
  bool in_proc(const std::string& path) const;
  Reply translate(Task& t, const nsabi::NsIoctl& c);
  nsabi::ObjId ns_of(nsabi::FileId id) const;
  std::size_t depth_of(nsabi::ObjId pid_ns) const;
  // The task that an open pidfd stands for; null for other files and reaped tasks.
  const Task* task_of(nsabi::FileId id);
  bool judged_by_machine(const nsabi::Call& call, const Reply& reply);
  void note_release(const nsabi::Call& call, const Reply& reply);

  Program& program_;
  Lateness late_;
};

}  // namespace props::agent
