// What holds in every state between calls. Each invariant has an id, a sentence, and a test that
// breaks a state on purpose and sees it reported (invariants_test.cc).
//
// Sources: sections 2, 11 and 15 of the semantics; the exceptions are Linux's own and are named.
#include "model/invariants.h"

#include <string>

#include "abi/recent_ids.h"
#include "model/query.h"

namespace model {

namespace {

constexpr std::array<InvariantInfo, 19> kInvariants = {{
    {"REF-ALIVE", "Whatever is held is alive, and so is its holder.", ""},
    {"REF-HELD", "Whatever is alive is held by somebody, initial namespaces apart.", ""},
    {"DATA-01", "A nsproxy leads to one live namespace of the right type in each slot.", ""},
    {"DATA-02", "A live task has a nsproxy; an exited one has none (EXIT-01).", ""},
    {"DATA-09",
     "User namespaces have levels 0 to 33, pid namespaces 0 to 32, each one more than "
     "its parent's.",
     ""},
    {"INV-04", "A namespace is charged once to its creator's ucounts and once on each level above.",
     ""},
    {"INV-05", "pid_ns_for_children is the active pid namespace or one below it.", ""},
    {"INV-06", "A pid namespace's owner is its parent's owner or below it.", ""},
    {"INV-07", "The threads of a process are in one user namespace.", ""},
    {"INV-08", "Tasks that share an address space are in one time namespace.",
     "BUG-17: before 6.2, clone3(NEWTIME|VM)"},
    {"INV-09", "A time namespace that a task is in has frozen offsets.", ""},
    {"INV-10", "Tasks that share an fs_struct are in one mount namespace.", "SETNS-44"},
    {"OWNER", "An owner outlives what it owns.", ""},
    {"NSFS-INODE", "A namespace has at most one nsfs inode, and it leads back.", ""},
    {"PIDNS-DEAD", "A dead pid namespace has no running member.", ""},
    {"PIDNS-INIT", "A pid namespace's reaper lives there, in the process that has number 1.", ""},
    {"SEM-UNDO", "Tasks that share an undo list are in one ipc namespace.", ""},
    {"CAP-SETS",
     "Effective capabilities are permitted; ambient ones are permitted and "
     "inheritable.",
     ""},
    {"ACT-INV", "A namespace in active use has an owner in active use (6.19 on).", ""},
}};

class Checker {
 public:
  Checker(const State& s, bool whole) : s_(s), whole_(whole) {}

  void task(Slot slot);
  void object(Ref r);
  std::vector<Violation> take() { return std::move(out_); }

 private:
  // `subject`: a Ref or a Task. It is named only if something is wrong: this is the inner loop.
  template <class Subject>
  void require(bool holds, std::string_view id, const char* what, const Subject& subject) {
    if (holds) [[likely]]
      return;
    out_.push_back({id, label(subject) + ": " + what});
  }
  std::string label(Ref r) const {
    return std::string(abi::name(r.kind)) + ":" + std::to_string(r.slot);
  }
  std::string label(const Task& t) const { return "t" + std::to_string(t.id.n); }

  void ns(Ref r);
  void sharers(Ref r);
  void charges(Ref r);
  template <class Key>
  bool agree(Ref r, Key key) const;

  const State& s_;
  const bool whole_;  // walk the holders of the initial namespaces too: there may be many
  std::vector<Violation> out_;
};

// Do all tasks that hold `r` and have not exited give the same key?
template <class Key>
bool Checker::agree(Ref r, Key key) const {
  Slot first = kNoSlot;
  for (std::uint32_t e = s_.head(r).first_holder; e != 0; e = s_.edges[e].next) {
    const Edge& edge = s_.edges[e];
    if (!edge.is_task || !s_.tasks[edge.from.slot].nsproxy) continue;
    const Slot k = key(s_.tasks[edge.from.slot]);
    if (first == kNoSlot) first = k;
    if (k != first) return false;
  }
  return true;
}

void Checker::task(Slot slot) {
  const Task& t = s_.tasks[slot];
  if (!t.alive) return;
  const bool live = is_live(t);
  require(static_cast<bool>(t.nsproxy) == live, "DATA-02",
          live ? "is running without a nsproxy" : "has exited and still has a nsproxy", t);
  const Cred& c = cred_of(s_, t);
  require((c.effective & ~c.permitted) == 0 && (c.ambient & ~(c.permitted & c.inheritable)) == 0,
          "CAP-SETS", "capability sets do not nest", t);
  if (!live || !t.nsproxy) return;
  require(in_pid_ns(s_, active_pid_ns(s_, t), slot_ns(s_, t, NsLink::pid_for_children)), "INV-05",
          "pid_for_children is not below the active pid namespace", t);
  require(s_.ns[slot_ns(s_, t, NsLink::time)].frozen, "INV-09", "its time namespace is not frozen",
          t);
  require(!s_.ns[active_pid_ns(s_, t)].dead, "PIDNS-DEAD", "runs in a dead pid namespace", t);
}

void Checker::sharers(Ref r) {
  switch (r.kind) {
    case ObjKind::mm:
      if (!s_.setup.profile.at_least(6, 2)) return;
      require(agree(r, [&](const Task& t) { return slot_ns(s_, t, NsLink::time); }), "INV-08",
              "is shared by tasks in several time namespaces", r);
      return;
    case ObjKind::fs:
      if (s_.fs[r.slot].split) return;
      require(agree(r, [&](const Task& t) { return slot_ns(s_, t, NsLink::mnt); }), "INV-10",
              "is shared by tasks in several mount namespaces", r);
      return;
    case ObjKind::undo:
      require(agree(r, [&](const Task& t) { return slot_ns(s_, t, NsLink::ipc); }), "SEM-UNDO",
              "is shared by tasks in several ipc namespaces", r);
      return;
    case ObjKind::signal:
      require(agree(r, [&](const Task& t) { return user_ns_of(s_, t); }), "INV-07",
              "has threads in several user namespaces", r);
      return;
    default:
      return;
  }
}

void Checker::charges(Ref r) {
  const Ns& n = s_.ns[r.slot];
  std::size_t levels = 0, charged = 0;
  for (Slot uc = n.ucounts.at; uc != kNoSlot; uc = s_.ns[s_.ucounts[uc].user_ns.at].ucounts.at) {
    ++levels;
  }
  for (std::uint32_t c = n.charges; c != 0; c = s_.charges[c].next_of_ns) ++charged;
  require(charged == levels, "INV-04", "is not charged once on each level", r);
}

void Checker::ns(Ref r) {
  const Ns& n = s_.ns[r.slot];
  if (n.inode != kNoSlot) {
    require(s_.inodes[n.inode].alive && s_.inodes[n.inode].ns.at == r.slot, "NSFS-INODE",
            "its inode does not lead back", r);
  }
  if (n.initial) return;
  require(s_.ns[n.owner.at].alive, "OWNER", "its owner is gone", r);
  charges(r);
  if (n.type == NsType::user) {
    require(n.level <= 33 && n.level == s_.ns[n.owner.at].level + 1, "DATA-09",
            "has a level that does not fit", r);
  }
  if (n.type == NsType::pid) {
    const Ns& parent = s_.ns[n.parent.at];
    require(n.level <= 32 && n.level == parent.level + 1, "DATA-09",
            "has a level that does not fit", r);
    require(in_userns(s_, parent.owner.at, n.owner.at), "INV-06",
            "its owner is not below its parent's owner", r);
    if (n.child_reaper != kNoSlot) {
      const Task& reaper = s_.tasks[n.child_reaper];
      const Slot leader = reaper.alive ? s_.signals[reaper.signal.at].leader : kNoSlot;
      require(leader != kNoSlot && number_in(s_, s_.tasks[leader].pid.at, r.slot) == 1,
              "PIDNS-INIT", "its reaper is not number 1 there", r);
    }
  }
  if (has_active(s_) && active_uses(s_, r.slot) > 0) {
    require(s_.ns[n.owner.at].initial || active_uses(s_, n.owner.at) > 0, "ACT-INV",
            "is in use while its owner is not", r);
  }
}

void Checker::object(Ref r) {
  const Head& h = s_.head(r);
  if (!h.alive) return;
  require(h.initial || h.first_holder != 0, "REF-HELD", "is alive and nobody holds it", r);
  for (std::uint32_t e = h.first_holder; e != 0 && (whole_ || !h.initial); e = s_.edges[e].next) {
    const Edge& edge = s_.edges[e];
    const bool fits = edge.to.slot == r.slot && edge.to.kind == r.kind &&
                      (edge.is_task ? s_.tasks[edge.from.slot].alive : s_.head(edge.from).alive);
    require(fits, "REF-ALIVE", "is held by something dead", r);
  }
  if (r.kind == ObjKind::nsproxy) {
    for (std::size_t i = 0; i < abi::kNsproxySlots; ++i) {
      const Hold& hold = s_.nsproxies[r.slot].ns[i];
      require(
          hold && s_.ns[hold.at].alive && s_.ns[hold.at].type == type_of(static_cast<NsLink>(i)),
          "DATA-01", "leads to a dead namespace or one of another type", r);
    }
  }
  if (abi::is_ns(r.kind)) ns(r);
  sharers(r);
}

}  // namespace

std::span<const InvariantInfo> invariants() { return kInvariants; }

std::vector<Violation> check_all(const State& s) {
  Checker c(s, true);
  for (Slot i = 0; i < s.tasks.size(); ++i) c.task(i);
  const auto all = [&c](ObjKind kind, const auto& pool) {
    for (Slot i = 0; i < pool.size(); ++i) c.object({kind, i});
  };
  for (Slot i = 0; i < s.ns.size(); ++i) c.object(s.ns_ref(i));
  all(ObjKind::nsproxy, s.nsproxies);
  all(ObjKind::cred, s.creds);
  all(ObjKind::ucounts, s.ucounts);
  all(ObjKind::pid, s.pids);
  all(ObjKind::fs, s.fs);
  all(ObjKind::files, s.files);
  all(ObjKind::mm, s.mms);
  all(ObjKind::sighand, s.sighands);
  all(ObjKind::signal, s.signals);
  all(ObjKind::undo, s.undos);
  all(ObjKind::inode, s.inodes);
  all(ObjKind::file, s.open_files);
  all(ObjKind::mount, s.mounts);
  return c.take();
}

std::vector<Violation> check_last(const State& s) {
  Checker c(s, false);
  abi::RecentIds seen;  // what a call touches, it touches several times
  for (abi::TaskId id : s.touched_tasks) {
    const Slot slot = s.task_names.find(id.n);
    if (slot == kNoSlot || slot == kGone) continue;
    const Task& t = s.tasks[slot];
    c.task(slot);
    for (Ref r : {Ref{ObjKind::mm, t.mm.at}, Ref{ObjKind::fs, t.fs.at},
                  Ref{ObjKind::undo, t.undo.at}, Ref{ObjKind::signal, t.signal.at}}) {
      if (r.slot != kNoSlot) c.object(r);
    }
  }
  for (abi::ObjId id : s.touched_objects) {
    if (seen.again(id)) continue;
    const Ref r = s.find(id);
    if (r.slot != kNoSlot) c.object(r);
  }
  return c.take();
}

}  // namespace model
