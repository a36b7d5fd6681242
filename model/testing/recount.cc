#include "model/testing/recount.h"

#include <map>
#include <utility>

#include "abi/view.h"

namespace model {

namespace {

class Recount {
 public:
  explicit Recount(const State& s) : s_(s) {}

  std::string run() {
    records();
    if (!wrong_.empty()) return wrong_;
    compare();
    quotas();
    return wrong_;
  }

 private:
  template <class Pool, class Visit>
  static void each(const Pool& pool, Visit visit) {
    for (Slot i = 0; i < pool.size(); ++i) {
      if (pool[i].alive) visit(i, pool[i]);
    }
  }

  void field(const Hold& hold, ObjKind kind) {
    if (!hold) return;
    ++counted_[{abi::index(kind), hold.at}];
    const Edge& edge = s_.edges[hold.edge];
    if (edge.to.slot != hold.at || edge.to.kind != kind) say(kind, hold.at, "has a stray edge");
  }

  void records() {
    each(s_.tasks, [this](Slot, const Task& t) {
      field(t.nsproxy, ObjKind::nsproxy);
      field(t.cred, ObjKind::cred);
      field(t.pid, ObjKind::pid);
      field(t.fs, ObjKind::fs);
      field(t.files, ObjKind::files);
      field(t.mm, ObjKind::mm);
      field(t.sighand, ObjKind::sighand);
      field(t.signal, ObjKind::signal);
      field(t.undo, ObjKind::undo);
    });
    each(s_.nsproxies, [this](Slot, const Nsproxy& p) {
      for (std::size_t i = 0; i < p.ns.size(); ++i) {
        field(p.ns[i], kind_of(type_of(static_cast<NsLink>(i))));
      }
    });
    each(s_.ns, [this](Slot, const Ns& n) {
      field(n.owner, ObjKind::user);
      field(n.ucounts, ObjKind::ucounts);
      field(n.parent, ObjKind::pid_ns);
      field(n.sempid, ObjKind::pid);
    });
    each(s_.creds, [this](Slot, const Cred& c) {
      field(c.user_ns, ObjKind::user);
      field(c.ucounts, ObjKind::ucounts);
    });
    each(s_.ucounts, [this](Slot, const Ucounts& u) { field(u.user_ns, ObjKind::user); });
    each(s_.pids, [this](Slot, const Pid& p) { field(p.ns, ObjKind::pid_ns); });
    each(s_.mms, [this](Slot, const Mm& m) { field(m.user_ns, ObjKind::user); });
    each(s_.inodes, [this](Slot, const Inode& i) { field(i.ns, i.ns_kind); });
    each(s_.open_files, [this](Slot, const File& f) {
      field(f.descriptor, ObjKind::file);
      field(f.cred, ObjKind::cred);
      field(f.inode, ObjKind::inode);
      field(f.pid, ObjKind::pid);
      field(f.ns, f.ns_kind);
    });
    each(s_.mounts, [this](Slot, const Mount& m) {
      field(m.by_ns, ObjKind::mount);
      field(m.inode, ObjKind::inode);
    });
  }

  void compare() {
    each(s_.ns, [this](Slot i, const Ns& n) { object(kind_of(n.type), i, n); });
    each(s_.nsproxies, [this](Slot i, const Head& h) { object(ObjKind::nsproxy, i, h); });
    each(s_.creds, [this](Slot i, const Head& h) { object(ObjKind::cred, i, h); });
    each(s_.ucounts, [this](Slot i, const Head& h) { object(ObjKind::ucounts, i, h); });
    each(s_.pids, [this](Slot i, const Head& h) { object(ObjKind::pid, i, h); });
    each(s_.fs, [this](Slot i, const Head& h) { object(ObjKind::fs, i, h); });
    each(s_.files, [this](Slot i, const Head& h) { object(ObjKind::files, i, h); });
    each(s_.mms, [this](Slot i, const Head& h) { object(ObjKind::mm, i, h); });
    each(s_.sighands, [this](Slot i, const Head& h) { object(ObjKind::sighand, i, h); });
    each(s_.signals, [this](Slot i, const Head& h) { object(ObjKind::signal, i, h); });
    each(s_.undos, [this](Slot i, const Head& h) { object(ObjKind::undo, i, h); });
    each(s_.inodes, [this](Slot i, const Head& h) { object(ObjKind::inode, i, h); });
    each(s_.open_files, [this](Slot i, const Head& h) { object(ObjKind::file, i, h); });
    each(s_.mounts, [this](Slot i, const Head& h) { object(ObjKind::mount, i, h); });
    for (const auto& [what, n] : counted_) {
      if (n != 0) say(static_cast<ObjKind>(what.first), what.second, "is held but not alive");
    }
  }

  // What is left in counted_ afterwards is held and not alive.
  void object(ObjKind kind, Slot slot, const Head& h) {
    std::uint32_t holders = 0;
    for (std::uint32_t e = h.first_holder; e != 0; e = s_.edges[e].next) ++holders;
    std::uint32_t& fields = counted_[{abi::index(kind), slot}];
    if (holders != fields) say(kind, slot, "is held by others than its list says");
    fields = 0;
  }

  // UCNT-01, INV-04: each namespace once with its creator, and once with the creator of each user
  // namespace on the way up.
  void quotas() {
    std::map<std::pair<Slot, NsType>, int> due;
    each(s_.ns, [&](Slot, const Ns& n) {
      for (Slot uc = n.ucounts.at; uc != kNoSlot;
           uc = s_.ns[s_.ucounts[uc].user_ns.at].ucounts.at) {
        ++due[{uc, n.type}];
      }
    });
    each(s_.ucounts, [&](Slot i, const Ucounts& u) {
      for (const NsType type : abi::kAllNsTypes) {
        int charged = 0;
        for (std::uint32_t c = u.charges[abi::index(type)]; c != 0; c = s_.charges[c].next) {
          ++charged;
        }
        if (charged != due[{i, type}]) say(ObjKind::ucounts, i, "has a wrong charge");
      }
    });
  }

  void say(ObjKind kind, Slot slot, const char* what) {
    if (!wrong_.empty()) return;
    wrong_ = std::string(abi::name(kind)) + ":" + std::to_string(slot) + " " + what;
  }

  const State& s_;
  std::map<std::pair<std::size_t, Slot>, std::uint32_t> counted_;
  std::string wrong_;
};

}  // namespace

std::string recount(const State& s) { return Recount(s).run(); }

}  // namespace model
