#include "props/agent/enclosure.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <thread>

#include "props/agent/builder.h"
#include "props/agent/raw.h"

namespace props::agent {
namespace {

constexpr std::size_t kContainers = 4;  // more are not stacked in practice

constexpr std::chrono::seconds kPatience{10};
constexpr std::chrono::milliseconds kSlice{1};
constexpr nsabi::Id kOverflow = 65534;

bool write_file(const std::string& path, const std::string& text) {
  const UniqueFd fd(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return fd && write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

// This process's own map with every id mapped to itself: the widest identity there can be.
std::string identity_of(const char* map) {
  std::ifstream in(std::string("/proc/self/") + map);
  std::ostringstream out;
  std::uint64_t inside, outside, count;
  while (in >> inside >> outside >> count) out << inside << ' ' << inside << ' ' << count << '\n';
  return out.str();
}

// Identity where that is allowed, else the own ids as root. False if neither.
bool write_maps(pid_t pid, bool& single_id) {
  const std::string directory = "/proc/" + std::to_string(pid) + "/";
  single_id = geteuid() != 0 || !maps_every_id() ||
              !write_file(directory + "uid_map", identity_of("uid_map"));
  if (!single_id) return write_file(directory + "gid_map", identity_of("gid_map"));
  return write_file(directory + "setgroups", "deny") &&
         write_file(directory + "uid_map", "0 " + std::to_string(geteuid()) + " 1") &&
         write_file(directory + "gid_map", "0 " + std::to_string(getegid()) + " 1");
}

std::string reason_of(const std::optional<std::string>& message) {
  if (!message) return "the enclosure's init did not answer";
  return message->front() == static_cast<char>(Word::failed) ? message->substr(1)
                                                             : "unexpected: " + *message;
}

bool is(const std::optional<std::string>& message, Word word) {
  return message && message->front() == static_cast<char>(word);
}

// Kills a child of this process and reaps it; false if it takes long to die.
bool end_child(pid_t pid) {
  kill(pid, SIGKILL);
  const auto deadline = Clock::now() + kPatience;
  while (waitpid(pid, nullptr, __WALL | WNOHANG) == 0) {
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(kSlice);
  }
  return true;
}

// What rt_sigaction takes.
struct RawAction {
  void (*handler)(int);
  unsigned long flags;
  void (*restorer)();
  unsigned long mask;
};

}  // namespace

bool maps_every_id() {
  std::uint64_t inside = 1, outside = 1, count = 0;
  std::ifstream("/proc/self/uid_map") >> inside >> outside >> count;
  return inside == 0 && outside == 0 && count == 0xffffffff;
}

std::size_t Enclosure::pid_depth() const {
  constexpr ino_t kInitial = 0xEFFFFFFC;  // PROC_PID_INIT_INO
  struct stat own {};
  const bool outermost = stat("/proc/self/ns/pid", &own) == 0 && own.st_ino == kInitial;
  return depth() - 1 + (outermost ? 0 : kContainers);
}

std::size_t Enclosure::user_depth() const {
  return (mode_ == Mode::userns ? 1 : 0) + (maps_every_id() ? 0 : kContainers);
}

nsabi::Id Enclosure::inside(nsabi::Id outside, nsabi::Id mapped) const {
  if (!single_id_) return outside;
  return outside == mapped ? 0 : kOverflow;
}

std::optional<std::string> Enclosure::open() {
  if (!close()) return "the old enclosure does not end";
  if (mode_ == Mode::host && (geteuid() != 0 || !maps_every_id())) {
    return "mode=host needs to be root in a user namespace that maps every id";
  }
  if (!proc_) {
    proc_.reset(::open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!proc_) return "no /proc";
    procfs_ = Procfs(proc_.get());
    outer_uid_ = geteuid();
    outer_gid_ = getegid();
  }
  std::array<int, 2> ends;
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) return "no socket";
  socket_.reset(ends[0]);
  puppet_socket_.reset(ends[1]);
  auto error = start_init();
  if (!error) error = adopt_init();
  if (error) close();
  return error;
}

std::optional<std::string> Enclosure::start_init() {
  const UniqueFd cgroup(open_cgroup2());
  has_cgroupfs_ = static_cast<bool>(cgroup);
  const BuildPlan plan{.socket = puppet_socket_.get(),
                       .proc = proc_.get(),
                       .memfd = puppets_.memfd(),
                       .cgroup = cgroup.get(),
                       .userns = mode_ == Mode::userns,
                       .bare = mode_ == Mode::bare};
  puppets_.renew(kInitSlot);
  if (plan.bare) return start_bare_init(plan);
  const pid_t builder = fork();
  if (builder < 0) return "fork failed";
  if (builder == 0) {
    ::close(socket_.release());
    build_enclosure(plan);
  }
  auto error = greet_init(builder);
  if (error) kill(builder, SIGKILL);  // it may have ended already: still ours until waited for
  waitpid(builder, nullptr, 0);
  return error;
}

std::optional<std::string> Enclosure::start_bare_init(const BuildPlan& plan) {
  const long init = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
  if (init < 0) return "the kernel makes no pid namespace";
  if (init == 0) {
    ::close(socket_.release());
    build_bare_enclosure(plan);
  }
  auto error = greet_init(static_cast<pid_t>(init));
  if (error) end_child(static_cast<pid_t>(init));
  return error;
}

std::optional<std::string> Enclosure::greet_init(pid_t builder) {
  if (mode_ == Mode::userns) {
    const auto unshared = hear(socket_.get());
    if (!is(unshared, Word::unshared)) return reason_of(unshared);
    if (!write_maps(builder, single_id_)) return "cannot map ids into a user namespace";
    say(socket_.get(), Word::mapped, single_id_ ? kSingleId : "");
  }
  const auto tied = hear(socket_.get());
  if (!is(tied, Word::tied)) return reason_of(tied);
  const std::uint32_t births = puppets_.births(kInitSlot);
  say(socket_.get(), Word::proceed);
  const auto born = [&] { return puppets_.births(kInitSlot) != births; };
  puppets_.wait_for(Clock::now() + kPatience, kSlice, [&] { return born() || pending(); });
  if (born()) return std::nullopt;
  return reason_of(hear(socket_.get()));
}

bool Enclosure::pending() const {
  char byte;
  return recv(socket_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) >= 0;
}

std::optional<std::string> Enclosure::adopt_init() {
  const ProcTask born{shared()->slot[kInitSlot].tgid, shared()->slot[kInitSlot].tid};
  const auto status = procfs_.status(born);
  // A child of this process, under the number that /proc has for it: killing it hits nobody else.
  if (!status || waitpid(born.tgid, nullptr, __WALL | WNOHANG) != 0) {
    return "the enclosure's init is gone";
  }
  init_ = born;
  init_status_ = *status;
  if (init_status_.numbers.empty()) init_status_.numbers = {init_.tgid, 1};
  if (mode_ == Mode::bare) sight_ = procfs_.sight({getpid(), getpid()}, init_);
  Script script(kInitSlot);
  const StepId pid = script.call(SYS_getpid, {});
  // Children that nobody else waits for are reaped as they end (TASK-01).
  auto* ignore = script.put(RawAction{SIG_IGN, 0, nullptr, 0});
  const StepId reap =
      script.call(SYS_rt_sigaction, {SIGCHLD, ignore, nullptr, sizeof ignore->mask});
  if (!run(script) || script.result(pid) != 1 || failed(script.result(reap))) {
    return "the enclosure's init does not do as it is told";
  }
  return std::nullopt;
}

bool Enclosure::run(const Script& script) {
  puppets_.start(script);
  return puppets_.wait_for(Clock::now() + kPatience, kSlice,
                           [&] { return puppets_.idle(kInitSlot); });
}

bool Enclosure::clear(const Litter& litter) {
  if (litter.beyond_repair || init_.tgid == 0) return false;
  // Every process in its pid namespace but itself: adopt_init() made sure that it is pid 1 there.
  Script kill_all(kInitSlot);
  kill_all.call(SYS_kill, {-1, SIGKILL});
  if (!run(kill_all)) return false;
  for (;;) {  // until it has no child left; all but odd ones are reaped without being asked for
    Script reap(kInitSlot);
    const StepId wait = reap.call(SYS_wait4, {-1, nullptr, __WALL, nullptr});
    if (!run(reap)) return false;
    if (reap.result(wait) <= 0) break;
  }
  return all_free(litter.numbers) && sweep(litter);
}

// A number is given back a moment after its task has been reaped, and until then the next program
// would not get it. fcntl(F_SETOWN) asks for just that: whether the number stands for anything.
bool Enclosure::all_free(const std::vector<pid_t>& numbers) {
  const auto deadline = Clock::now() + kPatience;
  for (std::size_t next = 0; next < numbers.size();) {
    if (Clock::now() >= deadline) return false;
    Script script(kInitSlot);
    std::vector<StepId> asked;
    for (std::size_t i = next; i < numbers.size() && asked.size() + 1 < kMaxSteps; ++i) {
      asked.push_back(script.call(SYS_fcntl, {kSocketFd, F_SETOWN, numbers[i]}));
    }
    script.call(SYS_fcntl, {kSocketFd, F_SETOWN, 0});
    if (!run(script)) return false;
    for (const StepId step : asked) {
      if (script.result(step) != -ESRCH) break;
      ++next;
    }
  }
  return true;
}

bool Enclosure::sweep(const Litter& litter) {
  for (const std::uint32_t place : litter.binds) {
    Script unmount(kInitSlot);
    unmount.call(SYS_umount2, {unmount.text("b/" + std::to_string(place)), MNT_DETACH});
    if (!run(unmount)) return false;
  }
  Script script(kInitSlot);
  const StepId semaphore = script.call(SYS_semget, {kSemaphoreKey, 0, 0});
  script.call(SYS_semctl, {result_of(semaphore), 0, IPC_RMID}, after(semaphore));
  const StepId file =
      script.call(SYS_openat, {kProcFd, script.text("sys/kernel/ns_last_pid"), O_WRONLY});
  const StepId renumber =
      script.call(SYS_write, {result_of(file), script.text("1"), 1}, after(file));
  script.call(SYS_close, {result_of(file)}, after(file));
  if (!run(script)) return false;
  // Without CONFIG_CHECKPOINT_RESTORE numbers go on where the last program ended.
  return script.result(file) == -ENOENT || script.result(renumber) == 1;
}

bool Enclosure::close() {
  // Its parent waits for it, and it for all that is in its pid namespace.
  if (init_.tgid != 0 && !end_child(init_.tgid)) return false;
  init_ = {};
  socket_.reset();
  puppet_socket_.reset();
  return true;
}

}  // namespace props::agent
