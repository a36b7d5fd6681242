// The ioctls of namespace files and pidfds (fs/nsfs.c, fs/pidfs.c, 6.18).
#include "model/calls/calls.h"

namespace model::calls {

namespace {

using abi::NsOp;

struct IoctlFacts {
  const State& s;
  const Task& t;
  const abi::NsIoctl& c;
  Slot file;
  Slot ns = kNoSlot;      // nsfs: its namespace
  Slot target = kNoSlot;  // pidfd: its task

  IoctlFacts(const State& state, const Task& task, const abi::NsIoctl& call)
      : s(state), t(task), c(call), file(find_file(state, call.file)) {
    if (file == kNoSlot) return;
    const File& f = s.open_files[file];
    if (f.kind == OpenKind::nsfs) ns = s.inodes[f.inode.at].ns.at;
    if (f.kind == OpenKind::pidfd) target = s.pids[f.pid.at].task;
  }

  bool file_pidfd() const { return s.open_files[file].kind == OpenKind::pidfd; }
  // From 6.11 to 6.13 a pidfd looked at the argument and the task before it looked at the command.
  bool old_pidfd() const {
    return file_pidfd() && s.setup.profile.at_least(6, 11) && !s.setup.profile.at_least(6, 14);
  }
  bool asks_task() const { return pidfd_op() || old_pidfd(); }
  bool argument_passed() const {
    const bool writes =
        c.op == NsOp::get_owner_uid || c.op == NsOp::get_mntns_id || c.op == NsOp::get_id;
    return writes ? c.pointer != abi::Pointer::null : c.arg != 0;
  }

  bool is(NsOp op) const { return c.op == op && ns != kNoSlot; }
  bool nsfs_op() const { return c.op >= NsOp::get_userns && c.op <= NsOp::get_tgid_in_pidns; }
  bool pidfd_op() const { return c.op >= NsOp::pidfd_get_cgroup; }
  bool translation() const {
    return ns != kNoSlot && c.op >= NsOp::get_pid_from_pidns && c.op <= NsOp::get_tgid_in_pidns;
  }
  bool ns_is(NsType type) const { return ns != kNoSlot && s.ns[ns].type == type; }

  bool file_unusable() const { return file == kNoSlot || s.open_files[file].o_path; }
  bool op_unknown() const {
    if (old_pidfd()) return false;
    const OpenKind kind = s.open_files[file].kind;
    return !(kind == OpenKind::nsfs && nsfs_op()) && !(kind == OpenKind::pidfd && pidfd_op());
  }
  bool op_mistaken() const { return is(NsOp::pidfd_get_uts); }
  bool op_of_6_11() const { return is(NsOp::get_mntns_id) || translation() || pidfd_op(); }
  bool op_get_id() const { return is(NsOp::get_id); }
  bool parent_of_flat() const {
    return is(NsOp::get_parent) && !ns_is(NsType::user) && !ns_is(NsType::pid);
  }
  bool asks_owner() const {
    return is(NsOp::get_userns) || (is(NsOp::get_parent) && ns_is(NsType::user));
  }
  bool asks_pid_parent() const { return is(NsOp::get_parent) && ns_is(NsType::pid); }
  bool owner_out_of_sight() const {
    if (!asks_owner()) return false;
    const Slot owner = s.ns[ns].owner.at;
    return owner == kNoSlot || !in_userns(s, user_ns_of(s, t), owner);
  }
  bool parent_out_of_sight() const {
    if (!asks_pid_parent()) return false;
    const Slot parent = s.ns[ns].parent.at;
    return parent == kNoSlot || !in_pid_ns(s, active_pid_ns(s, t), parent);
  }
  bool owner_uid_of_other() const { return is(NsOp::get_owner_uid) && !ns_is(NsType::user); }
  bool mntns_id_of_other() const { return is(NsOp::get_mntns_id) && !ns_is(NsType::mnt); }
  bool result_pointer_bad() const {
    return (is(NsOp::get_owner_uid) || is(NsOp::get_mntns_id) || is(NsOp::get_id)) &&
           c.pointer != abi::Pointer::good;
  }
  bool translation_of_other() const { return translation() && !ns_is(NsType::pid); }
  bool translation_fails() const { return translation() && translated() == 0; }
  bool target_gone() const { return target == kNoSlot; }
  bool argument_set() const { return c.arg != 0; }
  bool target_released() const { return !s.tasks[target].nsproxy; }
  bool target_private() const { return !may_inspect(s, t, s.tasks[target], true); }
  bool unconfigured() const { return model::unconfigured(s, type_of(link())); }
  bool makes_file() const { return asks_owner() || asks_pid_parent() || pidfd_op(); }
  bool inode_missing() const { return makes_file() && s.ns[made()].inode == kNoSlot; }

  NsLink link() const {
    constexpr std::array<NsLink, 10> links = {NsLink::cgroup, NsLink::ipc,
                                              NsLink::mnt,    NsLink::net,
                                              NsLink::pid,    NsLink::pid_for_children,
                                              NsLink::time,   NsLink::time_for_children,
                                              NsLink::user,   NsLink::uts};
    return links[static_cast<std::size_t>(c.op) - static_cast<std::size_t>(NsOp::pidfd_get_cgroup)];
  }
  // The namespace that the new descriptor shows.
  Slot made() const {
    if (asks_owner()) return s.ns[ns].owner.at;
    if (asks_pid_parent()) return s.ns[ns].parent.at;
    return link_ns(s, s.tasks[target], link());
  }
  // The number that a translation gives, 0 for none.
  std::int32_t translated() const {
    const auto asked = static_cast<std::int32_t>(c.arg);  // pid_t: the high half does not get in
    if (asked <= 0) return 0;
    const bool from = is(NsOp::get_pid_from_pidns) || is(NsOp::get_tgid_from_pidns);
    const bool tgid = is(NsOp::get_tgid_from_pidns) || is(NsOp::get_tgid_in_pidns);
    const Slot mine = active_pid_ns(s, t);
    Slot pid = pid_by_number(s, from ? ns : mine, asked);
    if (pid == kNoSlot || s.pids[pid].task == kNoSlot) return 0;
    if (tgid) pid = s.tasks[s.signals[s.tasks[s.pids[pid].task].signal.at].leader].pid.at;
    return number_in(s, pid, from ? mine : ns);
  }
};

abi::Id shown_owner(const State& s, const Task& t, Slot user_ns) {
  const abi::Id seen = from_kid(s.ns[user_ns_of(s, t)].uid_map, s.ns[user_ns].owner_uid);
  return seen == abi::kUnchanged ? 65534 : seen;  // the overflow uid
}

}  // namespace

abi::Result run(State& s, Slot caller, const abi::NsIoctl& c, std::uint16_t fault) {
  const IoctlFacts facts(s, s.tasks[caller], c);
  spec::Judgement j = spec::judge<spec::Table::ioctl>(s, facts, fault);
  if (j.result.error != abi::Errno::kOk) return j.result;
  if (facts.makes_file()) {
    open_ns_file(s, facts.made(), caller, c.made, false);
  } else if (facts.translation()) {
    j.result.value = facts.translated();
  } else if (c.op == NsOp::get_nstype) {
    j.result.value = static_cast<std::int64_t>(flag_of(s.ns[facts.ns].type).bits());
  } else if (c.op == NsOp::get_owner_uid) {
    j.result.value = shown_owner(s, s.tasks[caller], facts.ns);
  } else {
    j.result.value = static_cast<std::int64_t>(s.id(s.ns_ref(facts.ns)));
  }
  return j.result;
}

}  // namespace model::calls
