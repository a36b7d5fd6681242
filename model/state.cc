#include "model/state.h"

namespace model {

namespace {
constexpr std::array<std::string_view, 34> kWhyNames = {
    "uts_ns",         "ipc_ns",        "mnt_ns",       "pid_ns_for_children",
    "cgroup_ns",      "net_ns",        "time_ns",      "time_ns_for_children",
    "task.nsproxy",   "task.cred",     "task.pid",     "task.fs",
    "task.files",     "task.mm",       "task.sighand", "task.signal",
    "task.undo_list", "cred.user_ns",  "cred.ucounts", "ns.owner",
    "ns.ucounts",     "ns.parent",     "ucounts.ns",   "mm.user_ns",
    "pid.ns",         "inode.ns",      "file.inode",   "file.f_cred",
    "file.pid",       "socket.net_ns", "cgroupfs.ns",  "descriptor",
    "mount.inode",    "mnt_ns.mounts"};

// A second edge's list is walked to its second element at most.
template <class Visit>
decltype(auto) with_pool(auto& s, ObjKind kind, Visit&& visit) {
  switch (kind) {
    case ObjKind::nsproxy:
      return visit(s.nsproxies);
    case ObjKind::cred:
      return visit(s.creds);
    case ObjKind::ucounts:
      return visit(s.ucounts);
    case ObjKind::pid:
      return visit(s.pids);
    case ObjKind::fs:
      return visit(s.fs);
    case ObjKind::files:
      return visit(s.files);
    case ObjKind::mm:
      return visit(s.mms);
    case ObjKind::sighand:
      return visit(s.sighands);
    case ObjKind::signal:
      return visit(s.signals);
    case ObjKind::undo:
      return visit(s.undos);
    case ObjKind::inode:
      return visit(s.inodes);
    case ObjKind::file:
      return visit(s.open_files);
    case ObjKind::mount:
      return visit(s.mounts);
    default:
      return visit(s.ns);
  }
}
}  // namespace

std::string_view name(Why why) { return kWhyNames[static_cast<std::size_t>(why)]; }

// Slot in the low half, then the generation, then the kind plus one, so that no id is 0.
abi::ObjId make_id(ObjKind kind, Slot slot, std::uint32_t generation) {
  return (static_cast<abi::ObjId>(abi::index(kind) + 1) << 58) |
         (static_cast<abi::ObjId>(generation & 0x3ffffff) << 32) | slot;
}

Head& State::head(Ref r) {
  return with_pool(*this, r.kind, [&](auto& pool) -> Head& { return pool[r.slot]; });
}
const Head& State::head(Ref r) const { return const_cast<State*>(this)->head(r); }

abi::ObjId State::id(Ref r) const { return make_id(r.kind, r.slot, head(r).generation); }

Ref State::find(abi::ObjId id) const {
  const std::size_t kind = static_cast<std::size_t>(id >> 58);
  if (kind == 0 || kind > abi::kObjKinds) return {};
  const Ref r{static_cast<ObjKind>(kind - 1), static_cast<Slot>(id)};
  const Slot size =
      with_pool(*this, r.kind, [](const auto& pool) { return static_cast<Slot>(pool.size()); });
  if (r.slot >= size || !head(r).alive || this->id(r) != id) return {r.kind, kNoSlot};
  return r;
}

void State::touch(Ref r) {
  touched_objects.push_back(id(r));
  if (!touch_owners || !abi::is_ns(r.kind)) return;
  for (Slot at = ns[r.slot].owner.at; at != kNoSlot; at = ns[at].owner.at) {
    touched_objects.push_back(id({ObjKind::user, at}));
  }
}

Hold State::link(Edge edge) {
  std::uint32_t at;
  if (free_edges.empty()) {
    at = static_cast<std::uint32_t>(edges.size());
    edges.emplace_back();
  } else {
    at = free_edges.back();
    free_edges.pop_back();
  }
  Head& target = head(edge.to);
  edge.prev = 0;
  edge.next = target.first_holder;
  if (edge.next != 0) edges[edge.next].prev = at;
  target.first_holder = at;
  edges[at] = edge;
  touch(edge.to);
  return {at, edge.to.slot};
}

Hold State::hold(Ref from, Ref to, Why why) { return link({from, to, why, false}); }

Hold State::hold_by_task(Slot task, Ref to, Why why) {
  return link({{ObjKind::file, task}, to, why, true});
}

void State::drop(Hold& h, ObjKind kind) {
  if (!h) return;
  const std::uint32_t at = h.edge;
  const Ref to{kind, h.at};
  h = {};
  Edge& e = edges[at];
  Head& target = head(to);
  if (e.next != 0) edges[e.next].prev = e.prev;
  if (e.prev != 0) {
    edges[e.prev].next = e.next;
  } else {
    target.first_holder = e.next;
  }
  free_edges.push_back(at);
  touch(to);
  if (target.first_holder == 0 && !target.initial) die(to);
}

void State::replace(Hold& h, Ref from, Ref to, Why why) {
  Hold old = h;
  h = hold(from, to, why);
  drop(old, to.kind);
}

void State::replace_by_task(Hold& h, Slot task, Ref to, Why why) {
  Hold old = h;
  h = hold_by_task(task, to, why);
  drop(old, to.kind);
}

bool State::held_once(Ref r) const {
  const std::uint32_t first = head(r).first_holder;
  return first != 0 && edges[first].next == 0;
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
  for (Slot mount : std::vector<Slot>(std::move(ns[slot].mounts))) {
    drop(mounts[mount].by_ns, ObjKind::mount);
  }
  --live_ns[abi::index(ns[slot].type)];
  ns.free(slot);
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
