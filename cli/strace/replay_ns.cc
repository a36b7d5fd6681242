// Leaving and joining namespaces: unshare, setns, and the ioctls that ask about them.
#include <algorithm>
#include <array>

#include "cli/strace/reasons.h"
#include "cli/strace/replay.h"
#include "cli/strace/words.h"

namespace cli::strace_log {
namespace {

using Kind = OpenThing::Kind;

// The one type that the flags name; nothing for none or several.
std::optional<abi::NsType> single_type(abi::Flags flags) {
  for (const abi::NsType t : abi::kAllNsTypes) {
    if (flags == abi::flag_of(t)) return t;
  }
  return std::nullopt;
}

abi::TypeSet types_of(abi::Flags flags) {
  abi::TypeSet types;
  for (const abi::NsType t : abi::kAllNsTypes) {
    if (flags.has(abi::flag_of(t))) types = types.with(t);
  }
  return types;
}

bool is_pidfd(std::string_view note) {
  if (ns_text(note)) return false;
  return note == "anon_inode:[pidfd]" || note.starts_with("pid:") || note.starts_with("pidfd:");
}

// What -y says of files that nobody can have put a namespace on.
bool is_no_ns(std::string_view note) {
  for (const std::string_view begin :
       {"pipe:", "socket:", "anon_inode:", "/dev/", "TCP:", "UNIX"}) {
    if (note.starts_with(begin)) return !is_pidfd(note);
  }
  return false;
}

struct Ioctl {
  std::uint32_t command;  // type and number: the low 16 bits
  abi::NsOp op;
  std::optional<abi::NsLink> makes;  // the link whose namespace the new descriptor shows
};
constexpr std::array kIoctls = {
    Ioctl{0xb701, abi::NsOp::get_userns, abi::NsLink::user},
    Ioctl{0xb702, abi::NsOp::get_parent, {}},
    Ioctl{0xb703, abi::NsOp::get_nstype, {}},
    Ioctl{0xb704, abi::NsOp::get_owner_uid, {}},
    Ioctl{0xb705, abi::NsOp::get_mntns_id, {}},
    Ioctl{0xb706, abi::NsOp::get_pid_from_pidns, {}},
    Ioctl{0xb707, abi::NsOp::get_tgid_from_pidns, {}},
    Ioctl{0xb708, abi::NsOp::get_pid_in_pidns, {}},
    Ioctl{0xb709, abi::NsOp::get_tgid_in_pidns, {}},
    Ioctl{0xb70d, abi::NsOp::get_id, {}},
    Ioctl{0xff01, abi::NsOp::pidfd_get_cgroup, abi::NsLink::cgroup},
    Ioctl{0xff02, abi::NsOp::pidfd_get_ipc, abi::NsLink::ipc},
    Ioctl{0xff03, abi::NsOp::pidfd_get_mnt, abi::NsLink::mnt},
    Ioctl{0xff04, abi::NsOp::pidfd_get_net, abi::NsLink::net},
    Ioctl{0xff05, abi::NsOp::pidfd_get_pid, abi::NsLink::pid},
    Ioctl{0xff06, abi::NsOp::pidfd_get_pid_for_children, abi::NsLink::pid_for_children},
    Ioctl{0xff07, abi::NsOp::pidfd_get_time, abi::NsLink::time},
    Ioctl{0xff08, abi::NsOp::pidfd_get_time_for_children, abi::NsLink::time_for_children},
    Ioctl{0xff09, abi::NsOp::pidfd_get_user, abi::NsLink::user},
    Ioctl{0xff0a, abi::NsOp::pidfd_get_uts, abi::NsLink::uts},
};

// A name, a number, or "_IOC(_IOC_NONE, 0xb7, 0x1, 0)".
std::uint32_t ioctl_command(const Value* v) {
  if (v == nullptr) return 0;
  if (const auto n = number(v)) return static_cast<std::uint32_t>(*n & 0xffff);
  std::string_view text = v->text;
  if (!text.starts_with("_IOC(")) return 0;
  std::array<std::uint64_t, 2> parts{};
  for (std::uint64_t& part : parts) {
    const std::size_t comma = text.find(", ");
    if (comma == std::string_view::npos) return 0;
    text.remove_prefix(comma + 2);
    part = plain_number(text.substr(0, text.find(','))).value_or(0);
  }
  return static_cast<std::uint32_t>((parts[0] & 0xff) << 8 | (parts[1] & 0xff));
}

}  // namespace

void Replay::do_unshare(Now& now) {
  const auto bits = number(now.arg(0));
  if (!bits) return outside(now, reason::kFlags);
  const abi::Flags flags(*bits);
  const abi::ObjId mnt = program_.ns(id(now.task), abi::NsLink::mnt);
  const Judged j = judge(now, abi::Unshare{flags});
  if (!now.ok()) return;
  Task& of = task(now.task);
  if (flags.has(abi::flag::FILES) && of.files.use_count() > 1) {
    of.files = std::make_shared<FdTable>(*of.files);
  }
  const bool own_place = flags.has(abi::flag::FS | abi::flag::NEWNS | abi::flag::NEWUSER);
  if (own_place && of.place.use_count() > 1) of.place = std::make_shared<Place>(*of.place);
  if (flags.has(abi::flag::NAMESPACES)) changed(now);
  if (flags.has(abi::flag::NEWUSER)) assume_maps(now.task);
  if (j.outcome == Outcome::both_ok && flags.has(abi::flag::NEWNS)) new_mount_ns(mnt, now.task);
}

// A task of the log that is in the namespace; kNone. Looks at the latest tasks only: a bound.
std::uint32_t Replay::inhabitant(abi::ObjId ns, abi::NsType type) const {
  constexpr std::uint32_t kMost = 512;
  const std::uint32_t size = tasks_.size();
  for (std::uint32_t i = 0; i < std::min(size, kMost); ++i) {
    const std::uint32_t candidate = size - 1 - i;
    if (program_.ns(tasks_.at(candidate).id, link_of(type)) == ns) return candidate;
  }
  return kNone;
}

// Opens in the model what the log shows only from outside.
bool Replay::realize_ns(OpenThing& thing, abi::NsType type, const std::string& key,
                        abi::TaskId within) {
  thing.kind = Kind::ns;
  thing.link = link_of(type);
  const abi::ObjId known = thing.inum != 0 ? identities_.of(type, thing.inum) : abi::kNoObject;
  const std::uint32_t inside = known != abi::kNoObject ? inhabitant(known, type) : kNone;
  if (inside != kNone) {
    thing.file = program_.new_file();
    const abi::OpenNs op{thing.file, id(inside), thing.link};
    thing.has_file = program_.apply(abi::kInitialTask, op, line_).ok();
    thing.ns = known;
    if (thing.has_file) return true;
  }
  thing.file = outsiders_.open({thing.owner_pid, key, thing.inum, within}, type, thing.ns);
  thing.has_file = true;
  if (type == abi::NsType::pid) {
    seen_pid_ns_.insert(thing.ns);
    if (thing.ns != home_pid_ns_) unsure_in_.insert(thing.ns);
  }
  return true;
}

bool Replay::realize_pidfd(OpenThing& thing, abi::Flags flags, const std::string& key) {
  thing.kind = Kind::pidfd;
  abi::TaskId target;
  if (thing.target != kNone && thing.owner_pid == 0) {
    if (thing.has_file) return true;
    target = id(thing.target);
  } else {
    // Each set of types may need another task: it is opened anew.
    if (thing.has_file) dropped_.push_back(thing.file);
    target = outsiders_.process({.pid = thing.owner_pid, .key = key}, types_of(flags));
    const abi::ObjId pid_ns = program_.ns(target, abi::NsLink::pid);
    seen_pid_ns_.insert(pid_ns);
    if (pid_ns != home_pid_ns_) unsure_in_.insert(pid_ns);
  }
  thing.file = program_.new_file();
  thing.has_file =
      program_.apply(abi::kInitialTask, abi::OpenPidfd{thing.file, target}, line_).ok();
  return thing.has_file;
}

// The descriptor of a setns with its model file open; null if the log does not say what it is.
Thing Replay::realized(const Now& now, const Value* fd, abi::Flags flags,
                       std::string_view& excuse) {
  const std::int64_t n = integer(fd).value_or(-1);
  const FdTable::Slot* const slot = fds(now.task).find(n);
  Thing thing = slot != nullptr ? slot->thing : nullptr;
  const auto shown = ns_text(fd->note);
  const auto single = single_type(flags);
  // Without close in the log, the number may have become another descriptor's.
  const bool stale = thing != nullptr && thing->kind == Kind::ns && now.ok() && single &&
                     *single != type_of(thing->link) && !closes_shown_;
  const bool other = thing != nullptr && shown && thing->inum != 0 && thing->inum != shown->inum;
  if (thing == nullptr || thing->kind == Kind::plain) {
    // Some kernels print "3</proc/1/ns/net>".
    if (const auto proc = proc_path(fd->note); proc && proc->link) {
      thing = ns_file_at(now, std::string(fd->note));
      fds(now.task).set(n, thing, slot != nullptr && slot->cloexec);
    }
  }
  if (thing == nullptr || stale || other) {
    // It came without a traced call.
    if (thing == nullptr && !shown && !now.ok()) excuse = reason::kUnknownFd;
    thing = new_thing();
    thing->target = kNone;
    if (is_pidfd(fd->note)) thing->kind = Kind::pidfd;
    // -yy prints "pid:N", in strace's numbers.
    if (const auto pid = plain_number(fd->note.substr(std::min<std::size_t>(4, fd->note.size())));
        fd->note.starts_with("pid:") && pid && *pid <= 0x7fffffff) {
      thing->target = tasks_.of_label(static_cast<std::int32_t>(*pid));
      if (thing->target == kNone) thing->owner_pid = static_cast<std::int32_t>(*pid);
    }
    fds(now.task).set(n, thing, slot != nullptr && slot->cloexec);
  }
  const std::string key =
      !thing->path.empty() ? "path " + thing->path : "line " + std::to_string(now.line);
  if (thing->kind == Kind::pidfd) {
    const bool foreign = thing->target == kNone;
    if (foreign && now.failed() && now.error() == "EINVAL") excuse = reason::kForeignNs;
    return realize_pidfd(*thing, flags, key) ? thing : nullptr;
  }
  if (thing->has_file && thing->kind != Kind::plain) return thing;
  std::optional<abi::NsType> type = single;
  if (thing->kind == Kind::ns) type = type_of(thing->link);
  if (shown) type = shown->type;
  if (shown) thing->inum = shown->inum;
  if (thing->kind == Kind::plain && !shown && now.failed() && now.error() == "EINVAL") {
    // Not a namespace file, if anybody knows what it is.
    if (thing->path.empty()) return nullptr;
    thing->file = program_.new_file();
    thing->has_file = program_.apply(id(now.task), abi::OpenFile{thing->file}, now.line).ok();
    return thing;
  }
  if (!type && !flags.empty()) return realize_pidfd(*thing, flags, key) ? thing : nullptr;
  if (!type) return nullptr;
  if (thing->inum == 0 && now.failed() && now.error() == "EINVAL") excuse = reason::kForeignNs;
  if (thing->has_file) dropped_.push_back(thing->file);
  const bool shows_owner = now.ok() && *type != abi::NsType::user;
  const abi::TaskId within = shows_owner ? id(now.task) : abi::kInitialTask;
  return realize_ns(*thing, *type, key, within) ? thing : nullptr;
}

void Replay::do_setns(Now& now) {
  const Value* const fd = now.arg(0);
  if (fd == nullptr) return;
  const auto bits = number(now.arg(1));
  if (!bits) return outside(now, reason::kFlags);
  const abi::Flags flags(*bits);
  const std::int64_t n = integer(fd).value_or(-1);
  const bool closed = n < 0 || fds(now.task).find(n) == nullptr;
  if (n < 0 || (closed && now.failed() && now.error() == "EBADF")) {
    judge(now, abi::Setns{program_.new_file(), flags});
    return;
  }
  if (is_no_ns(fd->note)) {
    const abi::OpenFile plain{program_.new_file()};
    program_.apply(id(now.task), plain, now.line);
    judge(now, abi::Setns{plain.file, flags});
    return dropped_.push_back(plain.file);
  }
  std::string_view excuse;
  const Thing thing = realized(now, fd, flags, excuse);
  if (thing == nullptr) {
    if (now.ok()) doubt(now, reason::kUnknownFd);
    return outside(now, reason::kUnknownFd);
  }
  // Without open and close in the log, a number may be another descriptor by now.
  if (!closes_shown_ && !closed && fd->note.empty()) excuse = reason::kUnknownFd;
  if (thing->kind == Kind::pidfd && now.failed() && now.error() == "EPERM" &&
      has_ended(thing->target)) {
    excuse = reason::kExited;
  }
  const Judged j = judge(now, abi::Setns{thing->file, flags}, excuse);
  if (!now.ok()) return;
  if (j.outcome == Outcome::kernel_only && !excuse.empty()) doubt(now, excuse);
  changed(now);
  const abi::Flags what = thing->kind == Kind::ns ? abi::flag_of(type_of(thing->link)) : flags;
  if (!what.has(abi::flag::NEWNS)) return;
  Task& of = task(now.task);
  if (of.place.use_count() > 1) of.place = std::make_shared<Place>();
  *of.place = {"/", false};
}

void Replay::do_ioctl(Now& now) {
  const Value* const fd = now.arg(0);
  const std::uint32_t command = ioctl_command(now.arg(1));
  if (fd == nullptr) return;
  const bool cloexec = command == constant("FIOCLEX");
  if (cloexec || command == constant("FIONCLEX")) {
    if (now.ok()) fds(now.task).set_cloexec(integer(fd).value_or(-1), cloexec);
    return;
  }
  const auto found = std::ranges::find(kIoctls, command, &Ioctl::command);
  if (found == kIoctls.end()) return;
  Thing thing = thing_of(now.task, fd);
  const auto shown = ns_text(fd->note);
  if (thing == nullptr && shown) {
    thing = new_thing();
    thing->kind = Kind::ns;
    thing->link = link_of(shown->type);
    thing->inum = shown->inum;
    fds(now.task).set(integer(fd).value_or(-1), thing, false);
  }
  const bool closed = fds(now.task).find(integer(fd).value_or(-1)) == nullptr;
  if (closed && now.failed() && now.error() == "EBADF") {
    const abi::FileId none = program_.new_file();
    judge(now, abi::NsIoctl{.file = none, .op = found->op, .made = program_.new_file()});
    return;
  }
  if (thing == nullptr) return outside(now, reason::kUnknownFd);
  if (!thing->has_file && thing->kind == Kind::ns && thing->inum != 0 &&
      identities_.of(type_of(thing->link), thing->inum) != abi::kNoObject) {
    realize_ns(*thing, type_of(thing->link), {});
  }
  if (!thing->has_file) return outside(now, reason::kForeign);
  abi::NsIoctl op{.file = thing->file, .op = found->op};
  if (now.failed() && now.error() == "EFAULT") op.pointer = abi::Pointer::bad;
  if (command >= 0xff00) op.arg = integer(now.arg(2)).value_or(0);
  std::optional<std::int64_t> value;
  const bool translates = command >= 0xb706 && command <= 0xb709;
  if (translates) return outside(now, reason::kNumbers);
  if (found->op == abi::NsOp::get_nstype && now.ok()) value = now.value();
  if (found->op == abi::NsOp::get_owner_uid && now.ok() && now.arg(2) != nullptr &&
      now.arg(2)->items.size() == 1) {
    value = integer(&now.arg(2)->items[0]);
  }
  const bool parent = found->op == abi::NsOp::get_parent;
  const bool makes = found->makes.has_value() || parent;
  if (makes) op.made = program_.new_file();
  const Judged j = judge(now, op, {}, value);
  if (!now.ok() || !makes) return;
  Thing made = new_thing();
  made->kind = Kind::ns;
  made->link = parent ? thing->link : *found->makes;
  made->file = op.made;
  made->has_file = j.outcome == Outcome::both_ok;
  if (thing->kind == Kind::pidfd && thing->target != kNone) {
    made->ns = program_.ns(id(thing->target), made->link);
  } else if (!parent || made->link == abi::NsLink::user) {
    made->ns = program_.owner(thing->ns);
  }
  if (const auto made_shown = ns_text(now.text.ret.note)) {
    made->inum = made_shown->inum;
    see_inum(now, made_shown->type, made_shown->inum, made->ns);
  }
  fds(now.task).set(now.value(), std::move(made), true);
}

}  // namespace cli::strace_log
