// nsproxy-agent: carries out programs on the running kernel (docs/agent.md).
//
//     nsproxy-agent [--mode=host|userns|bare]
//
// Reads lines from standard input and writes one answer for each to standard output, until the
// input ends. Exits with 0 then, with 2 on a wrong argument, with 3 if it cannot start. As the
// first program of a kernel it does the same on a terminal of that machine (boot.h).
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <span>
#include <string>

#include "props/agent/agent.h"
#include "props/agent/boot.h"
#include "props/agent/puppet.h"

namespace {

using props::agent::Agent;
using props::agent::Mode;

// Lines from a descriptor, and answers to another, which leave whenever no line is waiting.
class Lines {
 public:
  // The next line without its end; false when there is none.
  bool next(std::string& line) {
    for (;;) {
      const std::size_t end = input_.find('\n', at_);
      if (end != std::string::npos) {
        line.assign(input_, at_, end - at_);
        at_ = end + 1;
        return true;
      }
      input_.erase(0, std::exchange(at_, 0));
      if (!flush() || !fill()) return false;
    }
  }
  void answer(const std::string& line) { output_ += line + '\n'; }
  bool flush() {
    for (std::size_t sent = 0; sent < output_.size();) {
      const ssize_t n = write(STDOUT_FILENO, output_.data() + sent, output_.size() - sent);
      if (n <= 0) return false;
      sent += static_cast<std::size_t>(n);
    }
    output_.clear();
    return true;
  }

 private:
  bool fill() {
    std::array<char, 65536> some;
    const ssize_t n = read(STDIN_FILENO, some.data(), some.size());
    if (n > 0) input_.append(some.data(), static_cast<std::size_t>(n));
    return n > 0;
  }
  std::string input_, output_;
  std::size_t at_ = 0;
};

int serve(Mode mode) {
  std::signal(SIGPIPE, SIG_IGN);
  Agent agent(mode);
  Lines lines;
  if (const auto error = agent.open()) {
    lines.answer("broken " + *error);
    lines.flush();
    return 3;
  }
  lines.answer(print(agent.greeting()));
  for (std::string line; lines.next(line);) {
    if (!line.empty()) lines.answer(agent.handle(line));
  }
  lines.flush();
  return 0;
}

int serve(std::span<char* const> words) {
  Mode mode = geteuid() == 0 && props::agent::maps_every_id() ? Mode::host : Mode::userns;
  for (const std::string_view word : words) {
    if (word == "--mode=host") {
      mode = Mode::host;
    } else if (word == "--mode=userns") {
      mode = Mode::userns;
    } else if (word == "--mode=bare") {
      mode = Mode::bare;
    } else {
      std::fprintf(stderr, "usage: nsproxy-agent [--mode=host|userns|bare]\n");
      return 2;
    }
  }
  return serve(mode);
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> words(argv, static_cast<std::size_t>(argc));
  if (argc == 3 && std::strcmp(argv[1], "--puppet") == 0) {
    return props::agent::puppet_main(argv[2]);
  }
  if (argc >= 2 && props::agent::booted(argv[0])) {
    props::agent::boot(argv[1], [&] { return serve(props::agent::own_words(words.subspan(2))); });
  }
  return serve(words.subspan(argc > 0 ? 1 : 0));
}
