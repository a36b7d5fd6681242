// The letters of the exhaustive run: see exhaustive.h.
#include "props/differ/exhaustive.h"
#include "props/differ/names.h"

namespace props {
namespace {

using abi::Flags;
namespace flag = abi::flag;

constexpr abi::TaskId t0{0}, t1{1}, t2{2};
constexpr abi::FileId f0{0}, f1{1};
const Flags kThread = flag::THREAD | flag::SIGHAND | flag::VM;

// Of a letter that binds a name: any, it is replaced.
constexpr std::uint32_t kNew = ~std::uint32_t{0};

std::vector<abi::Op> clones() {
  std::vector<abi::Op> ops = {abi::Fork{{kNew}}, abi::Vfork{{kNew}}};
  for (const Flags flags :
       {kThread, flag::VM | flag::FS, flag::PARENT | flag::FILES, flag::SYSVSEM | flag::NEWUTS,
        flag::NEWPID, flag::NEWUSER, flag::NEWUSER | flag::NEWNS | flag::NEWPID,
        flag::NEWNS | flag::NEWIPC}) {
    ops.push_back(abi::Clone{.child = {kNew}, .flags = flags | Flags(abi::kSIGCHLD)});
  }
  abi::Clone3 time;
  time.child = {kNew};
  time.flags = flag::NEWTIME;
  ops.push_back(time);
  return ops;
}

std::vector<abi::Op> unshares() {
  std::vector<abi::Op> ops;
  for (const Flags flags :
       {flag::NEWNS, flag::NEWUTS, flag::NEWPID, flag::NEWTIME, flag::NEWUSER, flag::FS,
        flag::SYSVSEM | flag::NEWIPC, flag::NEWUSER | flag::NEWNET, flag::NEWCGROUP}) {
    ops.push_back(abi::Unshare{flags});
  }
  return ops;
}

std::vector<abi::Op> files() {
  std::vector<abi::Op> ops;
  for (const abi::TaskId target : {t0, t1}) {
    for (const abi::NsLink link : {abi::NsLink::mnt, abi::NsLink::user, abi::NsLink::uts,
                                   abi::NsLink::pid_for_children, abi::NsLink::time_for_children}) {
      ops.push_back(abi::OpenNs{.file = {kNew}, .target = target, .link = link});
    }
    ops.push_back(abi::OpenPidfd{.file = {kNew}, .target = target});
  }
  ops.push_back(abi::Close{f0});
  ops.push_back(abi::Setns{f0, {}});
  ops.push_back(abi::Setns{f1, {}});
  for (const Flags flags :
       {flag::NEWUSER | flag::NEWNS, flag::NEWUTS | flag::NEWPID, flag::NEWTIME}) {
    ops.push_back(abi::Setns{f0, flags});
  }
  return ops;
}

std::vector<abi::Op> others() {
  return {abi::Execve{},
          abi::Exit{},
          abi::Exit{.group = true},
          abi::Kill{t0},
          abi::Kill{t1},
          abi::Wait{t1},
          abi::Wait{t2},
          abi::Chroot{},
          abi::Setresuid{1000, 1000, 1000},
          abi::SetLimit{abi::NsType::uts, 1},
          abi::Semop{},
          abi::WriteTimens{t0, 1, 0}};
}

// Failures in the middle: after the nsproxy, after the first namespace, late in a clone.
std::vector<Letter> faults(abi::TaskId caller) {
  return {{.caller = caller, .fault = 4, .op = abi::Unshare{flag::NEWUTS | flag::NEWIPC}},
          {.caller = caller, .fault = 7, .op = abi::Unshare{flag::NEWUSER | flag::NEWPID}},
          {.caller = caller, .fault = 9, .op = abi::Fork{{kNew}}},
          {.caller = caller, .fault = 1, .op = abi::Setns{f0, {}}},
          {.caller = caller, .fault = 3, .op = abi::Execve{}}};
}

}  // namespace

std::vector<Letter> alphabet() {
  std::vector<Letter> letters;
  for (std::uint32_t n = 0; n < kAlphabetTasks; ++n) {
    const abi::TaskId caller{n};
    for (const auto& ops : {clones(), unshares(), files(), others()}) {
      for (const abi::Op& op : ops) letters.push_back({.caller = caller, .op = op});
    }
    for (Letter& letter : faults(caller)) letters.push_back(std::move(letter));
  }
  return letters;
}

std::optional<abi::Call> named_for(const Letter& letter, const Live& live) {
  abi::Call call = letter;
  bool fits = live.running().has(letter.caller.n) || live.blocked().has(letter.caller.n);
  visit_names(call.op, [&](auto& name, bool makes) {
    using Name = std::decay_t<decltype(name)>;
    if constexpr (std::is_same_v<Name, abi::TaskId>) {
      if (makes) name.n = static_cast<std::uint32_t>(live.tasks_seen());
      fits = fits && (makes ? name.n < kAlphabetTasks : live.knows(name));
    }
    if constexpr (std::is_same_v<Name, abi::FileId>) {
      if (makes) {
        name.n = 0;
        while (live.files().has(name.n)) ++name.n;
      }
      fits = fits && name.n < kAlphabetFiles;
    }
  });
  if (!fits) return std::nullopt;
  return call;
}

}  // namespace props
