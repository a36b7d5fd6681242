#include "model/make.h"

namespace model {

Slot get_ucounts(State& s, Slot user_ns, abi::Id uid) {
  Slot at = find_ucounts(s, user_ns, uid);
  if (at != kNoSlot) return at;
  at = s.ucounts.make();
  s.ucounts[at].uid = uid;
  s.ucounts[at].user_ns =
      s.hold({ObjKind::ucounts, at}, {ObjKind::user, user_ns}, Why::ucounts_user_ns);
  s.ucounts_by_key.insert(State::ucounts_key(user_ns, uid), at);
  return at;
}

namespace {
// The part that all eight types share: owner, ucounts, charges.
Slot make_any_ns(State& s, NsType type, Slot owner, Slot charged_ns, abi::Id uid) {
  const Slot slot = s.ns.make();
  s.ns[slot].type = type;
  ++s.live_ns[abi::index(type)];
  const Ref self = s.ns_ref(slot);
  const Slot uc = get_ucounts(s, charged_ns, uid);
  s.ns[slot].ucounts = s.hold(self, {ObjKind::ucounts, uc}, Why::ns_ucounts);
  s.ns[slot].owner = s.hold(self, {ObjKind::user, owner}, Why::ns_owner);
  s.charge(slot, uc);
  s.touch(self);
  return slot;
}

// MOUNT-03: the copy has the binds of the original, but for those of mount namespaces; they are
// locked there if the owner changes.
void copy_mounts(State& s, Slot to, Slot from) {
  const bool lock = s.ns[to].owner.at != s.ns[from].owner.at;
  for (std::size_t i = 0; i < s.ns[from].mounts.size(); ++i) {
    const Mount original = s.mounts[s.ns[from].mounts[i]];
    if (s.inodes[original.inode.at].ns_kind == ObjKind::mnt) continue;
    const Slot copy = s.mounts.make();
    s.mounts[copy].name = original.name;
    s.mounts[copy].locked = original.locked || lock;
    s.mounts[copy].inode =
        s.hold({ObjKind::mount, copy}, {ObjKind::inode, original.inode.at}, Why::mount_inode);
    s.mounts[copy].by_ns = s.hold(s.ns_ref(to), {ObjKind::mount, copy}, Why::mount_ns);
    s.ns[to].mounts.push_back(copy);
  }
}
}  // namespace

Slot make_ns(State& s, NsType type, Slot owner, Slot charged_ns, abi::Id uid, Slot like) {
  const Slot slot = make_any_ns(s, type, owner, charged_ns, uid);
  switch (type) {
    case NsType::mnt:
      s.ns[slot].age = ++s.ages;
      copy_mounts(s, slot, like);
      break;
    case NsType::pid:
      s.ns[slot].level = s.ns[like].level + 1;
      s.ns[slot].parent = s.hold(s.ns_ref(slot), {ObjKind::pid_ns, like}, Why::ns_parent);
      break;
    case NsType::time:
      s.ns[slot].offset = s.ns[like].offset;
      break;
    default:
      break;
  }
  return slot;
}

Slot make_user_ns(State& s, const Cred& creator) {
  const Slot parent = creator.user_ns.at;
  const abi::Id uid = creator.uid[1], gid = creator.gid[1];
  const bool setfcap = (creator.effective >> abi::cap::SETFCAP & 1) != 0;
  const Slot slot = make_any_ns(s, NsType::user, parent, parent, uid);
  Ns& n = s.ns[slot];
  n.level = s.ns[parent].level + 1;
  n.owner_uid = uid;
  n.owner_gid = gid;
  n.max.fill(0x7fffffff);
  n.setgroups_allowed = s.ns[parent].setgroups_allowed;
  n.parent_could_setfcap = setfcap;
  return slot;
}

Slots slots_of(const State& s, const Task& t) {
  Slots out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = s.nsproxies[t.nsproxy.at].ns[i].at;
  return out;
}

Slot make_nsproxy(State& s, const Slots& slots) {
  const Slot slot = s.nsproxies.make();
  constexpr std::array<Why, abi::kNsproxySlots> why = {Why::mnt_ns,
                                                       Why::uts_ns,
                                                       Why::ipc_ns,
                                                       Why::pid_ns_for_children,
                                                       Why::cgroup_ns,
                                                       Why::net_ns,
                                                       Why::time_ns_for_children,
                                                       Why::time_ns};
  for (std::size_t i = 0; i < slots.size(); ++i) {
    s.nsproxies[slot].ns[i] = s.hold({ObjKind::nsproxy, slot}, s.ns_ref(slots[i]), why[i]);
  }
  s.nsproxies[slot].attached = true;
  return slot;
}

Slot copy_cred(State& s, Slot from) {
  const Slot slot = s.creds.make();
  const std::uint32_t generation = s.creds[slot].generation;
  const Slot user_ns = s.creds[from].user_ns.at, uc = s.creds[from].ucounts.at;
  s.creds[slot] = s.creds[from];
  s.creds[slot].generation = generation;
  s.creds[slot].first_holder = 0;
  const Ref self{ObjKind::cred, slot};
  s.creds[slot].user_ns = s.hold(self, {ObjKind::user, user_ns}, Why::cred_user_ns);
  s.creds[slot].ucounts = s.hold(self, {ObjKind::ucounts, uc}, Why::cred_ucounts);
  return slot;
}

void enter_user_ns(State& s, Slot cred, Slot user_ns) {
  Cred& c = s.creds[cred];
  s.replace(c.user_ns, {ObjKind::cred, cred}, {ObjKind::user, user_ns}, Why::cred_user_ns);
  c.effective = c.permitted = c.bounding = abi::kCapFull;
  c.inheritable = c.ambient = 0;
  c.keepcaps = false;
  set_cred_ucounts(s, cred);
}

void set_cred_ucounts(State& s, Slot cred) {
  const Slot uc = get_ucounts(s, s.creds[cred].user_ns.at, s.creds[cred].uid[0]);
  s.replace(s.creds[cred].ucounts, {ObjKind::cred, cred}, {ObjKind::ucounts, uc},
            Why::cred_ucounts);
}

Slot make_mm(State& s, Slot user_ns, bool dumpable) {
  const Slot slot = s.mms.make();
  s.mms[slot].dumpable = dumpable;
  s.mms[slot].user_ns = s.hold({ObjKind::mm, slot}, {ObjKind::user, user_ns}, Why::mm_user_ns);
  return slot;
}

Slot make_file(State& s, OpenKind kind, Slot opener, abi::FileId name) {
  const Slot slot = s.open_files.make();
  File& f = s.open_files[slot];
  f.kind = kind;
  f.name = name;
  f.cred = s.hold({ObjKind::file, slot}, {ObjKind::cred, s.tasks[opener].cred.at}, Why::file_cred);
  f.descriptor = s.hold({ObjKind::file, slot}, {ObjKind::file, slot}, Why::descriptor);
  s.file_names.set(name.n, slot);
  return slot;
}

Slot get_inode(State& s, Slot ns) {
  if (s.ns[ns].inode != kNoSlot) return s.ns[ns].inode;
  const Slot slot = s.inodes.make();
  s.inodes[slot].ns_kind = kind_of(s.ns[ns].type);
  s.inodes[slot].ns = s.hold({ObjKind::inode, slot}, s.ns_ref(ns), Why::inode_ns);
  s.ns[ns].inode = slot;
  return slot;
}

void open_ns_file(State& s, Slot ns, Slot opener, abi::FileId name, bool o_path) {
  const Slot inode = get_inode(s, ns);
  const Slot slot = make_file(s, OpenKind::nsfs, opener, name);
  s.open_files[slot].o_path = o_path;
  s.open_files[slot].inode =
      s.hold({ObjKind::file, slot}, {ObjKind::inode, inode}, Why::file_inode);
}

}  // namespace model
