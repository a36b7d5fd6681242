// Mounts, as far as they hold namespaces or move the root: bind mounts of namespace files, chroot,
// pivot_root, and a new /proc (which shows its mounter's pid namespace).
#include "cli/strace/reasons.h"
#include "cli/strace/replay.h"
#include "cli/strace/words.h"

namespace cli::strace_log {
namespace {

using Kind = OpenThing::Kind;

}  // namespace

// A copied mount namespace has the /proc of the original.
void Replay::new_mount_ns(abi::ObjId before, std::uint32_t who) {
  const auto shows = proc_shows_.find(before);
  if (shows == proc_shows_.end()) return;
  const abi::ObjId pid_ns = shows->second;
  proc_shows_[program_.ns(id(who), abi::NsLink::mnt)] = pid_ns;
}

// The namespace file at the path, open in the model; null if it is something else.
Thing Replay::ns_file_at(const Now& now, const std::string& path) {
  if (const auto bound = binds_.find(path); bound != binds_.end()) return bound->second.thing;
  const auto proc = proc_path(path);
  if (!proc) return nullptr;
  if (proc->fd >= 0) {
    const FdTable::Slot* const slot = fds(now.task).find(proc->fd);
    const bool ns = slot != nullptr && slot->thing != nullptr && slot->thing->kind == Kind::ns;
    if (!ns) return nullptr;
    const Thing thing = slot->thing;
    if (!thing->has_file) realize_ns(*thing, type_of(thing->link), "path " + path);
    return thing;
  }
  if (!proc->link) return nullptr;
  Thing thing = new_thing();
  thing->path = path;
  thing->link = *proc->link;
  thing->kind = Kind::ns;
  const std::uint32_t target = proc_target(now.task, *proc);
  if (target == kNone) {
    thing->owner_pid = proc->pid;
    realize_ns(*thing, type_of(*proc->link), {});
    return thing;
  }
  const abi::OpenNs op{program_.new_file(), id(target), *proc->link};
  thing->file = op.file;
  thing->has_file = program_.apply(id(now.task), op, now.line).ok() ||
                    program_.apply(abi::kInitialTask, op, now.line).ok();
  thing->ns = program_.ns(id(target), *proc->link);
  return thing->has_file ? thing : nullptr;
}

void Replay::bind_ns(Now& now, const Thing& thing, const std::string& path) {
  const abi::BindId bind = program_.new_bind();
  const Judged j = judge(now, abi::BindNs{bind, thing->file});
  if (!now.ok()) return;
  changed(now);
  if (j.outcome == Outcome::both_ok) binds_[path] = {bind, thing};
}

void Replay::do_mount(Now& now) {
  const std::string target = path_of(now.task, nullptr, now.arg(1));
  const std::uint64_t flags = known_bits(now.arg(3));
  const bool bind = (flags & constant("MS_BIND")) != 0 && (flags & constant("MS_REMOUNT")) == 0;
  if (bind) {
    const std::string source = path_of(now.task, nullptr, now.arg(0));
    if (const Thing thing = ns_file_at(now, source)) bind_ns(now, thing, target);
    return;
  }
  if (!now.ok()) return;
  if ((flags & constant("MS_MOVE")) != 0 && target == "/") {
    task(now.task).place->root_moved = true;
    return;
  }
  const Value* const type = now.arg(2);
  if (type != nullptr && type->kind == Value::Kind::string && type->text == "proc") {
    const abi::TaskView view = program_.view(id(now.task));
    proc_shows_[view.ns[abi::index(abi::NsLink::mnt)]] = view.ns[abi::index(abi::NsLink::pid)];
  }
}

void Replay::do_umount(Now& now) {
  const auto bound = binds_.find(path_of(now.task, nullptr, now.arg(0)));
  if (bound == binds_.end()) return;
  judge(now, abi::UnbindNs{bound->second.id});
  if (now.ok()) binds_.erase(bound);
}

// The two halves of a bind mount with the newer calls.
void Replay::do_tree(Now& now) {
  if (now.call.sys == Sys::open_tree) {
    if (!now.ok() || (known_bits(now.arg(2)) & constant("OPEN_TREE_CLONE")) == 0) return;
    const Thing source = ns_file_at(now, path_of(now.task, now.arg(0), now.arg(1)));
    Thing thing = new_thing();
    thing->kind = Kind::mount_tree;
    thing->tree = source;
    fds(now.task).set(now.value(), std::move(thing), false);
    return;
  }
  const Thing from = thing_of(now.task, now.arg(0));
  if (from == nullptr || from->kind != Kind::mount_tree || from->tree == nullptr) return;
  bind_ns(now, from->tree, path_of(now.task, now.arg(2), now.arg(3)));
}

void Replay::do_chroot(Now& now) {
  const Value* const path = now.arg(0);
  if (path == nullptr || path->kind != Value::Kind::string) return;
  Task& of = task(now.task);
  const std::string where = path_of(now.task, nullptr, path);
  const bool here = path->text == ".";
  const bool moved = of.place->root_moved && (here || where == of.place->cwd);
  const bool at_root = where == "/" && !program_.view(of.id).chrooted;
  judge(now, abi::Chroot{moved || at_root ? abi::RootPlace::top : abi::RootPlace::inside});
  if (!now.ok()) return;
  changed(now);
  of.place->root_moved = false;
  // Paths start anew; a relative one is where the task already stood.
  of.place->cwd = here ? "/" : "";
}

void Replay::do_pivot_root(Now& now) {
  judge(now, abi::PivotRoot{});
  if (!now.ok()) return;
  changed(now);
  const Value* const root = now.arg(0);
  task(now.task).place->cwd = root != nullptr && root->text == "." ? "/" : "";
}

void Replay::do_chdir(Now& now) {
  if (!now.ok()) return;
  Place& place = *task(now.task).place;
  if (now.call.sys == Sys::chdir) {
    place.cwd = path_of(now.task, nullptr, now.arg(0));
    return;
  }
  const Thing thing = thing_of(now.task, now.arg(0));
  place.cwd = thing != nullptr ? thing->path : std::string();
  const Value* const fd = now.arg(0);
  if (fd != nullptr && fd->note.starts_with('/')) place.cwd = fd->note;
}

}  // namespace cli::strace_log
