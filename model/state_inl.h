// The inner loop of every step: finding a record's head, making and dropping an edge. In a header,
// so that a kind that is constant at the call leaves no switch behind. Included by state.h only.
#pragma once

namespace model {

// Calls visit() with the pool of a kind.
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

inline Head& State::head(Ref r) {
  return with_pool(*this, r.kind, [&](auto& pool) -> Head& { return pool[r.slot]; });
}
inline const Head& State::head(Ref r) const {
  return with_pool(*this, r.kind, [&](const auto& pool) -> const Head& { return pool[r.slot]; });
}

inline abi::ObjId State::id(Ref r) const { return make_id(r.kind, r.slot, head(r).generation); }

inline void State::touch(Ref r) { touch(r, head(r).generation); }

inline void State::touch(Ref r, std::uint32_t generation) {
  touched_objects.push_back(make_id(r.kind, r.slot, generation));
  if (touch_owners && abi::is_ns(r.kind)) touch_owners_of(r.slot);
}

inline Hold State::link(const Edge& edge) {
  std::uint32_t at;
  if (free_edges.empty()) {
    at = static_cast<std::uint32_t>(edges.size());
    edges.emplace_back();
  } else {
    at = free_edges.back();
    free_edges.pop_back();
  }
  Head& target = head(edge.to);
  const std::uint32_t next = target.first_holder;
  target.first_holder = at;
  edges[at] = edge;
  edges[at].next = next;
  if (next != 0) edges[next].prev = at;
  touch(edge.to, target.generation);
  return {at, edge.to.slot};
}

inline Hold State::hold(Ref from, Ref to, Why why) { return link({from, to, why, false}); }

inline Hold State::hold_by_task(Slot task, Ref to, Why why) {
  return link({{ObjKind::file, task}, to, why, true});
}

inline void State::drop(Hold& h, ObjKind kind) {
  if (!h) return;
  const std::uint32_t at = h.edge;
  const Ref to{kind, h.at};
  h = {};
  const Edge& e = edges[at];
  Head& target = head(to);
  if (e.next != 0) edges[e.next].prev = e.prev;
  (e.prev != 0 ? edges[e.prev].next : target.first_holder) = e.next;
  free_edges.push_back(at);
  touch(to, target.generation);
  if (target.first_holder == 0 && !target.initial) die(to);
}

inline void State::replace(Hold& h, Ref from, Ref to, Why why) {
  Hold old = h;
  h = hold(from, to, why);
  drop(old, to.kind);
}

inline void State::replace_by_task(Hold& h, Slot task, Ref to, Why why) {
  Hold old = h;
  h = hold_by_task(task, to, why);
  drop(old, to.kind);
}

}  // namespace model
