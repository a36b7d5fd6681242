// Carries the agent's protocol between a client and a guest (docs/agent.md).
//
// A guest may say other things before its agent greets (a boot loader, the kernel): those lines are
// left out. What the client writes waits until then, so that no terminal echoes it. Terminals in
// between have small buffers and lose what does not fit, so at most kWindow bytes of lines are on
// their way unanswered, or one line.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <string>

namespace props::systems::guests {

// A terminal's line discipline holds 4096 bytes.
inline constexpr std::size_t kWindow = 2048;

struct Ends {
  int client_in = -1, client_out = -1;
  int guest_in = -1, guest_out = -1;
  int guest_log = -1;  // what else the guest says; the last of it explains a failure
};

struct Limits {
  std::chrono::milliseconds greeting{180'000};
  std::chrono::milliseconds answer{60'000};  // since the guest last said something
};

class Carrier {
 public:
  Carrier(const Ends& ends, const Limits& limits) : ends_(ends), limits_(limits) {}

  // Carries until the client's input has ended and everything is answered: nothing is returned
  // then. Else says what went wrong with the guest.
  std::optional<std::string> carry();
  // After carry(): the guest ended before its agent greeted. The client has not noticed and nothing
  // of it has been read, so that another guest can take its place.
  bool stillborn() const { return guest_done_ && !greeted_; }

 private:
  using Clock = std::chrono::steady_clock;

  bool finished() const;
  std::optional<std::string> overdue() const;
  void wait(Clock::duration at_most);
  bool send();
  bool hear();
  bool take(const std::string& line);
  std::string last_words() const;

  Ends ends_;
  Limits limits_;
  bool greeted_ = false, client_done_ = false, guest_done_ = false, client_gone_ = false;
  std::string asked_, said_, log_;
  std::deque<std::size_t> unanswered_;  // sizes of lines on their way
  std::size_t on_the_way_ = 0;          // their sum
  Clock::time_point heard_at_ = Clock::now();
};

}  // namespace props::systems::guests
