#include "props/agent/builder.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "props/agent/enclosure.h"
#include "props/agent/shared.h"

namespace props::agent {
namespace {

// Ends the process with a word to the supervisor about why.
[[noreturn]] void give_up(const BuildPlan& plan, const std::string& what) {
  say(plan.socket, Word::failed, what + ": " + std::strerror(errno));
  _exit(1);
}
void require(const BuildPlan& plan, bool ok, const std::string& what) {
  if (!ok) give_up(plan, what);
}

// What follows the word that must come now.
std::string await(const BuildPlan& plan, Word word) {
  const auto heard = hear(plan.socket);
  if (!heard || heard->front() != static_cast<char>(word)) _exit(1);
  return heard->substr(1);
}

// Makes every permitted capability effective.
bool raise_caps() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> data{};
  if (syscall(SYS_capget, &header, data.data()) != 0) return false;
  for (auto& word : data) word.effective = word.permitted;
  return syscall(SYS_capset, &header, data.data()) == 0;
}

// Namespaces are charged to the effective uid of whoever makes them. Those of the enclosure must
// not count in the quotas that programs set, so an id makes them that no program uses.
constexpr uid_t kBuilderUid = 65533;
constexpr auto kSame = static_cast<uid_t>(-1);

bool ns_exists(const char* name) {
  return access((std::string("/proc/self/ns/") + name).c_str(), F_OK) == 0;
}

unsigned long namespaces(bool userns) {
  constexpr std::array<std::pair<unsigned long, const char*>, 4> kMore = {
      {{CLONE_NEWUTS, "uts"},
       {CLONE_NEWNET, "net"},
       {CLONE_NEWCGROUP, "cgroup"},
       {CLONE_NEWTIME, "time"}}};
  unsigned long flags = CLONE_NEWNS | CLONE_NEWPID;
  if (ns_exists("ipc")) flags |= CLONE_NEWIPC;
  for (const auto& [flag, name] : kMore) {
    if (userns && ns_exists(name)) flags |= flag;
  }
  return flags;
}

bool make_file(const char* path, mode_t mode) {
  const UniqueFd fd(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, mode));
  return static_cast<bool>(fd);
}

bool copy_program(int source) {
  struct stat info {};
  if (fstat(source, &info) != 0) return false;
  const UniqueFd copy(open("program", O_CREAT | O_WRONLY | O_CLOEXEC, 0755));
  if (!copy) return false;
  for (off_t left = info.st_size; left > 0;) {
    const ssize_t n = sendfile(copy.get(), source, nullptr, static_cast<std::size_t>(left));
    if (n <= 0) return false;
    left -= n;
  }
  return true;
}

// What programs need, in the current directory.
bool furnish(int program) {
  bool ok = copy_program(program) && mkdir("in", 0755) == 0 && mkdir("b", 0755) == 0;
  for (std::uint32_t i = 0; ok && i < kBindPlaces; ++i) {
    ok = make_file(("b/" + std::to_string(i)).c_str(), 0644);
  }
  // Each level can become the root in its turn: the old one is put to old, the next is piv again.
  for (std::string at = "piv"; ok && at.size() <= 4 * kPivotDepth; at += "/piv") {
    ok = mkdir(at.c_str(), 0755) == 0 && mkdir((at + "/old").c_str(), 0755) == 0 &&
         mkdir((at + "/in").c_str(), 0755) == 0 && mkdir((at + "/b").c_str(), 0755) == 0;
    for (std::uint32_t i = 0; ok && i < kBindPlaces; ++i) {
      ok = make_file((at + "/b/" + std::to_string(i)).c_str(), 0644);
    }
  }
  return ok;
}

bool mount_tmpfs() {
  for (const char* spot : {"/tmp", "/mnt", "/dev", "/proc", "/sys"}) {
    if (mount("nsproxy", spot, "tmpfs", 0, "mode=755,size=32m") == 0) return chdir(spot) == 0;
  }
  return false;
}

// The current directory, a mount, becomes the root; the old root goes out of sight.
bool enter_root() {
  if (mkdir("old", 0755) != 0) return false;
  if (syscall(SYS_pivot_root, ".", "old") == 0) {
    return chdir("/") == 0 && umount2("old", MNT_DETACH) == 0 && rmdir("old") == 0;
  }
  // A root that cannot be pivoted (an initramfs) is covered instead.
  return mount(".", "/", nullptr, MS_MOVE, nullptr) == 0 && chroot(".") == 0 && chdir("/") == 0;
}

void arrange_descriptors(const BuildPlan& plan, int program, int place) {
  const std::array<std::pair<int, int>, 6> all = {{{plan.proc, kProcFd},
                                                   {program, kProgramFd},
                                                   {plan.memfd, kSharedFd},
                                                   {plan.socket, kSocketFd},
                                                   {place, kPlaceFd},
                                                   {plan.cgroup, kCgroupFd}}};
  for (const auto& [from, to] : all) {
    if (from >= 0) require(plan, dup2(from, to) == to, "dup2");
  }
  const int first_closed = plan.cgroup >= 0 ? kFirstFreeFd : kCgroupFd;
  constexpr int kMost = 1024;
  for (int fd = 0; fd < kProcFd; ++fd) close(fd);
  for (int fd = first_closed; fd < kMost; ++fd) close(fd);
  // A program whose execve changes what it may do (AT_SECURE) insists on standard streams.
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(kSharedFd, fd);
}

// Everything in the enclosure runs on one processor: handing over from the supervisor to a puppet
// is faster, and since 6.18 the order of mount namespaces' ages, by which the kernel recognizes
// loops, is that of their creation only on one (ids come in batches for each processor).
void stay_on_one_cpu() {
  const int cpu = sched_getcpu();
  if (cpu < 0) return;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<unsigned>(cpu), &one);
  sched_setaffinity(0, sizeof one, &one);
}

[[noreturn]] void become_init(const BuildPlan& plan) {
  if (plan.userns) require(plan, setresuid(kSame, 0, kSame) == 0, "root again");
  require(plan, prctl(PR_SET_PDEATHSIG, SIGKILL) == 0, "PR_SET_PDEATHSIG");
  prctl(PR_SET_DUMPABLE, 1);
  say(plan.socket, Word::tied);
  await(plan, Word::proceed);  // it lived when the tie was made, or this ends here
  setsid();
  umask(0);
  const UniqueFd exe(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  const UniqueFd inherited_exe(exe ? -1 : openat(plan.proc, "self/exe", O_RDONLY | O_CLOEXEC));
  const int program = exe ? exe.get() : inherited_exe.get();
  const bool alone = mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
  require(plan, alone || plan.bare, "private mounts");
  require(plan, mount_tmpfs(), "mounting a tmpfs");
  require(plan, furnish(program), "filling the root");
  if (!plan.bare) require(plan, enter_root(), "entering the root");
  const int runnable = open("program", O_RDONLY);
  const int place = open(".", O_RDONLY | O_DIRECTORY);
  require(plan, runnable >= 0 && place >= 0, "opening the root");
  arrange_descriptors(plan, runnable, place);
  char name[] = "nsproxy-agent", puppet[] = "--puppet", slot[] = "0";
  char* argv[] = {name, puppet, slot, nullptr};
  char* env[] = {nullptr};
  syscall(SYS_execveat, kProgramFd, "", argv, env, AT_EMPTY_PATH);
  _exit(1);
}

}  // namespace

bool say(int socket, Word word, const std::string& reason) {
  const std::string message = static_cast<char>(word) + reason;
  return send(socket, message.data(), message.size(), MSG_NOSIGNAL) > 0;
}

std::optional<std::string> hear(int socket) {
  constexpr int kMilliseconds = 20'000;
  pollfd p{socket, POLLIN, 0};
  if (poll(&p, 1, kMilliseconds) != 1) return std::nullopt;
  std::array<char, 256> text;
  const ssize_t size = recv(socket, text.data(), text.size(), 0);
  if (size <= 0) return std::nullopt;
  return std::string(text.data(), static_cast<std::size_t>(size));
}

namespace {

void begin_to_build() {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  stay_on_one_cpu();
  // Not by libc, which leaves out two signals of its own: they can be exit signals too.
  std::uint64_t all = ~std::uint64_t{0};
  syscall(SYS_rt_sigprocmask, SIG_BLOCK, &all, nullptr, sizeof all);
}

}  // namespace

void build_bare_enclosure(const BuildPlan& plan) {
  begin_to_build();
  // One by one: a kernel has some of them.
  for (const unsigned long type : {CLONE_NEWNS, CLONE_NEWIPC}) unshare(static_cast<int>(type));
  become_init(plan);
}

void build_enclosure(const BuildPlan& plan) {
  begin_to_build();
  if (plan.userns) {
    require(plan, unshare(CLONE_NEWUSER) == 0, "a user namespace");
    say(plan.socket, Word::unshared);
    if (await(plan, Word::mapped) != kSingleId) {
      require(plan, setresgid(0, 0, 0) == 0 && setresuid(0, 0, 0) == 0, "root in it");
      require(plan, setresuid(kSame, kBuilderUid, kSame) == 0 && raise_caps(), "a builder's uid");
    }
  }
  require(plan, unshare(static_cast<int>(namespaces(plan.userns))) == 0, "the namespaces");
  // The supervisor becomes the second one's parent.
  const long second = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0);
  if (second == 0) become_init(plan);
  require(plan, second > 0, "a pid namespace's init");
  _exit(0);
}

int open_cgroup2() {
  std::ifstream mounts("/proc/self/mountinfo");
  for (std::string line; std::getline(mounts, line);) {
    if (line.find(" - cgroup2 ") == std::string::npos) continue;
    std::size_t at = 0;  // "ID PARENT DEVICE ROOT POINT …"
    for (int field = 0; field < 4; ++field) at = line.find(' ', at) + 1;
    const std::string point = line.substr(at, line.find(' ', at) - at);
    return open(point.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  }
  return -1;
}

}  // namespace props::agent
