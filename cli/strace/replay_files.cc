// Descriptors: what is opened, copied and closed, and which of it is a namespace.
#include <algorithm>

#include "cli/strace/reasons.h"
#include "cli/strace/replay.h"
#include "cli/strace/words.h"

namespace cli::strace_log {
namespace {

using Kind = OpenThing::Kind;

// "</proc/31279/uid_map>": where -y says that a descriptor leads.
bool is_path(std::string_view note) { return note.starts_with('/'); }

// Every array called cmsg_data of a control message that passes descriptors.
void passed_descriptors(const Value& v, std::vector<const Value*>& found) {
  const Value* const type = v.find("cmsg_type");
  const Value* const data = v.find("cmsg_data");
  if (type != nullptr && data != nullptr && type->is("SCM_RIGHTS")) {
    for (const Value& fd : data->items) found.push_back(&fd);
  }
  for (const Value& item : v.items) passed_descriptors(item, found);
}

}  // namespace

// What a descriptor argument is: what the table says, unless -y says otherwise. May be null.
Thing Replay::thing_of(std::uint32_t who, const Value* fd) {
  const auto n = integer(fd);
  if (!n) return nullptr;
  const FdTable::Slot* const slot = fds(who).find(*n);
  return slot == nullptr ? nullptr : slot->thing;
}

std::string Replay::path_of(std::uint32_t who, const Value* dirfd, const Value* path) {
  if (path == nullptr || path->kind != Value::Kind::string) return {};
  const std::string text = unescape(*path);
  if (text.starts_with('/')) return join_path("", text);
  const bool from_cwd = dirfd == nullptr || integer(dirfd) == -100;
  const Thing thing = from_cwd ? nullptr : thing_of(who, dirfd);
  std::string base = from_cwd ? task(who).place->cwd : thing != nullptr ? thing->path : "";
  // A remembered owner is worth more than the number that -y prints: whose /proc printed it?
  const bool owned = base.starts_with("/proc/#");
  if (dirfd != nullptr && is_path(dirfd->note) && !owned) base = dirfd->note;
  return join_path(base, text);
}

std::uint32_t Replay::resolve_proc_pid(std::uint32_t who, std::int64_t number) const {
  const abi::ObjId mnt = program_.ns(tasks_.at(who).id, abi::NsLink::mnt);
  const auto shows = proc_shows_.find(mnt);
  std::uint32_t found = kNone;
  if (shows != proc_shows_.end()) {
    found = tasks_.of_number(shows->second, number);
    if (found != kNone) return found;
  }
  found = tasks_.of_number(home_pid_ns_, number);
  if (found == kNone) found = tasks_.of_label(static_cast<std::int32_t>(number));
  return found != kNone ? found : resolve_pid(who, number);
}

// Whose numbers this /proc shows is known if its mount is in the log, or if there is only one kind.
bool Replay::proc_is_sure(std::uint32_t who, const ProcPath& proc) const {
  if (proc.who != ProcPath::Who::pid) return true;
  const Task& of = tasks_.at(who);
  return of.home || proc_shows_.contains(program_.ns(of.id, abi::NsLink::mnt));
}

// self is the process, and so its leader.
std::uint32_t Replay::proc_target(std::uint32_t who, const ProcPath& proc) const {
  if (proc.who == ProcPath::Who::thread_self) return who;
  if (proc.who == ProcPath::Who::self) return tasks_.at(who).process->leader;
  if (proc.who == ProcPath::Who::task) return proc.task < tasks_.size() ? proc.task : kNone;
  const std::uint32_t found = resolve_proc_pid(who, proc.pid);
  if (found == kNone || unfollowed(found)) return kNone;
  return proc.thread ? found : tasks_.at(found).process->leader;
}

void Replay::do_open(Now& now) {
  const bool at = now.call.sys == Sys::openat;
  const Value* const path_arg = now.arg(at ? 1 : 0);
  const std::string path = path_of(now.task, at ? now.arg(0) : nullptr, path_arg);
  const Value* flags_arg = now.arg(at ? 2 : 1);
  if (flags_arg != nullptr && flags_arg->kind == Value::Kind::structure) {
    flags_arg = flags_arg->find("flags");  // openat2
  }
  const std::uint64_t flags = known_bits(flags_arg);
  const bool cloexec = (flags & constant("O_CLOEXEC")) != 0;
  const std::string_view note = now.text.ret.note;
  const auto proc = proc_path(path);
  if (proc && proc->link) {
    return open_ns(now, *proc, path, cloexec, (flags & constant("O_PATH")) != 0);
  }
  if (!now.ok()) return;
  if ((flags & (constant("O_WRONLY") | constant("O_RDWR"))) != 0) {
    return open_control(now, path, note, cloexec);
  }
  if (const auto bound = binds_.find(path); bound != binds_.end()) {
    return fds(now.task).set(now.value(), bound->second.thing, cloexec);
  }
  Thing thing = new_thing();
  thing->path = is_path(note) && !path.starts_with('/') ? std::string(note) : path;
  if (const std::string_view owner = proc_owner(thing->path); !owner.empty()) {
    const std::uint32_t whose = proc_target(now.task, *proc_path(owner));
    const std::string rest = thing->path.substr(owner.size());
    if (whose != kNone) thing->path = "/proc/#" + std::to_string(whose) + rest;
  }
  if (const auto shown = ns_text(note)) {
    thing->kind = Kind::ns;
    thing->link = link_of(shown->type);
    thing->inum = shown->inum;
  }
  fds(now.task).set(now.value(), std::move(thing), cloexec);
}

void Replay::open_ns(Now& now, const ProcPath& proc, std::string path, bool cloexec, bool o_path) {
  const std::uint32_t target = proc_target(now.task, proc);
  const auto shown = ns_text(now.text.ret.note);
  Thing thing = new_thing();
  thing->kind = Kind::ns;
  thing->path = std::move(path);
  thing->link = *proc.link;
  thing->o_path = o_path;
  if (shown) thing->inum = shown->inum;
  if (target == kNone) {
    // Opened in the model when somebody asks for it.
    thing->owner_pid = proc.pid;
    outside(now, reason::kForeign);
  } else {
    const abi::OpenNs op{program_.new_file(), id(target), *proc.link, o_path};
    std::string_view excuse;
    if (!proc_is_sure(now.task, proc)) excuse = reason::kForeign;
    if (now.failed() && now.error() == "EACCES" && has_ended(target)) excuse = reason::kExited;
    const Judged j = judge(now, op, excuse);
    if (!now.ok()) return;
    thing->file = op.file;
    thing->has_file = j.outcome == Outcome::both_ok;
    if (!thing->has_file) {
      thing->has_file = program_.apply(abi::kInitialTask, op, now.line).ok();
    }
    thing->ns = program_.ns(id(target), *proc.link);
    if (shown && shown->type == type_of(*proc.link) && proc_is_sure(now.task, proc)) {
      see_inum(now, shown->type, shown->inum, thing->ns);
    }
  }
  if (now.ok()) fds(now.task).set(now.value(), std::move(thing), cloexec);
}

// A file whose writes may mean something.
void Replay::open_control(Now& now, const std::string& path, std::string_view note, bool cloexec) {
  Thing thing = new_thing();
  thing->path = path;
  thing->opener = now.task;
  for (const std::string_view candidate : {std::string_view(path), note}) {
    const auto proc = proc_path(candidate);
    if (const auto limit = limit_path(candidate)) {
      thing->kind = Kind::control;
      thing->control = ControlFile::limit;
      thing->limit = *limit;
    } else if (proc && proc->control != ControlFile::none) {
      thing->kind = Kind::control;
      thing->control = proc->control;
      thing->target = proc_is_sure(now.task, *proc) ? proc_target(now.task, *proc) : kNone;
    }
    if (thing->kind == Kind::control) break;
  }
  fds(now.task).set(now.value(), std::move(thing), cloexec);
}

void Replay::do_pidfd_open(Now& now) {
  const auto pid = integer(now.arg(0));
  if (!pid) return;
  const std::uint32_t target = resolve_pid(now.task, *pid, now.arg(0)->comment);
  Thing thing = new_thing();
  thing->kind = Kind::pidfd;
  thing->target = target;
  if (target == kNone || unfollowed(target)) {
    thing->target = kNone;
    thing->owner_pid = static_cast<std::int32_t>(*pid);
    outside(now, reason::kForeign);
  } else {
    const bool thread = (known_bits(now.arg(1)) & constant("PIDFD_THREAD")) != 0;
    const abi::OpenPidfd op{program_.new_file(), id(target), thread};
    const bool reaped = has_ended(target) && orphaned(target);
    const Judged j = judge(now, op, reaped ? reason::kForeignParent : std::string_view());
    thing->file = op.file;
    thing->has_file = j.outcome == Outcome::both_ok;
  }
  if (now.ok()) fds(now.task).set(now.value(), std::move(thing), true);
}

void Replay::do_pidfd_getfd(Now& now) {
  if (!now.ok()) return;
  const Thing pidfd = thing_of(now.task, now.arg(0));
  Thing thing;
  if (pidfd != nullptr && pidfd->kind == Kind::pidfd && pidfd->target != kNone) {
    thing = thing_of(pidfd->target, now.arg(1));
  }
  fds(now.task).set(now.value(), std::move(thing), true);
}

void Replay::do_dup(Now& now) {
  const auto from = integer(now.arg(0));
  if (!now.ok() || !from || *from == now.value()) return;
  const bool cloexec = (known_bits(now.arg(2)) & constant("O_CLOEXEC")) != 0;
  const FdTable::Slot* const slot = fds(now.task).find(*from);
  Thing thing = slot != nullptr ? slot->thing : nullptr;
  fds(now.task).set(now.value(), std::move(thing), now.call.sys == Sys::dup3 && cloexec);
}

void Replay::do_fcntl(Now& now) {
  const auto fd = integer(now.arg(0));
  const auto command = number(now.arg(1));
  if (!now.ok() || !fd || !command) return;
  if (*command == constant("F_SETFD")) {
    return fds(now.task).set_cloexec(*fd, (known_bits(now.arg(2)) & constant("FD_CLOEXEC")) != 0);
  }
  const bool cloexec = *command == constant("F_DUPFD_CLOEXEC");
  if (!cloexec && *command != constant("F_DUPFD")) return;
  const FdTable::Slot* const slot = fds(now.task).find(*fd);
  Thing thing = slot != nullptr ? slot->thing : nullptr;
  fds(now.task).set(now.value(), std::move(thing), cloexec);
}

void Replay::do_close(Now& now) {
  const auto fd = integer(now.arg(0));
  // The number is gone even if close reports an error of the file (EIO, EINTR).
  if (fd && !(now.failed() && now.error() == "EBADF")) fds(now.task).close(*fd);
}

void Replay::do_close_range(Now& now) {
  const auto first = integer(now.arg(0));
  const auto last = integer(now.arg(1));
  if (!now.ok() || !first || !last) return;
  const std::uint64_t flags = known_bits(now.arg(2));
  if ((flags & constant("CLOSE_RANGE_UNSHARE")) != 0 && task(now.task).files.use_count() > 1) {
    task(now.task).files = std::make_shared<FdTable>(fds(now.task));
    program_.apply(id(now.task), abi::Unshare{abi::flag::FILES}, now.line);
  }
  fds(now.task).close_range(*first, *last, (flags & constant("CLOSE_RANGE_CLOEXEC")) != 0);
}

// Descriptors that came over a socket are whatever -y says they are.
void Replay::do_recvmsg(Now& now) {
  if (!now.ok()) return;
  std::vector<const Value*> found;
  for (const Value& v : now.text.args) passed_descriptors(v, found);
  for (const Value* const fd : found) {
    const auto n = integer(fd);
    if (!n) continue;
    Thing thing;
    if (const auto shown = ns_text(fd->note)) {
      thing = new_thing();
      thing->kind = Kind::ns;
      thing->link = link_of(shown->type);
      thing->inum = shown->inum;
    }
    fds(now.task).set(*n, std::move(thing), false);
  }
}

// readlink of /proc/PID/ns/X prints the namespace's inode number.
void Replay::do_readlink(Now& now) {
  if (!now.ok()) return;
  const std::size_t at = now.call.sys == Sys::readlinkat ? 1 : 0;
  const auto proc = proc_path(path_of(now.task, at != 0 ? now.arg(0) : nullptr, now.arg(at)));
  const Value* const answer = now.arg(at + 1);
  if (!proc || answer == nullptr) return;
  const auto shown = ns_text(answer->text);
  if (!shown) return;
  if (proc->link) {
    const std::uint32_t target = proc_target(now.task, *proc);
    if (target == kNone) return;
    see_inum(now, shown->type, shown->inum, program_.ns(id(target), *proc->link));
  } else if (proc->fd >= 0 && proc->who == ProcPath::Who::self) {
    const FdTable::Slot* const slot = fds(now.task).find(proc->fd);
    if (slot == nullptr || slot->thing == nullptr || slot->thing->kind != Kind::ns) return;
    slot->thing->inum = shown->inum;
    see_inum(now, shown->type, shown->inum, slot->thing->ns);
  }
}

// With -v, stat prints the same number.
void Replay::do_stat(Now& now) {
  if (!now.ok()) return;
  const bool by_fd = now.call.sys == Sys::fstat;
  const std::size_t at = now.call.sys == Sys::newfstatat || now.call.sys == Sys::statx ? 1 : 0;
  const Value* const path_arg = now.arg(at);
  const Value* inode = nullptr;
  for (const Value& v : now.text.args) {
    if (const Value* const found = v.find("st_ino")) inode = found;
    if (const Value* const found = v.find("stx_ino")) inode = found;
  }
  const auto inum = number(inode);
  if (!inum || path_arg == nullptr) return;
  const bool empty = path_arg->kind == Value::Kind::string && path_arg->text.empty();
  if (by_fd || (at == 1 && empty)) {
    const Thing thing = thing_of(now.task, now.arg(0));
    if (thing == nullptr || thing->kind != Kind::ns) return;
    thing->inum = *inum;
    see_inum(now, type_of(thing->link), *inum, thing->ns);
    return;
  }
  const auto proc = proc_path(path_of(now.task, at != 0 ? now.arg(0) : nullptr, path_arg));
  if (!proc || !proc->link || now.call.name == "lstat") return;
  const Value* const stat_flags = now.arg(now.call.sys == Sys::statx ? 2 : 3);
  if (at == 1 && (known_bits(stat_flags) & constant("AT_SYMLINK_NOFOLLOW")) != 0) return;
  const std::uint32_t target = proc_target(now.task, *proc);
  if (target == kNone) return;
  see_inum(now, type_of(*proc->link), *inum, program_.ns(id(target), *proc->link));
}

}  // namespace cli::strace_log
