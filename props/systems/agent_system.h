// An agent as a system: starts a command that speaks the agent's protocol (docs/agent.md) and makes
// its calls there.
//
//     AgentSystem kernel;
//     if (auto why = kernel.start({.command = {"nsproxy-agent"}})) …not run: *why
//     if (auto why = kernel.reset(setup)) …not run: *why
//     const nsabi::Result r = kernel.apply(call);
//     if (!kernel.not_run().empty()) …the program ends here
//
// The command may be the agent itself or anything that carries its bytes (ssh, an emulator). One
// that does not answer in time is killed: by its process id, which this object alone started.
// Objects are not shown; a task's namespaces are, by identities of the agent's own.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "abi/system.h"
#include "props/agent/protocol.h"

namespace props::systems {

namespace abi = ::nsabi;

struct AgentCommand {
  std::vector<std::string> command;  // looked for in PATH
  std::chrono::milliseconds start_limit{30'000};
  std::chrono::milliseconds call_limit{30'000};
};

// A program as an agent carried it out.
struct Recording {
  struct Step {
    abi::Call call;
    abi::Result result;
    std::string not_run;                     // why the call was not carried out; empty: it was
    std::vector<abi::TaskEntry> changed;     // state none: the task is gone
    std::vector<agent::Relation> relations;  // of the namespaces in sight, now and then
  };
  std::vector<abi::TaskEntry> start;
  std::vector<Step> steps;
  std::vector<abi::TaskEntry> end;  // every task, looked at anew
  std::string lost;  // why the agent lost hold of the program, if it did: later steps are missing
};

class AgentSystem {
 public:
  AgentSystem() = default;
  AgentSystem(const AgentSystem&) = delete;
  AgentSystem& operator=(const AgentSystem&) = delete;
  ~AgentSystem() { stop(); }

  // Starts the command and waits for its greeting. Says why not, or nothing.
  std::optional<std::string> start(AgentCommand command);
  // Ends the command; kills it if it does not end by itself.
  void stop();
  bool running() const { return pid_ > 0; }
  pid_t pid() const { return pid_; }
  // What the agent runs on and lets t0 be.
  const agent::Greeting& greeting() const { return greeting_; }
  // The setup with only what the agent can give.
  abi::Setup fit(abi::Setup setup) const;

  // Begins a program. Says why not, or nothing.
  std::optional<std::string> reset(const abi::Setup& setup);

  abi::Result apply(const abi::Call& call);
  // Why the last call was not carried out; empty if it was. Nothing has happened then, and the
  // program can go on as if the call were not in it, unless the agent lost hold of it.
  const std::string& not_run() const { return not_run_; }
  bool lost() const { return lost_; }

  // A whole program at once, in one go: the agent is told more while it still answers. Says why the
  // program did not begin, or nothing. Afterwards this object shows what the last call left.
  std::optional<std::string> record(const abi::Setup& setup, const abi::Program& program,
                                    Recording& into);

  abi::View view() const;
  std::span<const abi::TaskId> touched_tasks() const { return touched_; }
  std::span<const abi::ObjId> touched_objects() const { return {}; }
  abi::TaskView task(abi::TaskId id) const;
  abi::ObjectView object(abi::ObjId) const { return {}; }
  abi::Totals totals() const { return {}; }

  // Looks at every task anew, also at those that the last calls cannot have changed.
  bool look();
  // Owners and parents of the namespaces in sight; nothing if the agent cannot tell.
  std::optional<std::vector<agent::Relation>> relations();

 private:
  std::optional<std::string> ask(const std::string& line);
  bool converse(const std::vector<std::string>& lines,
                const std::function<bool(std::size_t, const std::string&)>& heard);
  std::optional<std::string> next_line();
  std::optional<std::string> hear(std::chrono::milliseconds limit);
  bool take_in(const std::optional<std::string>& line);
  void lose(const std::string& why);

  AgentCommand command_;
  agent::Greeting greeting_;
  pid_t pid_ = -1;
  int to_ = -1, from_ = -1;
  std::string heard_;
  std::string not_run_;
  bool lost_ = true;
  abi::Result result_;
  std::map<std::uint32_t, abi::TaskView> tasks_;
  std::vector<abi::TaskId> touched_;
};

}  // namespace props::systems
