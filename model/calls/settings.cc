// What is written under /proc: id maps, setgroups, limits, time offsets; and the semaphore
// (kernel/user_namespace.c, kernel/ucount.c, kernel/time/namespace.c, ipc/sem.c, 6.18).
#include "model/calls/calls.h"

namespace model::calls {

namespace {

using abi::Extent;
using abi::Id;
namespace cap = abi::cap;

struct MapFacts {
  const State& s;
  const Task& t;
  Slot target;  // task
  abi::MapKind kind = abi::MapKind::uid;
  const std::vector<Extent>* extents = nullptr;
  bool allow = false;

  const Cred& cred() const { return cred_of(s, t); }
  Slot user_ns() const { return user_ns_of(s, s.tasks[target]); }
  Slot parent() const { return s.ns[user_ns()].owner.at; }
  bool gid() const { return kind == abi::MapKind::gid; }
  const Extents& parent_map() const {
    return gid() ? s.ns[parent()].gid_map : s.ns[parent()].uid_map;
  }
  bool target_gone() const { return target == kNoSlot; }
  bool map_of_initial() const { return s.ns[user_ns()].initial; }
  bool writer_elsewhere() const {
    const Slot writer = cred().user_ns.at;
    return writer != user_ns() && writer != parent();
  }
  bool map_written() const {
    return !(gid() ? s.ns[user_ns()].gid_map : s.ns[user_ns()].uid_map).list.empty();
  }
  bool admin_over_map() const { return ns_capable(s, cred(), user_ns(), cap::SYS_ADMIN); }
  bool extents_bad() const;
  bool root_map_refused() const;
  bool self_map() const {
    if (extents->size() != 1 || extents->front().count != 1) return false;
    const Id kid = make_kid(parent_map(), extents->front().outside);
    return s.ns[user_ns()].owner_uid == cred().uid[1] &&
           kid == (gid() ? cred().gid[1] : cred().uid[1]) && kid != abi::kUnchanged;
  }
  bool privileged() const {
    return ns_capable(s, cred(), parent(), gid() ? cap::SETGID : cap::SETUID);
  }
  bool gid_before_deny() const {
    return gid() && self_map() && s.ns[user_ns()].setgroups_allowed && !privileged();
  }
  bool map_refused() const { return !self_map() && !privileged(); }
  bool outside_unmapped() const {
    for (const Extent& e : *extents) {
      if (map_range(e) == abi::kUnchanged) return true;
    }
    return false;
  }
  // The kernel id of an extent's first id, if the parent maps all of it in one extent
  // (map_id_range_down).
  Id map_range(const Extent& e) const {
    const Extents& map = parent_map();
    if (map.identity) return e.outside;
    for (const Extent& p : map.list) {
      if (e.outside >= p.inside && e.outside - p.inside < p.count &&
          e.count <= p.count - (e.outside - p.inside)) {
        return p.outside + (e.outside - p.inside);
      }
    }
    return abi::kUnchanged;
  }
  bool allow_after_deny() const { return allow && !s.ns[user_ns()].setgroups_allowed; }
  bool deny_after_map() const {
    const Extents& map = s.ns[user_ns()].gid_map;
    return !allow && (map.identity || !map.list.empty());
  }
};

bool MapFacts::extents_bad() const {
  if (extents->empty() || extents->size() > 340) return true;
  // A range may not reach 4294967295, which means no id.
  const auto wraps = [](Id first, Id count) { return first + count <= first; };
  const auto overlap = [](Id a, Id a_count, Id b, Id b_count) {
    return a <= b + (b_count - 1) && b <= a + (a_count - 1);
  };
  for (std::size_t i = 0; i < extents->size(); ++i) {
    const Extent& e = (*extents)[i];
    if (e.inside == abi::kUnchanged || e.outside == abi::kUnchanged) return true;
    if (wraps(e.inside, e.count) || wraps(e.outside, e.count)) return true;
    for (std::size_t k = 0; k < i; ++k) {
      const Extent& o = (*extents)[k];
      if (overlap(e.inside, e.count, o.inside, o.count) ||
          overlap(e.outside, e.count, o.outside, o.count)) {
        return true;
      }
    }
  }
  return false;
}

// verify_root_map(): mapping the parent's uid 0 needs CAP_SETFCAP, of the creator when the writer
// is in the new namespace, else over the parent.
bool MapFacts::root_map_refused() const {
  if (gid()) return false;
  bool maps_root = false;
  for (const Extent& e : *extents) maps_root = maps_root || e.outside == 0;
  if (!maps_root) return false;
  if (cred().user_ns.at == user_ns()) return !s.ns[user_ns()].parent_could_setfcap;
  return !ns_capable(s, cred(), parent(), cap::SETFCAP);
}

struct LimitFacts {
  const State& s;
  const Task& t;
  std::uint32_t max;
  bool resource_cap() const {
    return ns_capable(s, cred_of(s, t), user_ns_of(s, t), cap::SYS_RESOURCE);
  }
  bool limit_too_big() const { return max > 0x7fffffff; }
};

struct TimensFacts {
  const State& s;
  const Task& t;
  Slot target;
  std::int64_t seconds, nanoseconds;
  Slot ns() const { return slot_ns(s, s.tasks[target], NsLink::time_for_children); }
  bool unconfigured() const { return model::unconfigured(s, NsType::time); }
  bool nanoseconds_bad() const { return nanoseconds < 0 || nanoseconds > 999999999; }
  bool target_released() const { return target == kNoSlot || !s.tasks[target].nsproxy; }
  bool time_cap() const { return ns_capable(s, cred_of(s, t), s.ns[ns()].owner.at, cap::SYS_TIME); }
  bool offset_out_of_range() const { return seconds < 0 || seconds > 4611686018; }
  bool frozen() const { return s.ns[ns()].frozen; }
};

struct SemFacts {
  const Task& t;
  bool has_undo() const { return static_cast<bool>(t.undo); }
};

}  // namespace

abi::Result run(State& s, Slot caller, const abi::WriteIdMap& c, std::uint16_t fault) {
  const MapFacts facts{s, s.tasks[caller], find_task(s, c.target), c.kind, &c.extents};
  const spec::Judgement j = spec::judge<spec::Table::write_id_map>(s, facts, fault);
  if (j.result.error != abi::Errno::kOk) return j.result;
  Ns& n = s.ns[facts.user_ns()];
  Extents& map = facts.gid() ? n.gid_map : n.uid_map;
  std::vector<Extent> list = c.extents;
  for (Extent& e : list) e.outside = facts.map_range(e);
  map.list = std::move(list);
  s.touch(s.ns_ref(facts.user_ns()));
  return j.result;
}

abi::Result run(State& s, Slot caller, const abi::WriteSetgroups& c, std::uint16_t fault) {
  MapFacts facts{s, s.tasks[caller], find_task(s, c.target)};
  facts.allow = c.allow;
  const spec::Judgement j = spec::judge<spec::Table::write_setgroups>(s, facts, fault);
  if (j.result.error != abi::Errno::kOk) return j.result;
  if (!c.allow) s.ns[facts.user_ns()].setgroups_allowed = false;
  return j.result;
}

abi::Result run(State& s, Slot caller, const abi::SetLimit& c, std::uint16_t fault) {
  const spec::Judgement j =
      spec::judge<spec::Table::set_limit>(s, LimitFacts{s, s.tasks[caller], c.max}, fault);
  if (j.result.error != abi::Errno::kOk) return j.result;
  s.ns[user_ns_of(s, s.tasks[caller])].max[abi::index(c.type)] = c.max;
  return j.result;
}

abi::Result run(State& s, Slot caller, const abi::WriteTimens& c, std::uint16_t fault) {
  const TimensFacts facts{s, s.tasks[caller], find_task(s, c.target), c.seconds, c.nanoseconds};
  const spec::Judgement j = spec::judge<spec::Table::write_timens>(s, facts, fault);
  if (j.result.error != abi::Errno::kOk) return j.result;
  s.ns[facts.ns()].offset = c.seconds;
  s.touch(s.ns_ref(facts.ns()));
  return j.result;
}

abi::Result run(State& s, Slot caller, const abi::Semop&, std::uint16_t fault) {
  const spec::Judgement j = spec::judge<spec::Table::semop>(s, SemFacts{s.tasks[caller]}, fault);
  if (j.result.error != abi::Errno::kOk) return j.result;
  Task& t = s.tasks[caller];
  if (!t.undo) {
    t.undo = s.hold_by_task(caller, {ObjKind::undo, s.undos.make()}, Why::task_undo);
  }
  ++s.undos[t.undo.at].adjust;
  const Slot ipc = slot_ns(s, t, NsLink::ipc);
  ++s.ns[ipc].semaphore;
  note_sempid(s, ipc, caller);
  s.touch(s.ns_ref(ipc));
  return j.result;
}

}  // namespace model::calls
