// The state of a running process, from /proc, as a program that brings the model there.
//
//     explain --pid 4711 'unshare(CLONE_NEWUSER)'
//
// This command's own namespaces stand for the initial ones: what lies above them is out of sight.
// Read are ids, capabilities, threads, the root, the ten namespace links, who owns what they lead
// to, and id maps; not read, and taken to be as usual: what other processes share with it, limits,
// the dumpable flag, security modules.
#pragma once

#include <sys/types.h>

#include <string>
#include <variant>

#include "abi/trace.h"
#include "cli/io.h"

namespace cli {

struct ProcessState {
  abi::Trace trace;       // its profile is the running kernel's
  abi::TaskId process{};  // the one that was asked for
  abi::TaskId caller{};   // who makes the call to explain: it, or this command
  std::string call;       // the call, with the file that it leaves out
};

// setns(FLAGS) without a file is this command's, on a pidfd of the process: what nsenter would do.
// Every other call is the process's own.
std::variant<ProcessState, Failure> read_process(pid_t pid, const std::string& call);

}  // namespace cli
