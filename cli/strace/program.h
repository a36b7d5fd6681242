// The model with a record of what it was asked: names for new tasks and files, and the trace text.
//
// t0 is outside: the world that the log's first task came from, root with every capability, alive
// to the end. It forks the log's first tasks and the processes that the log only mentions, closes
// descriptors, and does what programs with privileges of their own did. So the recorded program
// replays by itself.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "abi/call.h"
#include "abi/namespace.h"
#include "abi/result.h"
#include "abi/trace.h"
#include "model/model.h"

namespace cli::strace_log {

class Program {
 public:
  // record: keep the calls for text().
  Program(const abi::Setup& setup, bool record);

  abi::Result apply(abi::TaskId caller, abi::Op op, std::uint32_t line);
  // As apply, without carrying it out.
  abi::Result explain(abi::TaskId caller, const abi::Op& op) const;

  abi::TaskId new_task() { return abi::TaskId{next_task_++}; }
  abi::FileId new_file() { return abi::FileId{next_file_++}; }
  abi::BindId new_bind() { return abi::BindId{next_bind_++}; }

  abi::TaskView view(abi::TaskId id) const { return model_.task(id); }
  abi::ObjId ns(abi::TaskId id, abi::NsLink link) const {
    return model_.task(id).ns[abi::index(link)];
  }
  abi::ObjId owner(abi::ObjId ns) const { return model_.object(ns).owner; }
  bool alive(abi::ObjId object) const { return model_.object(object).alive; }
  bool running(abi::TaskId id) const { return model_.task(id).state == abi::TaskState::running; }

  // Trace text: every call with the model's result, and the log's line behind it.
  std::string text() const;

 private:
  struct Entry {
    abi::Call call;
    abi::Result result;
    std::uint32_t line;
  };
  model::Model model_;
  abi::Setup setup_;
  bool record_;
  std::vector<Entry> entries_;
  std::uint32_t next_task_ = 1;
  std::uint32_t next_file_ = 0;
  std::uint32_t next_bind_ = 0;
};

}  // namespace cli::strace_log
