#include "model/state.h"

namespace model {

namespace {
constexpr std::array<std::string_view, 35> kWhyNames = {
    "uts_ns",         "ipc_ns",        "mnt_ns",        "pid_ns_for_children",
    "cgroup_ns",      "net_ns",        "time_ns",       "time_ns_for_children",
    "task.nsproxy",   "task.cred",     "task.pid",      "task.fs",
    "task.files",     "task.mm",       "task.sighand",  "task.signal",
    "task.undo_list", "cred.user_ns",  "cred.ucounts",  "ns.owner",
    "ns.ucounts",     "ns.parent",     "ucounts.ns",    "mm.user_ns",
    "pid.ns",         "ipc_ns.sempid", "inode.ns",      "file.inode",
    "file.f_cred",    "file.pid",      "socket.net_ns", "cgroupfs.ns",
    "descriptor",     "mount.inode",   "mnt_ns.mounts"};
}  // namespace

std::string_view name(Why why) { return kWhyNames[static_cast<std::size_t>(why)]; }

Ref State::find(abi::ObjId id) const {
  const std::size_t kind = static_cast<std::size_t>(id >> 58);
  if (kind == 0 || kind > abi::kObjKinds) return {};
  const Ref r{static_cast<ObjKind>(kind - 1), static_cast<Slot>(id)};
  const bool found = with_pool(*this, r.kind, [&](const auto& pool) {
    return r.slot < pool.size() && pool[r.slot].alive &&
           make_id(r.kind, r.slot, pool[r.slot].generation) == id;
  });
  return found ? r : Ref{r.kind, kNoSlot};
}

bool State::held_once(Ref r) const {
  const std::uint32_t first = head(r).first_holder;
  return first != 0 && edges[first].next == 0;
}

// ACT-03, ACT-04: what changes a namespace's use may change its owners'.
void State::touch_owners_of(Slot slot) {
  for (Slot at = ns[slot].owner.at; at != kNoSlot; at = ns[at].owner.at) {
    touched_objects.push_back(id({ObjKind::user, at}));
  }
}

// The last holder went: let go of everything that the record held itself.
void State::die(Ref r) {
  switch (r.kind) {
    case ObjKind::nsproxy: {
      for (std::size_t i = 0; i < abi::kNsproxySlots; ++i) {
        drop(nsproxies[r.slot].ns[i], kind_of(type_of(static_cast<NsLink>(i))));
      }
      nsproxies.free(r.slot);
      return;
    }
    case ObjKind::cred: {
      Hold user = creds[r.slot].user_ns, uc = creds[r.slot].ucounts;
      creds.free(r.slot);
      drop(uc, ObjKind::ucounts);
      drop(user, ObjKind::user);
      return;
    }
    case ObjKind::ucounts: {
      Hold user = ucounts[r.slot].user_ns;
      ucounts_by_key.erase(ucounts_key(user.at, ucounts[r.slot].uid));
      ucounts.free(r.slot);
      drop(user, ObjKind::user);
      return;
    }
    case ObjKind::pid: {
      Hold inner = pids[r.slot].ns;
      pids.free(r.slot);
      drop(inner, ObjKind::pid_ns);
      return;
    }
    case ObjKind::fs:
      return fs.free(r.slot);
    case ObjKind::files:
      return files.free(r.slot);
    case ObjKind::mm: {
      Hold user = mms[r.slot].user_ns;
      mms.free(r.slot);
      drop(user, ObjKind::user);
      return;
    }
    case ObjKind::sighand:
      return sighands.free(r.slot);
    case ObjKind::signal:
      return signals.free(r.slot);
    case ObjKind::undo:
      return undos.free(r.slot);
    case ObjKind::inode: {
      Hold shown = inodes[r.slot].ns;
      const ObjKind kind = inodes[r.slot].ns_kind;
      ns[shown.at].inode = kNoSlot;
      inodes.free(r.slot);
      drop(shown, kind);
      return;
    }
    case ObjKind::file: {
      File& f = open_files[r.slot];
      Hold cred = f.cred, inode = f.inode, pid = f.pid, other = f.ns;
      const ObjKind kind = f.ns_kind;
      open_files.free(r.slot);
      drop(inode, ObjKind::inode);
      drop(pid, ObjKind::pid);
      drop(other, kind);
      drop(cred, ObjKind::cred);
      return;
    }
    case ObjKind::mount: {
      Hold inode = mounts[r.slot].inode;
      mounts.free(r.slot);
      drop(inode, ObjKind::inode);
      return;
    }
    default:
      return die_ns(r.slot);
  }
}

void State::die_ns(Slot slot) {
  uncharge(slot);
  Hold owner = ns[slot].owner, parent = ns[slot].parent, uc = ns[slot].ucounts;
  Hold sempid = ns[slot].sempid;
  for (Slot mount : std::vector<Slot>(std::move(ns[slot].mounts))) {
    drop(mounts[mount].by_ns, ObjKind::mount);
  }
  --live_ns[abi::index(ns[slot].type)];
  ns.free(slot);
  drop(sempid, ObjKind::pid);
  drop(parent, ObjKind::pid_ns);
  drop(uc, ObjKind::ucounts);
  drop(owner, ObjKind::user);
}

std::uint64_t State::ucounts_key(Slot user_ns, abi::Id uid) {
  return (static_cast<std::uint64_t>(user_ns) + 1) << 32 | uid;
}

void State::charge(Slot slot, Slot uc) {
  const NsType type = ns[slot].type;
  // The own ucounts first, then those that each user namespace on the way up was made with.
  for (Slot at = uc; at != kNoSlot; at = ns[ucounts[at].user_ns.at].ucounts.at) {
    std::uint32_t c;
    if (free_charges.empty()) {
      c = static_cast<std::uint32_t>(charges.size());
      charges.emplace_back();
    } else {
      c = free_charges.back();
      free_charges.pop_back();
    }
    std::uint32_t& first = ucounts[at].charges[abi::index(type)];
    charges[c] = {at, type, first, 0, ns[slot].charges};
    if (first != 0) charges[first].prev = c;
    first = c;
    ns[slot].charges = c;
  }
}

void State::uncharge(Slot slot) {
  for (std::uint32_t c = ns[slot].charges; c != 0; c = charges[c].next_of_ns) {
    const Charge& charge = charges[c];
    if (charge.next != 0) charges[charge.next].prev = charge.prev;
    if (charge.prev != 0) {
      charges[charge.prev].next = charge.next;
    } else {
      ucounts[charge.ucounts].charges[abi::index(charge.type)] = charge.next;
    }
    free_charges.push_back(c);
  }
  ns[slot].charges = 0;
}

}  // namespace model
