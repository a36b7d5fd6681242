// What a run could leave behind on this machine, as text: for tests that compare it before and
// after. And whether a process is left, which is exact, whatever others do meanwhile.
#pragma once

#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace props::systems {

inline std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Every file or directory below, by name and, of files, with its text.
inline void append_tree(const std::filesystem::path& root, bool with_text, std::string& out) {
  namespace fs = std::filesystem;
  std::vector<std::string> all;
  std::error_code error;
  const auto options = fs::directory_options::skip_permission_denied;
  for (auto at = fs::recursive_directory_iterator(root, options, error);
       !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    const bool directory = at->is_directory(error);
    if (with_text != directory) {
      all.push_back(at->path().string() + (with_text ? " " + text_of(at->path()) : "") + "\n");
    }
  }
  std::sort(all.begin(), all.end());
  for (const std::string& one : all) out += one;
}

// A mount namespace of this process's own, once: other programs mount nothing in it, and whatever
// is started here passes its mounts on to it, unless it sees to that itself. False without the
// privilege.
inline bool has_own_mounts() {
  static const bool own = unshare(CLONE_NEWNS) == 0 &&
                          mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
                          mount(nullptr, "/", nullptr, MS_REC | MS_SHARED, nullptr) == 0;
  return own;
}

// The machine's sysctls that no other program changes all the time, its cgroups, named network
// namespaces, System V objects, and the mounts; without a mount namespace of our own those that
// carry our name, for those of others come and go.
inline std::string machine() {
  std::string sysctls, out;
  append_tree("/proc/sys/user", true, sysctls);
  append_tree("/proc/sys/kernel", true, sysctls);
  std::istringstream lines(sysctls);
  for (std::string line; std::getline(lines, line);) {
    // Counters, and numbers drawn at each look.
    const bool moves = line.find("/ns_last_pid") != std::string::npos ||
                       line.find("/random/") != std::string::npos ||
                       line.find("/pty/nr") != std::string::npos;
    if (!moves) out += line + '\n';
  }
  append_tree("/sys/fs/cgroup", false, out);
  append_tree("/run/netns", true, out);
  for (const char* kind : {"sem", "shm", "msg"}) {
    out += text_of(std::string("/proc/sysvipc/") + kind);
  }
  const bool all = has_own_mounts();
  std::istringstream mounts(text_of("/proc/self/mountinfo"));
  for (std::string line; std::getline(mounts, line);) {
    if (all || line.find("nsproxy") != std::string::npos) out += line + '\n';
  }
  return out;
}

// From now on whatever outlives a child of this process becomes one itself.
inline void adopt_orphans() { prctl(PR_SET_CHILD_SUBREAPER, 1); }

// Reaps until this process has no child; false if one is left after `limit`.
inline bool no_child_left(std::chrono::milliseconds limit) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const pid_t pid = waitpid(-1, nullptr, __WALL | WNOHANG);
    if (pid < 0 && errno == ECHILD) return true;
    if (std::chrono::steady_clock::now() >= deadline) return false;
    if (pid == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace props::systems
