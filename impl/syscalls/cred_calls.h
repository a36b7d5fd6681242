// Changing credentials: setresuid, setresgid, capset, prctl.
//
// Mirrors __sys_setresuid and prctl of kernel/sys.c, cap_capset, cap_emulate_setxuid,
// cap_prctl_drop and cap_task_prctl of security/commoncap.c (6.18). Left out: securebits other than
// keep_caps, groups, no_new_privs.
#pragma once

#include "impl/task/cred.h"

namespace impl {

// CRED-02: what changing uids does to the capabilities.
template <class K>
void cap_emulate_setxuid(Cpu<K>& cpu, const Cred<K>& old, Cred<K>& cred) {
  const auto root = map_id_down(cpu, *old.user_ns, abi::MapKind::uid, 0);
  if (!root) return;
  const auto has_root = [&](const Cred<K>& c) {
    return c.uid[0] == *root || c.uid[1] == *root || c.uid[2] == *root;
  };
  if (has_root(old) && !has_root(cred)) {
    if (!old.keep_caps && !cpu.bug(Bug::kSetuidKeepsCaps)) {
      cred.permitted = 0;
      cred.effective = typename K::Word{0};
    }
    cred.ambient = 0;
  }
  const bool was_root = old.euid() == *root;
  const bool is_root = cred.euid() == *root;
  if (was_root && !is_root) cred.effective = typename K::Word{0};
  if (!was_root && is_root) cred.effective = typename K::Word{cred.permitted};
}

// Kernel ids for the three asked for; nothing if one has no mapping. kUnchanged stays.
template <class K>
bool map_ids(Cpu<K>& cpu, abi::MapKind kind, std::array<abi::Id, 3>& ids) {
  for (abi::Id& id : ids) {
    if (id == abi::kUnchanged) continue;
    const auto mapped = map_id_down(cpu, *cpu.cred()->user_ns, kind, id);
    if (!mapped) return false;
    id = *mapped;
  }
  return true;
}

// CRED-01, for uids and gids alike.
template <class K>
abi::Result set_ids(Cpu<K>& cpu, abi::MapKind kind, std::array<abi::Id, 3> ids) {
  const bool uids = kind == abi::MapKind::uid;
  const Cred<K>& old = *cpu.cred();
  const std::array<abi::Id, 3>& now = uids ? old.uid : old.gid;
  if (!map_ids(cpu, kind, ids)) return abi::Result::failure(Errno::kEINVAL);
  bool changes = false, foreign = false;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] == abi::kUnchanged) continue;
    changes |= ids[i] != now[i];
    foreign |= ids[i] != now[0] && ids[i] != now[1] && ids[i] != now[2];
  }
  if (!changes) return abi::Result::success();
  const int cap = uids ? abi::cap::SETUID : abi::cap::SETGID;
  if (foreign && !cpu.bug(Bug::kSetresuidNotCapable) && !ns_capable(cpu, old.user_ns, cap)) {
    return abi::Result::failure(Errno::kEPERM);
  }
  const auto made = prepare_creds(cpu);
  if (made.failed()) return abi::Result::failure(made.error);
  Cred<K>& cred = *made.value;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] != abi::kUnchanged) (uids ? cred.uid : cred.gid)[i] = ids[i];
  }
  if (uids) cap_emulate_setxuid(cpu, old, cred);
  if (const Errno e = set_cred_ucounts(cpu, cred); e != Errno::kOk) {
    if (!cpu.bug(Bug::kSetIdsKeepsCred)) put_cred(cpu, &cred);
    return abi::Result::failure(e);
  }
  commit_creds(cpu, *cpu.current, &cred);
  return abi::Result::success();
}

// CRED-04.
template <class K>
abi::Result sys_capset(Cpu<K>& cpu, const abi::Capset& call) {
  const auto made = prepare_creds(cpu);
  if (made.failed()) return abi::Result::failure(made.error);
  Cred<K>& cred = *made.value;
  const abi::CapSet effective = call.effective & abi::kCapFull;
  const abi::CapSet permitted = call.permitted & abi::kCapFull;
  const abi::CapSet inheritable = call.inheritable & abi::kCapFull;
  const auto beyond = [](abi::CapSet set, abi::CapSet limit) { return (set & ~limit) != 0; };
  const bool refused =
      (beyond(inheritable, cred.inheritable | cred.permitted) &&
       !ns_capable(cpu, cred.user_ns, abi::cap::SETPCAP)) ||
      beyond(inheritable, cred.inheritable | cred.bounding) ||
      (beyond(permitted, cred.permitted) && !cpu.bug(Bug::kCapsetRaisesPermitted)) ||
      beyond(effective, permitted);
  if (refused) {
    if (!cpu.bug(Bug::kCapsetKeepsCred)) put_cred(cpu, &cred);
    return abi::Result::failure(Errno::kEPERM);
  }
  cred.effective = typename K::Word{effective};
  cred.permitted = permitted;
  cred.inheritable = inheritable;
  cred.ambient &= permitted & inheritable;
  commit_creds(cpu, *cpu.current, &cred);
  return abi::Result::success();
}

// Copies the credentials, changes the copy, commits it.
template <class K, class F>
abi::Result change_cred(Cpu<K>& cpu, F&& change) {
  const auto made = prepare_creds(cpu);
  if (made.failed()) return abi::Result::failure(made.error);
  change(*made.value);
  commit_creds(cpu, *cpu.current, made.value);
  return abi::Result::success();
}

// CRED-05 to 07.
template <class K>
abi::Result sys_prctl(Cpu<K>& cpu, const abi::Prctl& call) {
  using abi::PrctlOp;
  const Cred<K>& mine = *cpu.cred();
  const bool no_cap = call.arg > static_cast<std::uint64_t>(abi::kCapLast);
  const abi::CapSet bit = no_cap ? 0 : abi::cap_bit(static_cast<int>(call.arg));
  const auto invalid = abi::Result::failure(Errno::kEINVAL);
  switch (call.op) {
    case PrctlOp::capbset_drop:
      if (no_cap && cpu.bug(Bug::kBoundingRangeFirst)) return invalid;
      if (!ns_capable(cpu, mine.user_ns, abi::cap::SETPCAP)) {
        return abi::Result::failure(Errno::kEPERM);
      }
      if (no_cap) return invalid;
      return change_cred(cpu, [&](Cred<K>& c) { c.bounding &= ~bit; });
    case PrctlOp::ambient_raise:
      if (no_cap) return invalid;
      if ((mine.permitted & mine.inheritable & bit) == 0) {
        return abi::Result::failure(Errno::kEPERM);
      }
      return change_cred(cpu, [&](Cred<K>& c) { c.ambient |= bit; });
    case PrctlOp::ambient_lower:
      if (no_cap) return invalid;
      return change_cred(cpu, [&](Cred<K>& c) { c.ambient &= ~bit; });
    case PrctlOp::ambient_clear_all:
      return change_cred(cpu, [](Cred<K>& c) { c.ambient = 0; });
    case PrctlOp::set_keepcaps:
      if (call.arg > 1) return invalid;
      return change_cred(cpu, [&](Cred<K>& c) { c.keep_caps = call.arg == 1; });
    case PrctlOp::set_dumpable:
      if (call.arg > 1) return invalid;
      cpu.m.own(cpu.current->mm)->dumpable.set(call.arg == 1);
      return abi::Result::success();
    case PrctlOp::set_child_subreaper:
      cpu.current->signal->subreaper.set(call.arg != 0);
      return abi::Result::success();
  }
  return invalid;
}

}  // namespace impl
