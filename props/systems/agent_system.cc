#include "props/systems/agent_system.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <thread>

#include "abi/trace.h"

extern char** environ;

namespace props::systems {
namespace {

using Clock = std::chrono::steady_clock;

// Starts the command with `input` and `output` as its standard streams; its process id or -1.
pid_t spawn(const std::vector<std::string>& command, int input, int output) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? pid : -1;
}

void close_fd(int& fd) {
  if (fd >= 0) ::close(fd);
  fd = -1;
}

// Reaps the process if it ends in time.
bool reap(pid_t pid, std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  while (waitpid(pid, nullptr, WNOHANG) == 0) {
    if (Clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace

std::optional<std::string> AgentSystem::start(AgentCommand command) {
  stop();
  command_ = std::move(command);
  if (command_.command.empty()) return "no command";
  std::array<int, 2> in{-1, -1}, out{-1, -1};
  // A socket for what it is told: writing to one that has ended is an error and not a signal.
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in.data()) != 0) return "no socket";
  if (pipe2(out.data(), O_CLOEXEC) != 0) {
    close_fd(in[0]);
    close_fd(in[1]);
    return "no pipe";
  }
  pid_ = spawn(command_.command, in[1], out[1]);
  to_ = in[0];
  from_ = out[0];
  close_fd(in[1]);
  close_fd(out[1]);
  if (pid_ < 0) {
    stop();
    return "cannot start " + command_.command.front();
  }
  const auto line = hear(command_.start_limit);
  const auto greeting = line ? agent::parse_greeting(*line) : std::nullopt;
  if (!greeting) {
    stop();
    constexpr std::string_view kBroken = "broken ";
    if (line && line->starts_with(kBroken)) return line->substr(kBroken.size());
    return command_.command.front() + (line ? " says `" + *line + "`" : " does not answer");
  }
  greeting_ = *greeting;
  return std::nullopt;
}

void AgentSystem::stop() {
  close_fd(to_);
  if (pid_ > 0) {
    constexpr std::chrono::milliseconds kPatience{5'000};
    if (!reap(pid_, kPatience)) {
      kill(pid_, SIGKILL);
      reap(pid_, kPatience);
    }
  }
  pid_ = -1;
  close_fd(from_);
  heard_.clear();
}

void AgentSystem::lose(const std::string& why) {
  not_run_ = why;
  lost_ = true;
  if (pid_ > 0) kill(pid_, SIGKILL);
  stop();
}

abi::Setup AgentSystem::fit(abi::Setup setup) const {
  setup.caps &= greeting_.caps;
  setup.bounding &= greeting_.bounding;
  if (!greeting_.any_id) setup.uid = setup.gid = 0;
  return setup;
}

// A line that has been read whole, without its end, or nothing.
std::optional<std::string> AgentSystem::next_line() {
  const std::size_t end = heard_.find('\n');
  if (end == std::string::npos) return std::nullopt;
  std::string line = heard_.substr(0, end);
  heard_.erase(0, end + 1);
  if (line.ends_with('\r')) line.pop_back();  // a terminal carried it
  return line;
}

// The next line without its end, or nothing.
std::optional<std::string> AgentSystem::hear(std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  for (;;) {
    if (auto line = next_line()) return line;
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd p{from_, POLLIN, 0};
    if (left <= 0 || poll(&p, 1, static_cast<int>(left)) != 1) return std::nullopt;
    std::array<char, 65536> some;
    const ssize_t n = read(from_, some.data(), some.size());
    if (n <= 0) return std::nullopt;
    heard_.append(some.data(), static_cast<std::size_t>(n));
  }
}

std::optional<std::string> AgentSystem::ask(const std::string& line) {
  if (!running()) {
    if (not_run_.empty()) not_run_ = "the agent has not been started";
    return std::nullopt;
  }
  not_run_.clear();
  const std::string text = line + "\n";
  for (std::size_t sent = 0; sent < text.size();) {
    const ssize_t n = send(to_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (n <= 0) {
      lose("the agent has ended");
      return std::nullopt;
    }
    sent += static_cast<std::size_t>(n);
  }
  auto answer = hear(command_.call_limit);
  if (!answer) lose("the agent did not answer in time, or has ended");
  return answer;
}

// Tells the agent all lines and gives each answer to heard(index, line), until that gives false.
// At most kAhead lines are on their way: whatever carries them may have small buffers.
bool AgentSystem::converse(const std::vector<std::string>& lines,
                           const std::function<bool(std::size_t, const std::string&)>& heard) {
  constexpr std::size_t kAhead = 32;
  std::string out;
  for (std::size_t told = 0, answered = 0; answered < lines.size();) {
    while (told < lines.size() && told < answered + kAhead) out += lines[told++] + '\n';
    while (!out.empty()) {
      const ssize_t n = send(to_, out.data(), out.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (n < 0 && (errno == EAGAIN || errno == EINTR)) break;
      if (n <= 0) {
        lose("the agent has ended");
        return false;
      }
      out.erase(0, static_cast<std::size_t>(n));
    }
    // Its input is full only while it has answers to give.
    auto line = hear(command_.call_limit);
    if (!line) {
      lose("the agent did not answer in time, or has ended");
      return false;
    }
    do {
      if (!heard(answered++, *line)) return false;
      line = next_line();
    } while (line && answered < told);
  }
  return true;
}

// Understands an answer: its result, and what it says of tasks.
bool AgentSystem::take_in(const std::optional<std::string>& line) {
  touched_.clear();
  result_ = abi::Result::skip();
  if (!line) return false;
  const auto answer = agent::parse_answer(*line);
  if (!answer) {
    lose("the agent says `" + *line + "`");
    return false;
  }
  if (answer->kind != agent::Answer::Kind::done) {
    lost_ = lost_ || answer->kind == agent::Answer::Kind::broken;
    not_run_ = answer->reason.empty() ? "no reason given" : answer->reason;
    return false;
  }
  result_ = answer->result;
  for (const abi::TaskEntry& task : answer->changed) {
    touched_.push_back(task.id);
    if (task.view.state == abi::TaskState::none) {
      tasks_.erase(task.id.n);
    } else {
      tasks_[task.id.n] = task.view;
    }
  }
  return true;
}

std::optional<std::string> AgentSystem::reset(const abi::Setup& setup) {
  tasks_.clear();
  lost_ = false;
  if (take_in(ask("program " + print(setup)))) return std::nullopt;
  lost_ = true;
  return not_run_;
}

abi::Result AgentSystem::apply(const abi::Call& call) {
  take_in(ask(print(call)));
  return result_;
}

std::optional<std::string> AgentSystem::record(const abi::Setup& setup, const abi::Program& program,
                                               Recording& into) {
  constexpr std::size_t kRelationsEvery = 24;  // calls
  into = {};
  if (!running()) return not_run_.empty() ? "the agent has not been started" : not_run_;
  // What each line asks for: the program, a call's index, or a look.
  constexpr std::size_t kBegin = ~std::size_t{0}, kRelations = kBegin - 1, kView = kBegin - 2;
  std::vector<std::string> lines{"program " + print(setup)};
  std::vector<std::size_t> asks{kBegin};
  const auto say = [&](std::string line, std::size_t ask) {
    lines.push_back(std::move(line));
    asks.push_back(ask);
  };
  for (std::size_t i = 0; i < program.size(); ++i) {
    say(print(program[i]), i);
    if (i % kRelationsEvery == kRelationsEvery - 1) say("relations", kRelations);
  }
  say("view", kView);
  tasks_.clear();
  not_run_.clear();
  lost_ = false;
  std::optional<std::string> refused;
  converse(lines, [&](std::size_t n, const std::string& line) {
    if (asks[n] == kRelations) {
      if (auto all = agent::parse_relations(line)) into.steps.back().relations = *std::move(all);
      return true;
    }
    not_run_.clear();
    const bool done = take_in(line);
    std::vector<abi::TaskEntry> changed;
    for (const abi::TaskId id : touched_) changed.push_back({id, task(id)});
    if (asks[n] == kBegin) {
      into.start = std::move(changed);
      if (!done) refused = not_run_;
    } else if (asks[n] == kView) {
      into.end = std::move(changed);
    } else if (!lost_) {
      into.steps.push_back(
          {program[asks[n]], result_, done ? "" : not_run_, std::move(changed), {}});
    }
    if (lost_ && into.lost.empty()) into.lost = not_run_;
    return running();
  });
  if (lost_ && into.lost.empty()) into.lost = not_run_;
  return refused;
}

bool AgentSystem::look() { return take_in(ask("view")); }

std::optional<std::vector<agent::Relation>> AgentSystem::relations() {
  const auto line = ask("relations");
  return line ? agent::parse_relations(*line) : std::nullopt;
}

abi::TaskView AgentSystem::task(abi::TaskId id) const {
  const auto at = tasks_.find(id.n);
  return at == tasks_.end() ? abi::TaskView{} : at->second;
}

abi::View AgentSystem::view() const {
  abi::View out;
  for (const auto& [n, view] : tasks_) out.tasks.push_back({{n}, view});
  return out;
}

}  // namespace props::systems
