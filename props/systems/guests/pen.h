// A pen: where a guest's processes run, so that the kernel itself cleans up after them.
//
// The command runs in a pid and a mount namespace of its own. The pen's init is its parent; it dies
// with this process, however that ends (PR_SET_PDEATHSIG), and with it goes everything in the pen:
// an emulator's threads, traced children, and all files, for those are put on a tmpfs that only the
// pen sees. Without privilege a user namespace is made too, in which the user is root.
#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace props::systems::guests {

// The tmpfs of the pen; HOME and TMPDIR of the command.
inline constexpr char kPenFiles[] = "/dev/shm";

class Pen {
 public:
  Pen() = default;
  Pen(const Pen&) = delete;
  Pen& operator=(const Pen&) = delete;
  ~Pen() { close(); }

  // Starts the command, whose first word is a path, with these standard streams; descriptors that
  // are not close-on-exec are inherited. Says why not, or nothing. A command that cannot be
  // executed ends with 127.
  std::optional<std::string> open(const std::vector<std::string>& command,
                                  const std::array<int, 3>& streams);
  // Kills everything in it and waits until it is gone.
  void close();

 private:
  pid_t init_ = -1;
};

}  // namespace props::systems::guests
