// Processes and namespaces that a log mentions but does not show: the target of nsenter -t, a file
// in /run/netns that was there before.
//
// Each becomes a task of the model that t0 forks and that lives to the end. It gets namespaces of
// its own for the types that the log touches, or those that inode numbers say it shares. What the
// log does not show is assumed: a user namespace among them belongs to the uid that the log started
// with, maps every id to itself and owns the others.
#pragma once

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "abi/call.h"
#include "abi/namespace.h"
#include "cli/strace/identities.h"
#include "cli/strace/log.h"
#include "cli/strace/program.h"
#include "cli/strace/start.h"

namespace cli::strace_log {

class Outsiders {
 public:
  // `at_home`: those taken to be in the namespaces of the start.
  Outsiders(const Log& log, const Start& start, const std::set<std::int32_t>& at_home,
            Program& program, Identities& identities);

  // Which namespace is meant, as far as the log tells.
  struct Wanted {
    std::int32_t pid = 0;    // of a process outside of the log; 0: `key`
    std::string key;         // else what tells it from others: a path, a number
    std::uint64_t inum = 0;  // 0: unknown
    // Whose user namespace owns it: a join that succeeds there shows it. t0: the initial one.
    abi::TaskId within = abi::kInitialTask;
  };

  // A task that is in foreign namespaces of these types (and in those asked for before).
  abi::TaskId process(const Wanted& wanted, abi::TypeSet types);
  // A new descriptor of the namespace, opened by t0; `ns` is set to what it is.
  abi::FileId open(const Wanted& wanted, abi::NsType type, abi::ObjId& ns);
  // Processes that were asked for and may just as well be at home: a few.
  std::vector<std::int32_t> joined() const;

 private:
  struct Outsider {
    abi::TaskId task;
    abi::TypeSet own;
    bool made = false;
  };
  void mention(const LoggedCall& call);
  abi::TaskId fork(abi::TaskId parent);
  void make_user_owned(abi::TaskId task);
  void enter_user_ns(abi::TaskId task, abi::TaskId of);
  abi::TypeSet foreign(std::int32_t pid, abi::TypeSet types) const;
  bool is_start(abi::NsType type, std::uint64_t inum) const;

  const Start& start_;
  const std::set<std::int32_t>& at_home_;
  std::vector<std::int32_t> joined_;
  Program& program_;
  Identities& identities_;
  std::unordered_map<std::string, Outsider> outsiders_;
  // What the log opens of each pid: types, and numbers where they are printed.
  struct Mention {
    abi::TypeSet types;
    std::array<std::uint64_t, abi::kNsTypes> inum{};
  };
  std::unordered_map<std::int32_t, Mention> mentions_;
};

}  // namespace cli::strace_log
