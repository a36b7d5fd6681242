// Ids, capabilities, prctl, chroot and pivot_root (kernel/sys.c, security/commoncap.c, fs/open.c).
#include "model/calls/calls.h"

namespace model::calls {

namespace {

using abi::CapSet;
using abi::Id;
using abi::PrctlOp;
namespace cap = abi::cap;

// setresuid and setresgid: three ids, as the caller's user namespace shows them.
struct IdFacts {
  const State& s;
  const Cred& c;
  bool gid;
  std::array<Id, 3> asked;

  const std::array<Id, 3>& mine() const { return gid ? c.gid : c.uid; }
  const Extents& map() const {
    const Ns& n = s.ns[c.user_ns.at];
    return gid ? n.gid_map : n.uid_map;
  }
  Id kid(std::size_t i) const {
    return asked[i] == abi::kUnchanged ? mine()[i] : make_kid(map(), asked[i]);
  }
  bool id_unmapped() const {
    for (Id id : asked) {
      if (id != abi::kUnchanged && make_kid(map(), id) == abi::kUnchanged) return true;
    }
    return false;
  }
  bool changes() const { return kid(0) != mine()[0] || kid(1) != mine()[1] || kid(2) != mine()[2]; }
  bool real_changes() const { return kid(0) != mine()[0]; }
  bool id_refused() const {
    if (ns_capable(s, c, c.user_ns.at, gid ? cap::SETGID : cap::SETUID)) return false;
    for (std::size_t i = 0; i < 3; ++i) {
      const Id id = kid(i);
      if (id != mine()[0] && id != mine()[1] && id != mine()[2]) return true;
    }
    return false;
  }
};

// CRED-02.
void fix_caps(const State& s, Cred& c, const std::array<Id, 3>& old) {
  const Id root = make_kid(s.ns[c.user_ns.at].uid_map, 0);
  if (root == abi::kUnchanged) return;
  const auto any = [root](const std::array<Id, 3>& ids) {
    return ids[0] == root || ids[1] == root || ids[2] == root;
  };
  if (any(old) && !any(c.uid)) {
    if (!c.keepcaps) c.permitted = c.effective = 0;
    c.ambient = 0;
  }
  if (old[1] == root && c.uid[1] != root) c.effective = 0;
  if (old[1] != root && c.uid[1] == root) c.effective = c.permitted;
}

struct CapsetFacts {
  const State& s;
  const Cred& c;
  CapSet effective, permitted, inheritable;
  bool always() const { return true; }
  bool inheritable_new() const {
    return (inheritable & ~(c.inheritable | c.permitted)) != 0 &&
           !ns_capable(s, c, c.user_ns.at, cap::SETPCAP);
  }
  bool inheritable_unbounded() const { return (inheritable & ~(c.inheritable | c.bounding)) != 0; }
  bool permitted_new() const { return (permitted & ~c.permitted) != 0; }
  bool effective_unpermitted() const { return (effective & ~permitted) != 0; }
};

struct PrctlFacts {
  const State& s;
  const Cred& c;
  PrctlOp op;
  std::uint64_t arg;
  bool is(PrctlOp o) const { return op == o; }
  bool of_capability() const {
    return is(PrctlOp::capbset_drop) || is(PrctlOp::ambient_raise) || is(PrctlOp::ambient_lower);
  }
  bool bounding_refused() const {
    return is(PrctlOp::capbset_drop) && !ns_capable(s, c, c.user_ns.at, cap::SETPCAP);
  }
  bool capability_unknown() const { return of_capability() && arg > abi::kCapLast; }
  bool switch_unknown() const {
    return (is(PrctlOp::set_keepcaps) || is(PrctlOp::set_dumpable)) && arg > 1;
  }
  bool ambient_refused() const {
    return is(PrctlOp::ambient_raise) && (c.permitted & c.inheritable & (CapSet{1} << arg)) == 0;
  }
  bool changes_creds() const {
    return of_capability() || is(PrctlOp::ambient_clear_all) || is(PrctlOp::set_keepcaps);
  }
};

struct RootFacts {
  const State& s;
  const Task& t;
  bool chroot_cap() const {
    return ns_capable(s, cred_of(s, t), user_ns_of(s, t), cap::SYS_CHROOT);
  }
  bool may_mount() const {
    const Slot mnt = slot_ns(s, t, NsLink::mnt);
    return ns_capable(s, cred_of(s, t), s.ns[mnt].owner.at, cap::SYS_ADMIN);
  }
};

void set_root(State& s, Slot caller, bool inside) {
  const Slot fs = s.tasks[caller].fs.at;
  s.fs[fs].inside = inside;
  s.fs[fs].root_ns = s.id(s.ns_ref(slot_ns(s, s.tasks[caller], NsLink::mnt)));
  touch_sharers(s, fs);
}

}  // namespace

abi::Result run(State& s, Slot caller, const abi::Setresuid& c, std::uint16_t fault) {
  const IdFacts facts{s, cred_of(s, s.tasks[caller]), false, {c.real, c.effective, c.saved}};
  const spec::Judgement j = spec::judge<spec::Table::setresuid>(s, facts, fault);
  if (j.result.error != abi::Errno::kOk || !facts.changes()) return j.result;
  const std::array<Id, 3> old = facts.mine(), now = {facts.kid(0), facts.kid(1), facts.kid(2)};
  const Slot cred = copy_cred(s, s.tasks[caller].cred.at);
  s.creds[cred].uid = now;
  fix_caps(s, s.creds[cred], old);
  if (old[0] != now[0]) set_cred_ucounts(s, cred);
  commit_creds(s, caller, cred);
  return j.result;
}

abi::Result run(State& s, Slot caller, const abi::Setresgid& c, std::uint16_t fault) {
  const IdFacts facts{s, cred_of(s, s.tasks[caller]), true, {c.real, c.effective, c.saved}};
  const spec::Judgement j = spec::judge<spec::Table::setresgid>(s, facts, fault);
  if (j.result.error != abi::Errno::kOk || !facts.changes()) return j.result;
  const std::array<Id, 3> now = {facts.kid(0), facts.kid(1), facts.kid(2)};
  const Slot cred = copy_cred(s, s.tasks[caller].cred.at);
  s.creds[cred].gid = now;
  commit_creds(s, caller, cred);
  return j.result;
}

abi::Result run(State& s, Slot caller, const abi::Capset& c, std::uint16_t fault) {
  const CapsetFacts facts{s, cred_of(s, s.tasks[caller]), c.effective & abi::kCapFull,
                          c.permitted & abi::kCapFull, c.inheritable & abi::kCapFull};
  const spec::Judgement j = spec::judge<spec::Table::capset>(s, facts, fault);
  if (j.result.error != abi::Errno::kOk) return j.result;
  const CapSet effective = facts.effective, permitted = facts.permitted,
               inheritable = facts.inheritable;
  const Slot cred = copy_cred(s, s.tasks[caller].cred.at);
  Cred& now = s.creds[cred];
  now.effective = effective;
  now.permitted = permitted;
  now.inheritable = inheritable;
  now.ambient &= permitted & inheritable;
  commit_creds(s, caller, cred);
  return j.result;
}

abi::Result run(State& s, Slot caller, const abi::Prctl& c, std::uint16_t fault) {
  const PrctlFacts facts{s, cred_of(s, s.tasks[caller]), c.op, c.arg};
  const spec::Judgement j = spec::judge<spec::Table::prctl>(s, facts, fault);
  if (j.result.error != abi::Errno::kOk) return j.result;
  if (c.op == PrctlOp::set_dumpable) {
    s.mms[s.tasks[caller].mm.at].dumpable = c.arg == 1;
    return j.result;
  }
  if (c.op == PrctlOp::set_child_subreaper) {
    s.signals[s.tasks[caller].signal.at].subreaper = c.arg != 0;
    return j.result;
  }
  const Slot cred = copy_cred(s, s.tasks[caller].cred.at);
  Cred& now = s.creds[cred];
  switch (c.op) {
    case PrctlOp::capbset_drop:
      now.bounding &= ~(CapSet{1} << c.arg);
      break;
    case PrctlOp::ambient_raise:
      now.ambient |= CapSet{1} << c.arg;
      break;
    case PrctlOp::ambient_lower:
      now.ambient &= ~(CapSet{1} << c.arg);
      break;
    case PrctlOp::ambient_clear_all:
      now.ambient = 0;
      break;
    default:
      now.keepcaps = c.arg != 0;
      break;
  }
  commit_creds(s, caller, cred);
  return j.result;
}

abi::Result run(State& s, Slot caller, const abi::Chroot& c, std::uint16_t fault) {
  const spec::Judgement j =
      spec::judge<spec::Table::chroot>(s, RootFacts{s, s.tasks[caller]}, fault);
  if (j.result.error != abi::Errno::kOk) return j.result;
  set_root(s, caller, c.place == abi::RootPlace::inside);
  return j.result;
}

abi::Result run(State& s, Slot caller, const abi::PivotRoot&, std::uint16_t fault) {
  const spec::Judgement j =
      spec::judge<spec::Table::pivot_root>(s, RootFacts{s, s.tasks[caller]}, fault);
  if (j.result.error != abi::Errno::kOk) return j.result;
  set_root(s, caller, false);
  return j.result;
}

}  // namespace model::calls
