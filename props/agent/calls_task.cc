// execve, exit, kill, wait, and a task's own credentials.
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "props/agent/calls.h"
#include "props/agent/raw.h"

namespace props::agent {
using nsabi::Errno;

namespace {

constexpr std::chrono::milliseconds kSlice{2};

bool ended(const std::optional<ProcStat>& s) { return !s || s->state == 'Z' || s->state == 'X'; }

}  // namespace

// The program that it executes is the puppet again, on the same slot.
Reply Calls::run(Task& t, const nsabi::Execve&) {
  struct Vectors {
    const char* argv[4];
    const char* env[1];
  };
  Script script(t.slot);
  auto* v = script.put<Vectors>();
  v->argv[0] = script.text("nsproxy-agent");
  v->argv[1] = script.text("--puppet");
  v->argv[2] = script.text(std::to_string(t.slot));
  const StepId step =
      script.call(SYS_execveat, {kProgramFd, script.text(""), &v->argv, &v->env, AT_EMPTY_PATH});
  const Puppets& puppets = program_.puppets();
  const auto begun = [&] { return puppets.births(t.slot) != t.births; };
  program_.puppets().start(script);
  const bool done = puppets.wait_for(program_.deadline(), kSlice,
                                     [&] { return begun() || puppets.idle(t.slot); });
  if (!done) return Reply::fail("an execve did not come to its end");
  if (begun()) return Reply::of(0);
  return Reply::of(script.result(step));
}

Reply Calls::run(Task& t, const nsabi::Exit& c) {
  t.leaving = true;
  if (t.view.state == nsabi::TaskState::blocked) {
    // It cannot carry out anything: it is killed from outside of everything that it is in.
    syscall(SYS_tgkill, t.proc.tgid, t.proc.tid, SIGKILL);
    return Reply::of(0);
  }
  if (c.group) expect_death(t);
  Script script(t.slot);
  script.call(c.group ? SYS_exit_group : SYS_exit, {0});
  program_.puppets().start(script);
  return Reply::of(0);
}

// The task's process is about to end: where /proc does not show it, it is known all the same.
void Calls::expect_death(const Task& of) {
  if (program_.enclosure().sight().exits) return;
  for (Task& t : program_.tasks()) {
    if (!t.gone && t.proc.tgid == of.proc.tgid) t.leaving = true;
  }
}

// It may be its own target, or end with it.
Reply Calls::run(Task& t, const nsabi::Kill& c) {
  Script script(t.slot);
  const std::int32_t* number = number_of(script, program_.find(c.target));
  const StepId step = script.call(SYS_kill, {load_pid(number), SIGKILL});
  program_.puppets().start(script);
  bool dead = false;
  const bool done = program_.puppets().wait_for(program_.deadline(), kSlice, [&] {
    if (program_.puppets().idle(t.slot)) return true;
    return dead = ended(program_.enclosure().procfs().stat(t.proc));
  });
  release_number();
  if (!done) return Reply::fail("a kill did not come to its end");
  const Task* target = program_.find(c.target);
  const bool protectable =
      target != nullptr && !target->numbers.empty() && target->numbers.back() == 1;
  const bool killed = !dead && !failed(script.result(step)) && target != nullptr && !protectable;
  if (killed) expect_death(*target);
  return dead ? Reply::of(0) : Reply::of(script.result(step));
}

Reply Calls::run(Task& t, const nsabi::Wait& c) {
  Script script(t.slot);
  const std::int32_t* number = number_of(script, program_.find(c.child));
  const StepId step =
      script.call(SYS_wait4, {load_pid(number), nullptr, __WALL | WNOHANG, nullptr});
  Reply reply = finish(t, script, step);
  release_number();
  if (reply.result.ok() && reply.not_run.empty()) reply.result.value = script.result(step) > 0;
  return reply;
}

Reply Calls::run(Task& t, const nsabi::Setresuid& c) {
  return unless_unmapped(simple(t, SYS_setresuid, {c.real, c.effective, c.saved}), Errno::kEINVAL);
}

Reply Calls::run(Task& t, const nsabi::Setresgid& c) {
  return unless_unmapped(simple(t, SYS_setresgid, {c.real, c.effective, c.saved}), Errno::kEINVAL);
}

// Where the enclosure itself has one id only, whatever needs another fails for that reason.
Reply Calls::unless_unmapped(Reply reply, Errno error) {
  const bool refused = reply.not_run.empty() && reply.result.error == error;
  if (refused && program_.enclosure().single_id())
    return Reply::refuse("only one id is mapped here");
  return reply;
}

Reply Calls::run(Task& t, const nsabi::Capset& c) {
  struct Caps {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2]{};
  };
  Script script(t.slot);
  auto* caps = script.put(Caps{});
  for (unsigned word = 0; word < 2; ++word) {
    caps->data[word] = {static_cast<std::uint32_t>(c.effective >> 32 * word),
                        static_cast<std::uint32_t>(c.permitted >> 32 * word),
                        static_cast<std::uint32_t>(c.inheritable >> 32 * word)};
  }
  const StepId step = script.call(SYS_capset, {&caps->header, &caps->data});
  return finish(t, script, step);
}

Reply Calls::run(Task& t, const nsabi::Prctl& c) {
  switch (c.op) {
    case nsabi::PrctlOp::capbset_drop:
      return simple(t, SYS_prctl, {PR_CAPBSET_DROP, c.arg});
    case nsabi::PrctlOp::ambient_raise:
      return simple(t, SYS_prctl, {PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, c.arg, 0, 0});
    case nsabi::PrctlOp::ambient_lower:
      return simple(t, SYS_prctl, {PR_CAP_AMBIENT, PR_CAP_AMBIENT_LOWER, c.arg, 0, 0});
    case nsabi::PrctlOp::ambient_clear_all:
      return simple(t, SYS_prctl, {PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0});
    case nsabi::PrctlOp::set_keepcaps:
      return simple(t, SYS_prctl, {PR_SET_KEEPCAPS, c.arg});
    case nsabi::PrctlOp::set_dumpable:
      return simple(t, SYS_prctl, {PR_SET_DUMPABLE, c.arg});
    case nsabi::PrctlOp::set_child_subreaper:
      return simple(t, SYS_prctl, {PR_SET_CHILD_SUBREAPER, c.arg});
  }
  return Reply::refuse("unknown prctl");
}

Reply Calls::run(Task& t, const nsabi::Semop&) {
  Script script(t.slot);
  const StepId get = script.call(SYS_semget, {kSemaphoreKey, 1, IPC_CREAT | 0666});
  auto* up = script.put(sembuf{0, 1, SEM_UNDO});
  const StepId step = script.call(SYS_semop, {result_of(get), up, 1}, after(get));
  return finish(t, script, step);
}

}  // namespace props::agent
