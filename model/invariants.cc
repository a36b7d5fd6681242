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

constexpr std::array<InvariantInfo, kInvariants> kTable = {{
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

// An invariant's place in the table, found by its id when this is compiled.
struct Id {
  consteval Id(const char* id) {  // NOLINT: converts on purpose
    while (kTable[at].id != id) ++at;
  }
  std::size_t at = 0;
};

class Checker {
 public:
  Checker(const State& s, bool whole, Exercised* exercised)
      : s_(s), whole_(whole), exercised_(exercised) {}

  void task(Slot slot);
  void object(Ref r);
  std::vector<Violation> take() { return std::move(out_); }

 private:
  // `subject`: a Ref or a Task. It is named only if something is wrong: this is the inner loop.
  template <class Subject>
  void require(bool holds, Id id, const char* what, const Subject& subject) {
    if (holds) [[likely]]
      return;
    out_.push_back({kTable[id.at].id, label(subject) + ": " + what});
  }
  // The invariant says something of what is being checked.
  void tells(Id id, std::uint64_t times = 1) {
    if (exercised_ != nullptr) (*exercised_)[id.at] += times;
  }
  std::string label(Ref r) const {
    return std::string(abi::name(r.kind)) + ":" + std::to_string(r.slot);
  }
  std::string label(const Task& t) const { return "t" + std::to_string(t.id.n); }

  void ns(Ref r);
  void sharers(Ref r);
  void charges(Ref r);
  template <class Key>
  void agree(Ref r, Id id, const char* what, Key key);

  const State& s_;
  const bool whole_;  // walk the holders of the initial namespaces too: there may be many
  Exercised* const exercised_;
  std::vector<Violation> out_;
};

// All tasks that hold `r` and have not exited give the same key.
template <class Key>
void Checker::agree(Ref r, Id id, const char* what, Key key) {
  Slot first = kNoSlot;
  bool same = true, several = false;
  for (std::uint32_t e = s_.head(r).first_holder; e != 0 && same; e = s_.edges[e].next) {
    const Edge& edge = s_.edges[e];
    if (!edge.is_task || !s_.tasks[edge.from.slot].nsproxy) continue;
    const Slot k = key(s_.tasks[edge.from.slot]);
    several = first != kNoSlot;
    if (!several) first = k;
    same = k == first;
  }
  if (several) tells(id);
  require(same, id, what, r);
}

void Checker::task(Slot slot) {
  const Task& t = s_.tasks[slot];
  if (!t.alive) return;
  const bool live = is_live(t);
  if (!live) tells("DATA-02");
  require(static_cast<bool>(t.nsproxy) == live, "DATA-02",
          live ? "is running without a nsproxy" : "has exited and still has a nsproxy", t);
  const Cred& c = cred_of(s_, t);
  if (c.effective != c.permitted || c.ambient != 0) tells("CAP-SETS");
  require((c.effective & ~c.permitted) == 0 && (c.ambient & ~(c.permitted & c.inheritable)) == 0,
          "CAP-SETS", "capability sets do not nest", t);
  if (!live || !t.nsproxy) return;
  const Slot active = active_pid_ns(s_, t), for_children = slot_ns(s_, t, NsLink::pid_for_children);
  if (active != for_children) tells("INV-05");
  require(in_pid_ns(s_, active, for_children), "INV-05",
          "pid_for_children is not below the active pid namespace", t);
  const Ns& time = s_.ns[slot_ns(s_, t, NsLink::time)];
  if (!time.initial) tells("INV-09");
  require(time.frozen, "INV-09", "its time namespace is not frozen", t);
  require(!s_.ns[active].dead, "PIDNS-DEAD", "runs in a dead pid namespace", t);
}

void Checker::sharers(Ref r) {
  switch (r.kind) {
    case ObjKind::mm:
      if (!s_.setup.profile.at_least(6, 2)) return;
      return agree(r, "INV-08", "is shared by tasks in several time namespaces",
                   [&](const Task& t) { return slot_ns(s_, t, NsLink::time); });
    case ObjKind::fs:
      if (s_.fs[r.slot].split) return;
      return agree(r, "INV-10", "is shared by tasks in several mount namespaces",
                   [&](const Task& t) { return slot_ns(s_, t, NsLink::mnt); });
    case ObjKind::undo:
      return agree(r, "SEM-UNDO", "is shared by tasks in several ipc namespaces",
                   [&](const Task& t) { return slot_ns(s_, t, NsLink::ipc); });
    case ObjKind::signal:
      return agree(r, "INV-07", "has threads in several user namespaces",
                   [&](const Task& t) { return user_ns_of(s_, t); });
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
  if (levels > 1) tells("INV-04");
  require(charged == levels, "INV-04", "is not charged once on each level", r);
}

void Checker::ns(Ref r) {
  const Ns& n = s_.ns[r.slot];
  if (n.inode != kNoSlot) {
    tells("NSFS-INODE");
    require(s_.inodes[n.inode].alive && s_.inodes[n.inode].ns.at == r.slot, "NSFS-INODE",
            "its inode does not lead back", r);
  }
  if (n.initial) return;
  if (!s_.ns[n.owner.at].initial) tells("OWNER");
  require(s_.ns[n.owner.at].alive, "OWNER", "its owner is gone", r);
  charges(r);
  if (n.type == NsType::user) {
    tells("DATA-09");
    require(n.level <= 33 && n.level == s_.ns[n.owner.at].level + 1, "DATA-09",
            "has a level that does not fit", r);
  }
  if (n.type == NsType::pid) {
    const Ns& parent = s_.ns[n.parent.at];
    tells("DATA-09");
    if (n.dead) tells("PIDNS-DEAD");
    if (n.owner.at != parent.owner.at) tells("INV-06");
    require(n.level <= 32 && n.level == parent.level + 1, "DATA-09",
            "has a level that does not fit", r);
    require(in_userns(s_, parent.owner.at, n.owner.at), "INV-06",
            "its owner is not below its parent's owner", r);
    if (n.child_reaper != kNoSlot) {
      tells("PIDNS-INIT");
      const Task& reaper = s_.tasks[n.child_reaper];
      const Slot leader = reaper.alive ? s_.signals[reaper.signal.at].leader : kNoSlot;
      require(leader != kNoSlot && number_in(s_, s_.tasks[leader].pid.at, r.slot) == 1,
              "PIDNS-INIT", "its reaper is not number 1 there", r);
    }
  }
  if (has_active(s_) && active_uses(s_, r.slot) > 0) {
    if (!s_.ns[n.owner.at].initial) tells("ACT-INV");
    require(s_.ns[n.owner.at].initial || active_uses(s_, n.owner.at) > 0, "ACT-INV",
            "is in use while its owner is not", r);
  }
}

void Checker::object(Ref r) {
  const Head& h = s_.head(r);
  if (!h.alive) return;
  if (!h.initial) tells("REF-HELD");
  require(h.initial || h.first_holder != 0, "REF-HELD", "is alive and nobody holds it", r);
  for (std::uint32_t e = h.first_holder; e != 0 && (whole_ || !h.initial); e = s_.edges[e].next) {
    const Edge& edge = s_.edges[e];
    const bool fits = edge.to.slot == r.slot && edge.to.kind == r.kind &&
                      (edge.is_task ? s_.tasks[edge.from.slot].alive : s_.head(edge.from).alive);
    tells("REF-ALIVE");
    require(fits, "REF-ALIVE", "is held by something dead", r);
  }
  if (r.kind == ObjKind::nsproxy) {
    tells("DATA-01");
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

std::span<const InvariantInfo> invariants() { return kTable; }

std::vector<Violation> check_all(const State& s, Exercised* exercised) {
  Checker c(s, true, exercised);
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

std::vector<Violation> check_last(const State& s, Exercised* exercised) {
  Checker c(s, false, exercised);
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
