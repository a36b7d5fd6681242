// The agent as the first program of a kernel: see boot.h.
#include "props/agent/boot.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "props/agent/unique_fd.h"

namespace props::agent {
namespace {

struct Mount {
  const char* type;
  const char* place;
};
// Some kernels lack one or the other; the agent says what it misses.
constexpr std::array<Mount, 5> kMounts = {{{"devtmpfs", "/dev"},
                                           {"proc", "/proc"},
                                           {"sysfs", "/sys"},
                                           {"cgroup2", "/sys/fs/cgroup"},
                                           {"tmpfs", "/tmp"}}};

void mount_all() {
  for (const Mount& m : kMounts) {
    mkdir(m.place, 0755);
    mount(m.type, m.place, m.type, 0, nullptr);
  }
}

// As many process numbers as there can be, as the model has it.
void widen_numbers() {
  const UniqueFd file(open("/proc/sys/kernel/pid_max", O_WRONLY | O_CLOEXEC));
  constexpr std::string_view kMost = "4194304";
  [[maybe_unused]] const ssize_t n = write(file.get(), kMost.data(), kMost.size());
}

// No echo, no translation of line ends, no signals, no limit on a line's length.
bool carry_bytes(int terminal) {
  termios t{};
  if (tcgetattr(terminal, &t) != 0) return false;
  cfmakeraw(&t);
  t.c_cflag |= CLOCAL | CREAD;
  t.c_cc[VMIN] = 1;
  t.c_cc[VTIME] = 0;
  return tcsetattr(terminal, TCSANOW, &t) == 0;
}

int run(const char* terminal, const std::function<int()>& agent) {
  constexpr int kEnvironment = 3;  // as in the agent's own exit status
  setsid();
  UniqueFd fd(open(terminal, O_RDWR | O_NOCTTY));
  if (!fd || !carry_bytes(fd.get())) return kEnvironment;
  if (dup2(fd.get(), STDIN_FILENO) < 0 || dup2(fd.get(), STDOUT_FILENO) < 0) return kEnvironment;
  if (fd.get() <= STDERR_FILENO) fd.release();
  const int status = agent();
  tcdrain(STDOUT_FILENO);
  return status;
}

}  // namespace

bool booted(const char* path) { return getpid() == 1 && std::strcmp(path, kBootPath) == 0; }

std::vector<char*> own_words(std::span<char* const> words) {
  std::vector<char*> own;
  for (char* const word : words) {
    if (word[0] == '-') own.push_back(word);
  }
  return own;
}

void boot(const char* terminal, const std::function<int()>& agent) {
  mount_all();
  widen_numbers();
  const pid_t child = fork();
  if (child == 0) _exit(run(terminal, agent));
  while (waitpid(-1, nullptr, 0) != child && errno != ECHILD) {
  }
  // Emulators end at a restart if they are told so (qemu's -no-reboot), others at a power-off.
  reboot(RB_POWER_OFF);
  reboot(RB_AUTOBOOT);
  for (;;) pause();
}

}  // namespace props::agent
