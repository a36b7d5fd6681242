// nsproxy-guest: the agent inside of another kernel (docs/guests.md).
//
//     nsproxy-guest --agent=FILE GUEST [AGENT-ARGUMENT...]
//
// Starts the kernel with the agent in it and carries the agent's protocol on standard input and
// output until the input ends; then the kernel is ended. Exits with 0 then, with 2 on a wrong
// argument, with 3 if the guest cannot run here or fails. Leaves nothing behind, also when killed.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>

#include "props/systems/guests/carrier.h"
#include "props/systems/guests/guests.h"
#include "props/systems/guests/initramfs.h"
#include "props/systems/guests/pen.h"

namespace {

namespace guests = props::systems::guests;

enum Status { kDone = 0, kUsage = 2, kCannot = 3 };

int fail(Status status, const std::string& why) {
  std::fprintf(stderr, "error: %s\n", why.c_str());
  return status;
}

int usage() {
  std::string all;
  for (const std::string_view name : guests::names()) {
    all += (all.empty() ? "" : "|") + std::string(name);
  }
  std::fprintf(stderr, "usage: nsproxy-guest --agent=FILE %s [AGENT-ARGUMENT...]\n", all.c_str());
  return kUsage;
}

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  if (!file || text.str().empty()) return std::nullopt;
  return std::move(text).str();
}

// The agent as the first program of a kernel, in memory; the path under which a child that inherits
// the descriptor reads it. Empty if that fails.
std::string initramfs_path(const std::string& agent) {
  guests::Initramfs archive;
  for (const char* directory : {"dev", "proc", "sys", "tmp"}) archive.add_directory(directory);
  archive.add_program("init", agent);
  const std::string bytes = archive.finish();
  const int fd = memfd_create("initramfs", 0);
  if (fd < 0 || write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
    return "";
  }
  return "/proc/self/fd/" + std::to_string(fd);
}

// Runs the guest once; what went wrong, if anything did. Sets `stillborn` as the carrier does.
std::optional<std::string> run(const std::vector<std::string>& command, bool& stillborn) {
  std::array<int, 2> in, out, log;
  if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0 ||
      pipe2(log.data(), O_CLOEXEC) != 0) {
    return "no pipe";
  }
  guests::Pen pen;
  std::optional<std::string> trouble = pen.open(command, {in[0], out[1], log[1]});
  for (const int fd : {in[0], out[1], log[1]}) close(fd);
  if (!trouble) {
    guests::Carrier carrier({.client_in = STDIN_FILENO,
                             .client_out = STDOUT_FILENO,
                             .guest_in = in[1],
                             .guest_out = out[0],
                             .guest_log = log[0]},
                            {});
    trouble = carrier.carry();
    stillborn = carrier.stillborn();
    pen.close();
  }
  for (const int fd : {in[1], out[0], log[0]}) close(fd);
  return trouble;
}

// An emulated kernel may panic at its start on a busy machine, where its timers look broken.
int serve(const std::vector<std::string>& command) {
  constexpr int kStarts = 3;
  std::optional<std::string> trouble;
  bool stillborn = true;
  for (int i = 0; stillborn && i < kStarts; ++i) {
    stillborn = false;
    trouble = run(command, stillborn);
  }
  return trouble ? fail(kCannot, *trouble) : kDone;
}

}  // namespace

int main(int argc, char** argv) {
  constexpr std::string_view kAgent = "--agent=";
  std::signal(SIGPIPE, SIG_IGN);
  if (argc < 3 || !std::string_view(argv[1]).starts_with(kAgent)) return usage();
  const std::string name = argv[2];
  const auto all = guests::names();
  if (std::find(all.begin(), all.end(), name) == all.end()) return usage();
  guests::Parts parts{.agent = argv[1] + kAgent.size(), .initramfs = {}, .arguments = {}};
  parts.arguments.assign(argv + 3, argv + argc);
  const auto agent = read_file(parts.agent);
  if (!agent) return fail(kUsage, "cannot read the agent's file " + parts.agent);
  if (guests::wants_initramfs(name)) {
    parts.initramfs = initramfs_path(*agent);
    if (parts.initramfs.empty()) return fail(kCannot, "cannot make an initramfs");
  }
  const auto command = guests::command_of(name, parts);
  if (const auto* not_here = std::get_if<guests::NotHere>(&command)) {
    return fail(kCannot, not_here->reason);
  }
  return serve(std::get<std::vector<std::string>>(command));
}
