// The agent: a running kernel as a system, one line of text at a time (docs/agent.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "props/agent/calls.h"
#include "props/agent/protocol.h"

namespace props::agent {

class Agent {
 public:
  explicit Agent(Mode mode) : enclosure_(puppets_, mode) {}

  // Makes ready for programs. Says what went wrong, or nothing.
  std::optional<std::string> open();
  Greeting greeting() const;
  // The answer to one line.
  std::string handle(std::string_view line);

 private:
  Answer begin(std::string_view header);
  Answer carry_out(std::string_view line);
  Answer view();
  Answer answer(const Reply& reply);
  std::vector<Relation> relations();
  Relation relation(const Task& task, nsabi::NsLink link);

  Puppets puppets_;
  Enclosure enclosure_;
  Program program_{puppets_, enclosure_};
  Calls calls_{program_};
  std::string why_no_program_ = "no program has begun";
};

}  // namespace props::agent
