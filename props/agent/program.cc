#include "props/agent/program.h"

#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "props/agent/raw.h"

namespace props::agent {
namespace {

using nsabi::NsLink;
using nsabi::TaskState;

constexpr std::chrono::seconds kCallPatience{10};
constexpr std::chrono::microseconds kPoll{50};
constexpr std::chrono::milliseconds kSlice{2};

constexpr pid_t kLastNumber = 20'000;  // of a t0; beyond 32768 some kernels begin anew at 300

constexpr bool is_zombie(const std::optional<ProcStat>& s) {
  return s && (s->state == 'Z' || s->state == 'X');
}
constexpr bool is_leader(const Task& t) { return t.proc.tgid == t.proc.tid; }

}  // namespace

Reply Reply::of(std::int64_t raw, std::int64_t value) {
  if (raw == kNotCarriedOut) return fail("a step was not reached");
  if (failed(raw)) {
    return {nsabi::Result::failure(static_cast<nsabi::Errno>(static_cast<std::uint16_t>(-raw))),
            {}};
  }
  return {nsabi::Result::success(value), {}};
}

Deadline Program::deadline() const { return Clock::now() + kCallPatience; }

Task* Program::find(nsabi::TaskId id) {
  const auto at = by_id_.find(id.n);
  return at == by_id_.end() ? nullptr : at->second;
}

Task& Program::adopt(nsabi::TaskId id, std::size_t slot, const Task& maker) {
  Task& task = tasks_.emplace_back();
  by_id_[id.n] = &task;
  task.id = id;
  task.slot = slot;
  task.births = puppets_.births(slot);
  task.proc = {shared()->slot[slot].tgid, shared()->slot[slot].tid};
  task.children_depth = maker.children_depth;
  if (const auto status = enclosure_.procfs().status(task.proc)) {
    task.numbers = status->numbers.empty() ? numbers_by_asking(task, maker) : status->numbers;
  }
  if (task.numbers.size() >= enclosure_.depth() && task.numbers[enclosure_.depth() - 1] > 0) {
    litter_.numbers.push_back(task.numbers[enclosure_.depth() - 1]);
  }
  return task;
}

// Where /proc does not tell a task's numbers: its outermost and its innermost, and 0 between.
std::vector<pid_t> Program::numbers_by_asking(const Task& task, const Task& maker) {
  Script ask(task.slot);
  const StepId own = ask.call(SYS_gettid, {});
  if (!run(task, ask)) return {};
  std::size_t depth = maker.children_depth;
  const bool first = ask.result(own) == 1;  // of a pid namespace, its maker's next or pending one
  if (first && depth <= maker.numbers.size()) depth = maker.numbers.size() + 1;
  std::vector<pid_t> numbers(depth, 0);
  numbers.front() = task.proc.tid;
  numbers.back() = static_cast<pid_t>(ask.result(own));
  return numbers;
}

void Program::place(Task& task) {
  const auto chain_of = [&](nsabi::ObjId ns) -> const std::vector<nsabi::ObjId>* {
    for (const Task& t : tasks_) {
      if (!t.pid_namespaces.empty() && t.pid_namespaces.back() == ns) return &t.pid_namespaces;
    }
    return nullptr;
  };
  const nsabi::ObjId own = ids_.id(enclosure_.procfs().ns(task.proc, NsLink::pid));
  if (const auto* chain = chain_of(own)) {
    task.pid_namespaces = *chain;
    return;
  }
  const nsabi::ObjId parent = ids_.known(enclosure_.procfs().parent_ns(task.proc, NsLink::pid));
  const auto* chain = parent == nsabi::kNoObject ? nullptr : chain_of(parent);
  if (chain != nullptr) task.pid_namespaces = *chain;
  task.pid_namespaces.push_back(own);
}

std::optional<int> Program::file(nsabi::FileId id) const {
  const auto at = files_.find(id.n);
  if (at == files_.end()) return std::nullopt;
  return at->second.get();
}

bool Program::run(const Task& task, const Script& script) {
  puppets_.start(script);
  bool dead = false;
  const bool done = puppets_.wait_for(deadline(), kSlice, [&] {
    if (puppets_.idle(task.slot)) return true;
    // Nobody announces a death; it is looked for when nothing else happens.
    const auto stat = enclosure_.procfs().stat(task.proc);
    dead = !stat || is_zombie(stat);
    return dead;
  });
  return done && (!dead || puppets_.idle(task.slot));
}

bool Program::settle() {
  if (enclosure_.sight().exits) {
    return puppets_.wait_for(deadline(), kPoll, [&] { return settled(); });
  }
  // Who has been killed does not show before it is dead: at rest is what stays as it is.
  constexpr std::chrono::milliseconds kQuiet{20};
  std::vector<TaskState> before;
  auto since = Clock::now();
  return puppets_.wait_for(deadline(), kPoll, [&] {
    const bool rest = settled();
    std::vector<TaskState> now;
    for (const Task& t : tasks_)
      now.push_back(is_zombie(t.stat) ? TaskState::zombie : t.view.state);
    if (!rest || now != before) since = Clock::now();
    before = std::move(now);
    return rest && Clock::now() - since >= kQuiet;
  });
}

bool Program::settled() {
  // Each is looked at in its turn. What changes after that shows as a difference in the next round,
  // so one without any is needed.
  bool any_moving = false;
  for (Task& t : tasks_) {
    if (t.gone) continue;
    if (t.slot < kSlots && puppets_.births(t.slot) != t.births) follow_execve(t);
  }
  for (Task& t : tasks_) {
    if (t.gone) continue;
    const auto before = t.stat;
    if (t.last_thread) t.stat = enclosure_.procfs().stat(*t.last_thread);
    if (!t.last_thread || !t.stat) {
      t.last_thread.reset();
      t.stat = enclosure_.procfs().stat(t.proc);
    }
    any_moving |= !t.stat || t.stat != before;
    if (!t.stat) bury(t);
  }
  for (Task& t : tasks_) any_moving |= !t.gone && moving(t);
  // An init that is dying waits for its members; it has come to rest when they have.
  for (const Task& t : tasks_) {
    if (t.gone || is_zombie(t.stat) || !t.stat->exiting) continue;
    any_moving |= any_moving || !init_waits(t);
  }
  if (any_moving) return false;
  stand_in_for_waiting_threads();
  for (Task& t : tasks_) look_at_state(t);
  return true;
}

// Whether something is still going to happen to it by itself. Dying inits are judged later.
bool Program::moving(Task& t) {
  // 'X': it is being released.
  if (is_zombie(t.stat)) return t.stat->state == 'X' || !zombie_stays(t);
  if (t.stat->exiting) return false;
  // A killed task takes its SIGKILL before it begins to exit; puppets sleep when they are idle.
  const bool runs = t.stat->state == 'R' && enclosure_.sight().exits;
  if (t.stat->killed || t.leaving || runs) return true;
  if (t.vfork_child == nullptr) return false;
  const Task& child = *t.vfork_child;
  if (!child.gone && !is_zombie(child.stat) && !child.executed) return false;
  if (!puppets_.idle(t.slot)) return true;
  unblock(t);
  return false;
}

void Program::unblock(Task& t) {
  t.vfork_child = nullptr;
  if (t.discard_fd) receive_fd(enclosure_.socket());
  t.discard_fd = false;
}

// A zombie stays one if its process has other threads, or its parent lives and does not reap by
// itself; only the enclosure's init and inits that are dying do that.
bool Program::zombie_stays(const Task& zombie) const {
  if (!is_leader(zombie)) return false;
  const auto lives = [](const Task& t) { return !t.gone && !is_zombie(t.stat); };
  const auto same_process = [&](const Task& t) {
    return &t != &zombie && t.proc.tgid == zombie.proc.tgid;
  };
  const auto parent_stays = [&](const Task& t) {
    return t.proc.tgid == zombie.stat->parent && t.stat && !t.stat->exiting;
  };
  return std::any_of(tasks_.begin(), tasks_.end(), [&](const Task& t) {
    return lives(t) && (same_process(t) || parent_stays(t));
  });
}

// Whether an exiting task is the last of a pid namespace's init, and sleeps until its members have
// been reaped by parents outside of it. ('I': newer kernels sleep without adding to the load.)
bool Program::init_waits(const Task& init) const {
  const bool sleeps = init.stat->state == 'S' || init.stat->state == 'I';
  if (!sleeps || init.pid_namespaces.empty()) return false;
  const nsabi::ObjId ns = init.pid_namespaces.back();
  const auto among = [&](auto holds) {
    return std::any_of(tasks_.begin(), tasks_.end(),
                       [&](const Task& t) { return !t.gone && holds(t); });
  };
  const bool is_init = among([&](const Task& t) {
    return t.proc.tgid == init.proc.tgid && !t.numbers.empty() && t.numbers.back() == 1;
  });
  return is_init && among([&](const Task& t) {
           const auto& in = t.pid_namespaces;
           return is_zombie(t.stat) && t.proc.tgid != init.proc.tgid &&
                  std::find(in.begin(), in.end(), ns) != in.end();
         });
}

void Program::follow_execve(Task& t) {
  const Slot& slot = shared()->slot[t.slot];
  t.births = puppets_.births(t.slot);
  t.executed = true;
  t.proc = {slot.tgid, slot.tid};
  const auto status = enclosure_.procfs().status(t.proc);
  const bool told = status && !status->numbers.empty();
  if (told) t.numbers = status->numbers;
  // It took its leader's ids; the leader is no more.
  for (Task& other : tasks_) {
    if (&other == &t || other.gone || other.proc.tid != t.proc.tid) continue;
    if (!told) t.numbers = other.numbers;
    bury(other);
  }
}

void Program::bury(Task& t) {
  t.gone = true;
  t.changed = true;
  t.last_thread.reset();
  last_burial_ = Clock::now();
  if (t.slot < kSlots) puppets_.release(t.slot);
  t.slot = kSlots;  // it is another's now
}

// Before what is settling now, for what is still shown is that.
bool Program::was_live(const Task& t) const {
  return t.view.state == TaskState::running || t.view.state == TaskState::blocked;
}

// The last thread of an init waits for its members. Which one of a killed group that is the kernel
// does not say; it is shown as the leader, or if that has exited before as the youngest.
void Program::stand_in_for_waiting_threads() {
  for (Task& t : tasks_) {
    if (t.gone || is_zombie(t.stat) || !t.stat->exiting || t.last_thread || !was_live(t)) continue;
    Task* last = &t;
    for (Task& other : tasks_) {
      if (other.proc.tgid != t.proc.tgid || !was_live(other)) continue;
      if (!is_leader(*last)) last = &other;
      if (is_leader(other)) last = &other;
    }
    if (last == &t) continue;
    if (is_leader(*last)) {
      last->last_thread = t.proc;
    } else {
      last->proc = t.proc;  // its own is gone
    }
    last->stat = t.stat;
    last->gone = false;
    bury(t);
  }
}

void Program::look_at_state(Task& t) {
  if (t.gone) {
    t.view = {};
    return;
  }
  TaskState state = TaskState::running;
  if (is_zombie(t.stat)) {
    state = TaskState::zombie;
  } else if (t.stat && t.stat->exiting) {
    state = TaskState::dying;
  } else if (t.vfork_child != nullptr) {
    state = TaskState::blocked;
  }
  if (state == t.view.state) return;
  t.view.state = state;
  t.changed = true;
  look(t, Look::all);
}

void Program::look(Task& t, Look what) {
  if (t.gone) return;
  const ProcTask at = t.last_thread.value_or(t.proc);
  nsabi::TaskView seen = t.view;
  const bool links = enclosure_.sight().identities;
  for (std::size_t i = 0; links && i < nsabi::kNsLinks; ++i) {
    const auto link = static_cast<NsLink>(i);
    seen.ns[i] = ids_.id(enclosure_.procfs().ns(at, link));
    // A dead task may be hidden from a supervisor without privilege; these stay as they were.
    const bool stays = link == NsLink::pid || link == NsLink::user;
    const bool dead = is_zombie(t.stat) || (t.stat && t.stat->exiting);
    if (stays && dead && enclosure_.single_id() && seen.ns[i] == nsabi::kNoObject) {
      seen.ns[i] = t.view.ns[i];
    }
  }
  if (what == Look::all) {
    if (const auto status = enclosure_.procfs().status(at)) {
      for (std::size_t i = 0; i < seen.uid.size(); ++i) {
        seen.uid[i] = enclosure_.inside_uid(status->uid[i]);
        seen.gid[i] = enclosure_.inside_gid(status->gid[i]);
      }
      seen.effective = status->effective;
      seen.permitted = status->permitted;
      seen.inheritable = status->inheritable;
      seen.bounding = status->bounding;
      seen.ambient = status->ambient;
    }
    seen.chrooted = enclosure_.procfs().chrooted(at);
  }
  t.changed |= !(seen == t.view);
  t.view = seen;
}

void Program::look_at_roots() {
  for (Task& t : tasks_) {
    if (t.gone) continue;
    const bool chrooted = enclosure_.procfs().chrooted(t.proc);
    t.changed |= chrooted != t.view.chrooted;
    t.view.chrooted = chrooted;
  }
}

// pid_for_children shows once its namespace has an init: the first fork of one task reveals it for
// all that share it.
void Program::look_at_hidden_links() {
  for (Task& t : tasks_) {
    nsabi::ObjId& link = t.view.ns[index(NsLink::pid_for_children)];
    if (t.gone || link != nsabi::kNoObject || !enclosure_.sight().identities) continue;
    link = ids_.id(enclosure_.procfs().ns(t.proc, NsLink::pid_for_children));
    t.changed |= link != nsabi::kNoObject;
  }
}

void Program::look_at_everything() {
  for (Task& t : tasks_) look(t, Look::all);
}

Reply Program::reset(const nsabi::Setup& setup) {
  files_.clear();
  tasks_.clear();
  by_id_.clear();
  ids_.forget();
  for (std::size_t slot = Enclosure::kInitSlot + 1; slot < kSlots; ++slot) puppets_.release(slot);
  const bool reusable = enclosure_.clear(litter_);
  litter_ = {};
  if (!reusable) {
    if (const auto error = enclosure_.open()) return Reply::fail(*error);
    if (!enclosure_.clear(litter_)) return Reply::fail("the new enclosure is of no use");
  }
  return start(setup);
}

Reply Program::start(const nsabi::Setup& setup) {
  const ProcStatus& have = enclosure_.init_status();
  const nsabi::CapSet lacking = (setup.caps & ~have.permitted) | (setup.bounding & ~have.bounding);
  if (lacking != 0) return Reply::refuse("t0 cannot have " + nsabi::caps_to_string(lacking));
  if (enclosure_.single_id() && (setup.uid != 0 || setup.gid != 0)) {
    return Reply::refuse("only uid and gid 0 are mapped");
  }
  const auto slot = puppets_.allocate();
  const std::uint32_t births = puppets_.births(*slot);
  Script script(Enclosure::kInitSlot);
  script.makes(script.call(SYS_clone, {SIGCHLD}), *slot);
  puppets_.start(script);
  const bool born = puppets_.wait_for(deadline(), kSlice, [&] {
    return puppets_.births(*slot) != births && puppets_.idle(Enclosure::kInitSlot);
  });
  if (!born) return Reply::fail("t0 is not born");
  Task maker;
  maker.children_depth = enclosure_.depth();
  Task& t0 = adopt(nsabi::kInitialTask, *slot, maker);
  if (const auto error = become(t0, setup)) return Reply::fail(*error);
  place(t0);
  t0.view.state = TaskState::running;
  look(t0, Look::all);
  initial_ = t0.view.ns;
  const ProcSight& sight = enclosure_.sight();
  if ((sight.caps && t0.view.permitted != setup.caps) ||
      (sight.ids && t0.view.uid[1] != setup.uid)) {
    return Reply::fail("t0 did not become what was asked for");
  }
  shift_ = t0.numbers.back() - 1;
  litter_.beyond_repair = t0.numbers.back() > kLastNumber;
  return {};
}

// Gives t0 the ids and capabilities that the program starts with.
std::optional<std::string> Program::become(Task& t0, const nsabi::Setup& setup) {
  const nsabi::CapSet drop = enclosure_.init_status().bounding & ~setup.bounding;
  for (int n = 0; n <= nsabi::kCapLast; ++n) {
    if ((drop & nsabi::cap_bit(n)) == 0) continue;
    Script one(t0.slot);
    one.call(SYS_prctl, {PR_CAPBSET_DROP, n});
    if (!run(t0, one)) return "t0 died";
  }
  struct RawAction {
    void* handler;
    unsigned long flags;
    void* restorer;
    unsigned long mask;
  };
  struct Caps {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2]{};
  };
  Script script(t0.slot);
  script.call(SYS_rt_sigaction, {SIGCHLD, script.put(RawAction{}), nullptr, sizeof(unsigned long)});
  script.call(SYS_prctl, {PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0});
  if (!enclosure_.single_id()) {
    script.call(SYS_prctl, {PR_SET_KEEPCAPS, 1});
    script.call(SYS_setresgid, {setup.gid, setup.gid, setup.gid});
    script.call(SYS_setresuid, {setup.uid, setup.uid, setup.uid});
    script.call(SYS_prctl, {PR_SET_KEEPCAPS, 0});
  }
  auto* caps = script.put(Caps{});
  for (unsigned word = 0; word < 2; ++word) {
    caps->data[word].effective = caps->data[word].permitted =
        static_cast<std::uint32_t>(setup.caps >> 32 * word);
  }
  script.call(SYS_capset, {&caps->header, &caps->data});
  script.call(SYS_prctl, {PR_SET_DUMPABLE, 1});
  if (!run(t0, script)) return "t0 died";
  return std::nullopt;
}

}  // namespace props::agent
