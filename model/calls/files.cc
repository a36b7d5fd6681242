// Namespace files, pidfds, other open files, and bind mounts (fs/nsfs.c, fs/proc/namespaces.c,
// kernel/pid.c, fs/namespace.c, 6.18).
#include "model/calls/calls.h"

namespace model::calls {

namespace {

struct OpenNsFacts {
  const State& s;
  const Task& t;
  Slot target;
  NsLink link;
  bool always() const { return true; }
  bool target_gone() const { return target == kNoSlot; }
  bool unconfigured() const { return model::unconfigured(s, type_of(link)); }
  bool target_private() const { return !may_inspect(s, t, s.tasks[target], true); }
  bool target_released() const { return link_ns(s, s.tasks[target], link) == kNoSlot; }
  bool childless() const {
    if (link != NsLink::pid_for_children) return false;
    const Ns& n = s.ns[link_ns(s, s.tasks[target], link)];
    return !n.initial && !n.had_init;
  }
  bool inode_missing() const { return s.ns[link_ns(s, s.tasks[target], link)].inode == kNoSlot; }
};

struct OpenPidfdFacts {
  const State& s;
  const Task& t;
  Slot target;
  bool thread;
  bool always() const { return true; }
  bool thread_wanted() const { return thread; }
  bool target_invisible() const {
    return target == kNoSlot || number_in(s, s.tasks[target].pid.at, active_pid_ns(s, t)) == 0;
  }
  bool not_leader() const { return s.signals[s.tasks[target].signal.at].leader != target; }
};

struct OpenFileFacts {
  abi::FileKind kind;
  Slot target;
  bool always() const { return true; }
  bool target_gone() const { return kind == abi::FileKind::proc_dir && target == kNoSlot; }
};

struct FileFacts {
  Slot file;
  bool file_closed() const { return file == kNoSlot; }
};

struct MountFacts {
  const State& s;
  const Task& t;
  Slot file = kNoSlot;
  Slot mount = kNoSlot;
  bool always() const { return true; }
  Slot mnt_ns() const { return slot_ns(s, t, NsLink::mnt); }
  bool file_closed() const { return file == kNoSlot; }
  bool file_pidfd() const { return !file_closed() && s.open_files[file].kind == OpenKind::pidfd; }
  bool file_nsfs() const { return s.open_files[file].kind == OpenKind::nsfs; }
  bool may_mount() const {
    return ns_capable(s, cred_of(s, t), s.ns[mnt_ns()].owner.at, abi::cap::SYS_ADMIN);
  }
  bool mnt_loop() const {
    const Ns& shown = s.ns[s.inodes[s.open_files[file].inode.at].ns.at];
    return shown.type == NsType::mnt && shown.age <= s.ns[mnt_ns()].age;
  }
  bool bind_missing() const { return mount == kNoSlot; }
  bool bind_locked() const { return s.mounts[mount].locked; }
};

Slot find_bind(const State& s, Slot mnt_ns, abi::BindId name) {
  for (Slot m : s.ns[mnt_ns].mounts) {
    if (s.mounts[m].name == name) return m;
  }
  return kNoSlot;
}

}  // namespace

abi::Result run(State& s, Slot caller, const abi::OpenNs& c, std::uint16_t fault) {
  const Slot target = find_task(s, c.target);
  const spec::Judgement j =
      spec::judge<spec::Table::open_ns>(s, OpenNsFacts{s, s.tasks[caller], target, c.link}, fault);
  if (j.result.error != abi::Errno::kOk) return j.result;
  open_ns_file(s, link_ns(s, s.tasks[target], c.link), caller, c.file, c.o_path);
  return j.result;
}

abi::Result run(State& s, Slot caller, const abi::OpenPidfd& c, std::uint16_t fault) {
  const Slot target = find_task(s, c.target);
  const spec::Judgement j = spec::judge<spec::Table::open_pidfd>(
      s, OpenPidfdFacts{s, s.tasks[caller], target, c.thread}, fault);
  if (j.result.error != abi::Errno::kOk) return j.result;
  const Slot file = make_file(s, OpenKind::pidfd, caller, c.file);
  s.open_files[file].thread = c.thread;
  s.open_files[file].pid =
      s.hold({ObjKind::file, file}, {ObjKind::pid, s.tasks[target].pid.at}, Why::file_pid);
  return j.result;
}

abi::Result run(State& s, Slot caller, const abi::OpenFile& c, std::uint16_t fault) {
  const Slot target = c.kind == abi::FileKind::proc_dir ? find_task(s, c.target) : kNoSlot;
  const spec::Judgement j =
      spec::judge<spec::Table::open_file>(s, OpenFileFacts{c.kind, target}, fault);
  if (j.result.error != abi::Errno::kOk) return j.result;
  const Slot file = make_file(s, OpenKind::other, caller, c.file);
  File& f = s.open_files[file];
  const Ref self{ObjKind::file, file};
  const Task& t = s.tasks[caller];
  switch (c.kind) {
    case abi::FileKind::regular:
      break;
    case abi::FileKind::socket:
      f.ns_kind = ObjKind::net;
      f.ns = s.hold(self, s.ns_ref(slot_ns(s, t, NsLink::net)), Why::file_net_ns);
      break;
    case abi::FileKind::cgroupfs:
      f.ns_kind = ObjKind::cgroup;
      f.ns = s.hold(self, s.ns_ref(slot_ns(s, t, NsLink::cgroup)), Why::file_cgroup_ns);
      break;
    case abi::FileKind::proc_dir:
      f.pid = s.hold(self, {ObjKind::pid, s.tasks[target].pid.at}, Why::file_pid);
      break;
  }
  return j.result;
}

abi::Result run(State& s, Slot, const abi::Close& c, std::uint16_t fault) {
  const Slot file = find_file(s, c.file);
  const spec::Judgement j = spec::judge<spec::Table::close>(s, FileFacts{file}, fault);
  if (j.result.error != abi::Errno::kOk) return j.result;
  s.file_names.set(c.file.n, kNoSlot);
  s.drop(s.open_files[file].descriptor, ObjKind::file);
  return j.result;
}

abi::Result run(State& s, Slot caller, const abi::BindNs& c, std::uint16_t fault) {
  const MountFacts facts{s, s.tasks[caller], find_file(s, c.file)};
  const Slot mnt_ns = facts.mnt_ns();
  if (facts.file_pidfd() && s.setup.profile.at_least(6, 14)) return abi::Result::skip();
  if (find_bind(s, mnt_ns, c.bind) != kNoSlot) return abi::Result::skip();
  const spec::Judgement j = spec::judge<spec::Table::bind_ns>(s, facts, fault);
  if (j.result.error != abi::Errno::kOk) return j.result;
  const Slot mount = s.mounts.make();
  s.mounts[mount].name = c.bind;
  s.mounts[mount].inode =
      s.hold({ObjKind::mount, mount}, {ObjKind::inode, s.open_files[facts.file].inode.at},
             Why::mount_inode);
  s.mounts[mount].by_ns = s.hold(s.ns_ref(mnt_ns), {ObjKind::mount, mount}, Why::mount_ns);
  s.ns[mnt_ns].mounts.push_back(mount);
  return j.result;
}

abi::Result run(State& s, Slot caller, const abi::UnbindNs& c, std::uint16_t fault) {
  MountFacts facts{s, s.tasks[caller]};
  const Slot mnt_ns = facts.mnt_ns();
  facts.mount = find_bind(s, mnt_ns, c.bind);
  const spec::Judgement j = spec::judge<spec::Table::unbind_ns>(s, facts, fault);
  if (j.result.error != abi::Errno::kOk) return j.result;
  std::erase(s.ns[mnt_ns].mounts, facts.mount);
  s.drop(s.mounts[facts.mount].by_ns, ObjKind::mount);
  return j.result;
}

}  // namespace model::calls
