// User namespaces: making, holding, id maps, and who is an ancestor of whom.
//
// Mirrors kernel/user_namespace.c (6.18): create_user_ns, __put_user_ns, set_cred_user_ns,
// in_userns, make_kuid, from_kuid. Left out: keyrings, rlimit maxima, binfmt_misc: nothing here
// asks for them.
#pragma once

#include <limits>
#include <optional>

#include "impl/ns/common.h"
#include "impl/task/fs.h"

namespace impl {

inline constexpr std::uint32_t kMaxUserNsParentLevel = 32;  // DATA-09

template <class K>
UserNs<K>* get_user_ns(Cpu<K>& cpu, UserNs<K>* ns) {
  return ns_get(cpu, ns);
}

// Each dead namespace drops its parent in turn: a loop, for the chain may be long.
template <class K>
void put_user_ns(Cpu<K>& cpu, UserNs<K>* ns) {
  while (ns_put(cpu, ns)) {
    UserNs<K>* const parent = ns->parent();
    for (auto& map : ns->maps) {
      delete cpu.m.own(map);
      cpu.m.init(map, static_cast<const IdMap*>(nullptr));
    }
    if (!cpu.bug(Bug::kUserNsForgetsUncharge)) dec_ucount(cpu, ns->charged, abi::NsType::user);
    cpu.free_after_readers(ns);
    if (cpu.bug(Bug::kUserNsForgetsParent)) return;
    ns = parent;
  }
}

template <class K>
bool in_userns(const UserNs<K>* ancestor, const UserNs<K>* child) {
  while (child->level > ancestor->level) child = child->parent();
  return child == ancestor;
}

// -- ids -----------------------------------------------------------------------------------------

// The kernel id that `id` stands for in the namespace, or nothing (make_kuid, make_kgid).
template <class K>
std::optional<abi::Id> map_id_down(Cpu<K>& cpu, const UserNs<K>& ns, abi::MapKind kind,
                                   abi::Id id) {
  if (id == abi::kUnchanged) return std::nullopt;
  if (ns.initial) return id;
  const IdMap* const map = cpu.m.load(ns.maps[static_cast<std::size_t>(kind)]);
  if (map == nullptr) return std::nullopt;
  for (const abi::Extent& e : map->extents) {
    if (id - e.inside < e.count) return e.outside + (id - e.inside);
  }
  return std::nullopt;
}

// How the kernel id shows in the namespace, or nothing (from_kuid, from_kgid).
template <class K>
std::optional<abi::Id> map_id_up(Cpu<K>& cpu, const UserNs<K>& ns, abi::MapKind kind,
                                 abi::Id kernel_id) {
  if (ns.initial) return kernel_id;
  const IdMap* const map = cpu.m.load(ns.maps[static_cast<std::size_t>(kind)]);
  if (map == nullptr) return std::nullopt;
  for (const abi::Extent& e : map->extents) {
    if (kernel_id - e.outside < e.count) return e.inside + (kernel_id - e.outside);
  }
  return std::nullopt;
}

// -- making --------------------------------------------------------------------------------------

// CAP-02: the credentials that enter a user namespace. Its reference transfers to them; the one on
// the namespace that they leave is the caller's to dispose of.
template <class K>
void set_cred_user_ns(Cpu<K>& cpu, Cred<K>& cred, UserNs<K>* user_ns) {
  if (!cpu.bug(Bug::kKeepCapsKept)) cred.keep_caps = false;
  cred.inheritable = 0;
  cred.permitted = abi::kCapFull;
  cred.effective = typename K::Word{abi::kCapFull};
  if (!cpu.bug(Bug::kBoundingKeptInNewUserNs)) cred.bounding = abi::kCapFull;
  if (!cpu.bug(Bug::kAmbientKeptInNewUserNs)) cred.ambient = 0;
  cred.user_ns = user_ns;
}

// What create_user_ns() asks, so that a proof can ask it of every state.
template <class K>
struct UserNsFacts {
  typename K::Bool too_deep;  // CLONE-23
  typename K::Bool chrooted;  // CLONE-25
  typename K::Bool unmapped;  // CLONE-26
};

template <class K>
UserNsFacts<K> user_ns_facts(Cpu<K>& cpu, const Cred<K>& cred) {
  const UserNs<K>& parent = *cred.user_ns;
  const std::uint32_t max =
      cpu.bug(Bug::kLevelLimitsExchanged) ? kMaxUserNsParentLevel - 1 : kMaxUserNsParentLevel;
  const bool uid_mapped =
      map_id_up(cpu, parent, abi::MapKind::uid, cred.euid()) || cpu.bug(Bug::kUidMappingNotAsked);
  const bool gid_mapped =
      map_id_up(cpu, parent, abi::MapKind::gid, cred.egid()) || cpu.bug(Bug::kGidMappingNotAsked);
  return {.too_deep = parent.level > max,
          .chrooted = current_chrooted(cpu),
          .unmapped = !uid_mapped || !gid_mapped};
}

// CLONE-23 to 26: moves `cred`, which nobody uses yet, into a new child of its user namespace. The
// reference that it had on the old one transfers to the new namespace, as its parent.
template <class K>
Errno create_user_ns(Cpu<K>& cpu, Cred<K>& cred) {
  if (!configured(cpu, abi::NsType::user)) return Errno::kEINVAL;
  const UserNsFacts<K> facts = user_ns_facts(cpu, cred);
  UserNs<K>* const parent = cred.user_ns;
  if (facts.too_deep && !cpu.bug(Bug::kUserLevelUnlimited)) return Errno::kENOSPC;
  if (cpu.bug(Bug::kChrootBeforeQuota) && facts.chrooted) return Errno::kEPERM;
  if (cpu.bug(Bug::kMappingBeforeQuota) && facts.unmapped) return Errno::kEPERM;
  const auto charged = inc_ucount(cpu, parent, cred.euid(), abi::NsType::user);
  if (charged.failed()) return charged.error;
  const auto refund = [&](Errno error) {
    if (!cpu.bug(Bug::kUserNsForgetsRefund)) {
      dec_ucount(cpu, charged.value, abi::NsType::user);
    }
    return error;
  };
  if (!cpu.bug(Bug::kChrootNotAsked) && facts.chrooted) return refund(Errno::kEPERM);
  if (facts.unmapped) return refund(Errno::kEPERM);
  if (cpu.fails(Step::alloc)) return refund(errno_of(Step::alloc));
  auto* const ns = cpu.template alloc<UserNs<K>>();
  for (const Step step : {Step::inum, Step::init}) {
    if (!cpu.fails(step)) continue;
    cpu.m.init_count(*ns, 0);
    if (!cpu.bug(Bug::kUserNsLeaksObject)) cpu.free(ns);
    return refund(errno_of(step));
  }
  init_ns_head(cpu, *ns, abi::NsType::user, false);
  ns->owner = parent;           // transfers, from cred
  ns->charged = charged.value;  // transfers
  ns->level = parent->level + 1;
  ns->owner_uid = cpu.bug(Bug::kOwnerIsRealUid) ? cred.uid[Cred<K>::kReal] : cred.euid();
  ns->owner_gid = cred.egid();
  ns->parent_could_setfcap =
      static_cast<bool>(cpu.m.has_bits(cred.effective, abi::cap_bit(abi::cap::SETFCAP)));
  ns->setgroups.set(parent->setgroups.get() || cpu.bug(Bug::kSetgroupsNotInherited));
  ns->ucounts = nullptr;
  for (auto& limit : ns->limits) limit.set(std::numeric_limits<std::int32_t>::max());
  set_cred_user_ns(cpu, cred, ns);  // transfers
  return Errno::kOk;
}

}  // namespace impl
