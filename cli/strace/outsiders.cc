// Making the tasks, and opening what they are in.
#include "cli/strace/outsiders.h"

#include <algorithm>

#include "cli/strace/proc_path.h"
#include "cli/strace/value.h"

namespace cli::strace_log {
namespace {

constexpr abi::TaskId kOutside = abi::kInitialTask;
constexpr abi::Extent kEveryId{0, 0, 0xffffffff};

abi::Flags flags_of(abi::TypeSet types) {
  abi::Flags flags;
  for (const abi::NsType t : abi::kAllNsTypes) {
    if (types.has(t)) flags |= abi::flag_of(t);
  }
  return flags;
}

}  // namespace

Outsiders::Outsiders(const Log& log, const Start& start, const std::set<std::int32_t>& at_home,
                     Program& program, Identities& identities)
    : start_(start), at_home_(at_home), program_(program), identities_(identities) {
  for (const LoggedCall& call : log.calls) {
    if ((call.sys == Sys::openat || call.sys == Sys::open) && call.finished &&
        call.body.find("/ns/") != std::string_view::npos) {
      mention(call);
    }
  }
}

void Outsiders::mention(const LoggedCall& call) {
  CallText text;
  if (read_call(call.body, true, text) || text.ret.kind != Return::Kind::value) return;
  const Value* const path = text.arg(call.sys == Sys::openat ? 1 : 0);
  if (path == nullptr) return;
  const auto proc = proc_path(path->text);
  if (!proc || !proc->link || proc->who != ProcPath::Who::pid) return;
  const abi::NsType type = type_of(*proc->link);
  Mention& m = mentions_[proc->pid];
  m.types = m.types.with(type);
  if (const auto shown = ns_text(text.ret.note)) m.inum[abi::index(type)] = shown->inum;
}

abi::TaskId Outsiders::fork(abi::TaskId parent) {
  const abi::TaskId task = program_.new_task();
  program_.apply(parent, abi::Fork{task}, 0);
  return task;
}

// The user namespace that follows is to belong to whom the log started as.
void Outsiders::make_user_owned(abi::TaskId task) {
  if (start_.uid == 0) return;
  program_.apply(task, abi::Setresgid{start_.gid, start_.gid, start_.gid}, 0);
  program_.apply(task, abi::Setresuid{start_.uid, start_.uid, start_.uid}, 0);
  program_.apply(task, abi::Execve{}, 0);
}

void Outsiders::enter_user_ns(abi::TaskId task, abi::TaskId of) {
  const abi::FileId user = program_.new_file();
  program_.apply(kOutside, abi::OpenNs{user, of, abi::NsLink::user}, 0);
  program_.apply(task, abi::Setns{user, abi::flag::NEWUSER}, 0);
  program_.apply(kOutside, abi::Close{user}, 0);
}

// Without the types whose numbers say that they are t0's or one of the log's: those are opened
// where they are known, not through this process.
abi::TypeSet Outsiders::foreign(std::int32_t pid, abi::TypeSet types) const {
  const auto found = mentions_.find(pid);
  if (found == mentions_.end()) return types;
  for (const abi::NsType type : abi::kAllNsTypes) {
    const std::uint64_t inum = found->second.inum[abi::index(type)];
    if (inum == 0) continue;
    const abi::ObjId known = identities_.of(type, inum);
    if (is_start(type, inum) || (known != abi::kNoObject && program_.alive(known))) {
      types = types.without(type);
    }
  }
  return types;
}

bool Outsiders::is_start(abi::NsType type, std::uint64_t inum) const {
  return is_initial_inum(inum) || (inum != 0 && inum == start_.inum[abi::index(type)]);
}

abi::TaskId Outsiders::process(const Wanted& wanted, abi::TypeSet types) {
  if (at_home_.contains(wanted.pid)) return kOutside;
  const std::string key = wanted.pid != 0 ? "pid " + std::to_string(wanted.pid) : wanted.key;
  Outsider& o = outsiders_[key];
  if (!o.made) {
    o.made = true;
    if (wanted.pid != 0) joined_.push_back(wanted.pid);
    o.task = fork(kOutside);
    if (const auto found = mentions_.find(wanted.pid); found != mentions_.end()) {
      for (const abi::NsType t : abi::kAllNsTypes) {
        if (found->second.types.has(t)) types = types.with(t);
      }
    }
    if (types.has(abi::NsType::user)) {
      make_user_owned(o.task);
    } else if (program_.ns(wanted.within, abi::NsLink::user) !=
               program_.ns(kOutside, abi::NsLink::user)) {
      enter_user_ns(o.task, wanted.within);
    }
  }
  types = foreign(wanted.pid, types);
  abi::TypeSet missing;
  for (const abi::NsType t : abi::kAllNsTypes) {
    if (types.has(t) && !o.own.has(t)) missing = missing.with(t);
  }
  if (missing == abi::TypeSet()) return o.task;
  program_.apply(o.task, abi::Unshare{flags_of(missing)}, 0);
  if (missing.has(abi::NsType::user)) {
    program_.apply(kOutside, abi::WriteIdMap{o.task, abi::MapKind::uid, {kEveryId}}, 0);
    program_.apply(kOutside, abi::WriteIdMap{o.task, abi::MapKind::gid, {kEveryId}}, 0);
  }
  // Pid and time namespaces take in the next child.
  if (missing.has(abi::NsType::pid) || missing.has(abi::NsType::time)) o.task = fork(o.task);
  for (const abi::NsType t : abi::kAllNsTypes) {
    if (missing.has(t)) o.own = o.own.with(t);
  }
  return o.task;
}

std::vector<std::int32_t> Outsiders::joined() const {
  constexpr std::size_t kMost = 4;
  return {joined_.begin(),
          joined_.begin() + static_cast<std::ptrdiff_t>(std::min(kMost, joined_.size()))};
}

abi::FileId Outsiders::open(const Wanted& wanted, abi::NsType type, abi::ObjId& ns) {
  const abi::TaskId target =
      is_start(type, wanted.inum) ? kOutside : process(wanted, abi::TypeSet().with(type));
  const abi::FileId file = program_.new_file();
  program_.apply(kOutside, abi::OpenNs{file, target, link_of(type)}, 0);
  ns = program_.ns(target, link_of(type));
  if (wanted.inum != 0) identities_.bind(type, wanted.inum, ns);
  return file;
}

}  // namespace cli::strace_log
