#include "model/query.h"

#include <algorithm>
#include <array>

namespace model {

const Cred& cred_of(const State& s, const Task& t) { return s.creds[t.cred.at]; }
Slot user_ns_of(const State& s, const Task& t) { return cred_of(s, t).user_ns.at; }
Slot active_pid_ns(const State& s, const Task& t) { return s.pids[t.pid.at].ns.at; }
Slot slot_ns(const State& s, const Task& t, NsLink link) {
  return s.nsproxies[t.nsproxy.at].ns[abi::index(link)].at;
}

Slot link_ns(const State& s, const Task& t, NsLink link) {
  if (link == NsLink::pid) return active_pid_ns(s, t);
  if (link == NsLink::user) return user_ns_of(s, t);
  return t.nsproxy ? slot_ns(s, t, link) : kNoSlot;
}

bool unconfigured(const State& s, NsType type) {
  return type != NsType::mnt && !s.setup.profile.configured.has(type);
}

bool ns_capable(const State& s, const Cred& c, Slot target, int cap) {
  const Ns& mine = s.ns[c.user_ns.at];
  for (Slot at = target;; at = s.ns[at].owner.at) {
    if (at == c.user_ns.at) return (c.effective >> cap & 1) != 0;
    const Ns& n = s.ns[at];
    if (n.level <= mine.level) return false;
    if (n.owner.at == c.user_ns.at && n.owner_uid == c.uid[1]) return true;
  }
}

bool in_userns(const State& s, Slot ancestor, Slot ns) {
  Slot at = ns;
  while (s.ns[at].level > s.ns[ancestor].level) at = s.ns[at].owner.at;
  return at == ancestor;
}

bool in_pid_ns(const State& s, Slot ancestor, Slot ns) {
  Slot at = ns;
  while (s.ns[at].level > s.ns[ancestor].level) at = s.ns[at].parent.at;
  return at == ancestor;
}

abi::Id make_kid(const Extents& map, abi::Id id) {
  if (map.identity || id == abi::kUnchanged) return id;
  for (const abi::Extent& e : map.list) {
    if (id >= e.inside && id - e.inside < e.count) return e.outside + (id - e.inside);
  }
  return abi::kUnchanged;
}

abi::Id from_kid(const Extents& map, abi::Id kid) {
  if (map.identity || kid == abi::kUnchanged) return kid;
  for (const abi::Extent& e : map.list) {
    if (kid >= e.outside && kid - e.outside < e.count) return e.inside + (kid - e.outside);
  }
  return abi::kUnchanged;
}

bool is_live(const Task& t) {
  return t.state == TaskState::running || t.state == TaskState::blocked;
}

bool same_group(const Task& a, const Task& b) { return a.signal.at == b.signal.at; }

bool group_shared(const State& s, const Task& t) {
  const Slot first = s.signals[t.signal.at].threads;
  return s.tasks[first].next_thread != kNoSlot;
}

int live_threads(const State& s, Slot signal) {
  int live = 0;
  // Only the leader can be in the list without being live, so three steps decide.
  for (Slot at = s.signals[signal].threads; at != kNoSlot && live < 2;
       at = s.tasks[at].next_thread) {
    if (is_live(s.tasks[at])) ++live;
  }
  return live;
}

bool single_threaded(const State& s, const Task& t) {
  return live_threads(s, t.signal.at) == 1 && s.held_once({ObjKind::mm, t.mm.at});
}

bool chrooted(const State& s, const Task& t) {
  const Fs& fs = s.fs[t.fs.at];
  return fs.inside || fs.root_ns != s.id({ObjKind::mnt, slot_ns(s, t, NsLink::mnt)});
}

Slot find_ucounts(const State& s, Slot user_ns, abi::Id uid) {
  return s.ucounts_by_key.find(State::ucounts_key(user_ns, uid));
}

bool quota_full(const State& s, Slot user_ns, abi::Id uid, NsType type) {
  const std::size_t t = abi::index(type);
  Slot at = find_ucounts(s, user_ns, uid);
  for (Slot ns = user_ns; ns != kNoSlot;) {
    const std::uint32_t max = s.ns[ns].max[t];
    // INT_MAX cannot be reached; any other limit bounds the walk.
    if (max != 0x7fffffff) {
      std::uint32_t counted = 0;
      std::uint32_t c = at == kNoSlot ? 0 : s.ucounts[at].charges[t];
      while (c != 0 && counted < max) {
        ++counted;
        c = s.charges[c].next;
      }
      if (counted >= max) return true;
    }
    at = s.ns[ns].ucounts.at;
    ns = at == kNoSlot ? kNoSlot : s.ucounts[at].user_ns.at;
  }
  return false;
}

// Whether a task that has let go of its mm stays as dumpable as it was; before, it counts as
// dumpable (BUG-51). In mainline since 7.1; in stable series since May 2026: seen on 6.1.176,
// 6.12.117 and 6.18.44, of which the first two had it since 6.1.172 and 6.12.88.
bool remembers_dumpability(abi::Version v) {
  constexpr std::array<abi::Version, 3> kBackports = {{{6, 1, 172}, {6, 12, 88}, {6, 18, 44}}};
  return std::any_of(kBackports.begin(), kBackports.end(), [&](abi::Version backport) {
    return abi::Since{.mainline = {7, 1, 0}, .backport = backport}.reached(v);
  });
}

bool may_inspect(const State& s, const Task& caller, const Task& target, bool fscreds) {
  if (same_group(caller, target)) return true;
  const Cred& c = cred_of(s, caller);
  const Cred& t = cred_of(s, target);
  const abi::Id uid = c.uid[fscreds ? 1 : 0], gid = c.gid[fscreds ? 1 : 0];
  bool same = true;
  for (int i = 0; i < 3; ++i) same = same && t.uid[i] == uid && t.gid[i] == gid;
  const bool over_target = ns_capable(s, c, t.user_ns.at, abi::cap::SYS_PTRACE);
  if (!same && !over_target) return false;
  const bool gone = !target.mm;
  const bool remembered = target.was_dumpable || !remembers_dumpability(s.setup.profile.version);
  const bool dumpable = gone ? remembered : s.mms[target.mm.at].dumpable;
  const Slot over = gone ? s.initial[abi::index(NsType::user)] : s.mms[target.mm.at].user_ns.at;
  if (!dumpable && !ns_capable(s, c, over, abi::cap::SYS_PTRACE)) return false;
  const abi::CapSet caps = fscreds ? c.effective : c.permitted;
  return (c.user_ns.at == t.user_ns.at && (t.permitted & ~caps) == 0) || over_target;
}

std::int32_t number_in(const State& s, Slot pid, Slot ns) {
  for (std::uint32_t n = s.pids[pid].numbers; n != 0; n = s.numbers[n].outer) {
    if (s.numbers[n].ns == ns) return s.numbers[n].number;
  }
  return 0;
}

Slot pid_by_number(const State& s, Slot ns, std::int32_t number) {
  if (number <= 0) return kNoSlot;
  return s.pid_by_number.find((static_cast<std::uint64_t>(ns) + 1) << 32 |
                              static_cast<std::uint32_t>(number));
}

bool has_active(const State& s) { return s.setup.profile.at_least(6, 19); }

std::uint32_t active_uses(const State& s, Slot slot) {
  const Ns& n = s.ns[slot];
  if (n.initial) return 0;
  std::uint32_t uses = 0;
  for (std::uint32_t e = n.first_holder; e != 0; e = s.edges[e].next) {
    const Edge& edge = s.edges[e];
    switch (edge.why) {
      case Why::inode_ns:
        ++uses;
        break;
      case Why::pid_ns:
        if (s.pids[edge.from.slot].numbers != 0) ++uses;
        break;
      case Why::cred_user_ns:  // one for each task that has these credentials
        for (std::uint32_t h = s.creds[edge.from.slot].first_holder; h != 0; h = s.edges[h].next) {
          if (s.edges[h].is_task) ++uses;
        }
        break;
      case Why::ns_owner:
        if (active_uses(s, edge.from.slot) > 0) ++uses;
        break;
      default:
        if (edge.from.kind == ObjKind::nsproxy && !edge.is_task &&
            s.nsproxies[edge.from.slot].attached) {
          ++uses;
        }
    }
  }
  return uses;
}

}  // namespace model
