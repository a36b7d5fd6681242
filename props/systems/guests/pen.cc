// A pen: see pen.h.
#include "props/systems/guests/pen.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace props::systems::guests {
namespace {

constexpr int kCannotExecute = 127;
constexpr int kNoPen = 126;

void write_file(const char* path, const std::string& text) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  // A map that cannot be written shows when the mounts fail.
  [[maybe_unused]] const ssize_t n = write(fd, text.data(), text.size());
  ::close(fd);
}

void become_root(uid_t uid, gid_t gid) {
  write_file("/proc/self/setgroups", "deny");
  write_file("/proc/self/uid_map", "0 " + std::to_string(uid) + " 1");
  write_file("/proc/self/gid_map", "0 " + std::to_string(gid) + " 1");
}

bool furnish() {
  return mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0 &&
         mount("nsproxy", kPenFiles, "tmpfs", MS_NOSUID | MS_NODEV, "mode=700") == 0;
}

[[noreturn]] void run(const std::vector<std::string>& command, const std::array<int, 3>& streams) {
  for (int fd = 0; fd < 3; ++fd) dup2(streams[static_cast<std::size_t>(fd)], fd);
  setenv("HOME", kPenFiles, 1);
  setenv("TMPDIR", kPenFiles, 1);
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  execv(argv[0], argv.data());
  dprintf(STDERR_FILENO, "%s: %s\n", argv[0], std::strerror(errno));
  _exit(kCannotExecute);
}

// `tie` is readable once the tie to the supervisor has been made, and at its end without a byte if
// the supervisor was gone by then.
[[noreturn]] void become_init(const std::vector<std::string>& command,
                              const std::array<int, 3>& streams, int tie) {
  char byte;
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || read(tie, &byte, 1) != 1) _exit(kNoPen);
  if (!furnish()) {
    dprintf(streams[2], "cannot mount what a guest needs: %s\n", std::strerror(errno));
    _exit(kNoPen);
  }
  const pid_t child = fork();
  if (child == 0) run(command, streams);
  // The guest's output ends with the guest.
  for (const int fd : streams) ::close(fd);
  int status = 0;
  pid_t gone;
  do {
    gone = waitpid(-1, &status, 0);
  } while (gone != child && (gone > 0 || errno == EINTR));
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : kCannotExecute);
}

}  // namespace

std::optional<std::string> Pen::open(const std::vector<std::string>& command,
                                     const std::array<int, 3>& streams) {
  close();
  std::array<int, 2> tie;
  if (pipe2(tie.data(), O_CLOEXEC) != 0) return "no pipe";
  const uid_t uid = geteuid();
  const gid_t gid = getegid();
  unsigned long flags = CLONE_NEWPID | CLONE_NEWNS | SIGCHLD;
  if (uid != 0) flags |= CLONE_NEWUSER;
  const long pid = syscall(SYS_clone, flags, 0, 0, 0, 0);
  if (pid == 0) {
    ::close(tie[1]);
    if (uid != 0) become_root(uid, gid);
    become_init(command, streams, tie[0]);
  }
  const int error = errno;
  ::close(tie[0]);
  const bool tied = pid > 0 && write(tie[1], "t", 1) == 1;
  ::close(tie[1]);
  if (pid < 0) return std::string("cannot make namespaces for it: ") + std::strerror(error);
  init_ = static_cast<pid_t>(pid);
  if (tied) return std::nullopt;
  close();
  return "cannot tie it to this process";
}

void Pen::close() {
  if (init_ <= 0) return;
  kill(init_, SIGKILL);
  while (waitpid(init_, nullptr, 0) < 0 && errno == EINTR) {
  }
  init_ = -1;
}

}  // namespace props::systems::guests
