// Carries the agent's protocol: see carrier.h.
#include "props/systems/guests/carrier.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace props::systems::guests {
namespace {

constexpr std::size_t kLogKept = 10'000;

// Appends what can be read now; false at the end.
bool read_some(int fd, std::string& to) {
  std::array<char, 65536> some;
  const ssize_t n = read(fd, some.data(), some.size());
  if (n < 0) return errno == EINTR || errno == EAGAIN;
  to.append(some.data(), static_cast<std::size_t>(n));
  return n > 0;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

// The first words of an agent: its greeting, or why there is none.
bool opens(const std::string& line) {
  return line.starts_with("nsproxy-agent ") || line.starts_with("broken ");
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c >= ' ' && c <= '~') out += c;
  }
  return out;
}

}  // namespace

bool Carrier::finished() const {
  return client_gone_ || (client_done_ && greeted_ && asked_.empty() && unanswered_.empty());
}

std::optional<std::string> Carrier::overdue() const {
  const auto quiet = Clock::now() - heard_at_;
  if (!greeted_ && quiet > limits_.greeting) return "the agent did not start in time";
  if (!unanswered_.empty() && quiet > limits_.answer) return "the agent did not answer in time";
  return std::nullopt;
}

std::string Carrier::last_words() const {
  // A kernel that panics says more after that.
  std::size_t at = log_.find("Kernel panic");
  if (at == std::string::npos) at = log_.find_last_not_of("\r\n");
  if (at == std::string::npos) return "";
  const std::size_t before = log_.find_last_of("\r\n", at);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  const std::size_t end = std::min(log_.find_first_of("\r\n", at), log_.size());
  const std::string line = printable(std::string_view(log_).substr(begin, end - begin));
  return line.empty() ? "" : "; the last that it said: " + line;
}

void Carrier::wait(Clock::duration at_most) {
  // A negative descriptor is left out. The client waits while much of it has not been sent.
  const bool enough = asked_.size() >= kWindow && asked_.find('\n') != std::string::npos;
  const bool listen = greeted_ && !client_done_ && !enough;
  std::array<pollfd, 3> all = {{{listen ? ends_.client_in : -1, POLLIN, 0},
                                {guest_done_ ? -1 : ends_.guest_out, POLLIN, 0},
                                {ends_.guest_log, POLLIN, 0}}};
  const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(at_most).count();
  if (poll(all.data(), all.size(), static_cast<int>(limit)) <= 0) return;
  if (all[0].revents != 0 && !read_some(ends_.client_in, asked_)) client_done_ = true;
  if (all[1].revents != 0) {
    heard_at_ = Clock::now();
    guest_done_ = !read_some(ends_.guest_out, said_);
  }
  if (all[2].revents != 0) {
    if (!read_some(ends_.guest_log, log_)) ends_.guest_log = -1;
    if (log_.size() > kLogKept) log_.erase(0, log_.size() - kLogKept);
  }
}

// Sends what the window has room for; false if the guest takes no more.
bool Carrier::send() {
  if (client_done_ && !asked_.empty() && asked_.back() != '\n') asked_ += '\n';
  while (greeted_) {
    const std::size_t end = asked_.find('\n');
    if (end == std::string::npos) return true;
    const std::size_t size = end + 1;
    if (!unanswered_.empty() && on_the_way_ + size > kWindow) return true;
    if (end > 0) {  // an empty line has no answer
      if (!write_all(ends_.guest_in, std::string_view(asked_).substr(0, size))) return false;
      if (unanswered_.empty()) heard_at_ = Clock::now();
      unanswered_.push_back(size);
      on_the_way_ += size;
    }
    asked_.erase(0, size);
  }
  return true;
}

// Passes one whole line on.
bool Carrier::take(const std::string& line) {
  if (!greeted_) {
    if (!opens(line)) return true;
    greeted_ = true;
  } else if (!unanswered_.empty()) {
    on_the_way_ -= unanswered_.front();
    unanswered_.pop_front();
  }
  return write_all(ends_.client_out, line + '\n');
}

// Passes on what the guest said; false if the client takes no more.
bool Carrier::hear() {
  std::size_t at = 0;
  for (std::size_t end; (end = said_.find('\n', at)) != std::string::npos; at = end + 1) {
    std::size_t size = end - at;
    while (size > 0 && said_[at + size - 1] == '\r') --size;  // a terminal carried it
    if (!take(said_.substr(at, size))) return false;
  }
  said_.erase(0, at);
  return true;
}

std::optional<std::string> Carrier::carry() {
  constexpr std::chrono::milliseconds kSlice{500};
  while (!finished()) {
    if (const auto why = overdue()) return *why + last_words();
    wait(kSlice);
    if (!hear()) client_gone_ = true;
    if (!send()) guest_done_ = true;
    if (guest_done_ && !finished()) {
      while (ends_.guest_log >= 0 && read_some(ends_.guest_log, log_)) {
      }
      return (greeted_ ? "the guest ended" : "the guest ended before its agent started") +
             last_words();
    }
  }
  return std::nullopt;
}

}  // namespace props::systems::guests
