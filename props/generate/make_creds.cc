// Credentials, id maps, limits and offsets: arguments drawn from the values that matter.
#include "props/generate/makers.h"

namespace props {
namespace {

abi::Id some_id(Generator& g) {
  static constexpr abi::Id kIds[] = {0,   0,     1000, 1000, 1001, 2000, 65534, abi::kUnchanged,
                                     100, 100000};
  return g.wild() ? static_cast<abi::Id>(g.random().next()) : g.random().of(kIds);
}

int some_cap(Generator& g) {
  static constexpr int kTelling[] = {abi::cap::SETGID,
                                     abi::cap::SETUID,
                                     abi::cap::SETPCAP,
                                     abi::cap::SYS_CHROOT,
                                     abi::cap::SYS_PTRACE,
                                     abi::cap::SYS_ADMIN,
                                     abi::cap::SYS_ADMIN,
                                     abi::cap::SYS_TIME,
                                     abi::cap::SYS_RESOURCE,
                                     abi::cap::SETFCAP,
                                     abi::cap::CHECKPOINT_RESTORE};
  if (g.random().one_in(6)) return static_cast<int>(g.random().below(43u));
  return g.random().of(kTelling);
}

// A subset of `of`, usually all but a little, sometimes little, seldom more than there is.
abi::CapSet some_caps(Generator& g, abi::CapSet of) {
  Random& random = g.random();
  if (random.one_in(16)) return random.next();
  if (random.one_in(4)) return of;
  if (random.one_in(3)) return of & abi::cap_bit(some_cap(g));
  abi::CapSet caps = of & ~abi::cap_bit(some_cap(g));
  if (random.one_in(2)) caps &= ~abi::cap_bit(some_cap(g));
  return caps;
}

abi::Extent wild_extent(Generator& g) {
  static constexpr abi::Id kEdges[] = {0, 1, 1000, 0x7fffffff, 0xfffffffe, 0xffffffff};
  Random& random = g.random();
  return {random.of(kEdges), random.of(kEdges), random.of(kEdges)};
}

}  // namespace

// One of the three may be given as unchanged; a full change of identity is what programs do most.
abi::Op make_setresuid(Generator& g) {
  const abi::Id id = some_id(g);
  if (g.random().one_in(3)) return abi::Setresuid{id, id, id};
  return abi::Setresuid{some_id(g), some_id(g), some_id(g)};
}

abi::Op make_setresgid(Generator& g) {
  const abi::Id id = some_id(g);
  if (g.random().one_in(3)) return abi::Setresgid{id, id, id};
  return abi::Setresgid{some_id(g), some_id(g), some_id(g)};
}

abi::Op make_capset(Generator& g, const Live& live, abi::TaskId caller) {
  const abi::TaskView view = live.knows(caller) ? live.task(caller).view : abi::TaskView{};
  abi::Capset c;
  c.permitted = some_caps(g, view.permitted);
  c.effective = g.random().one_in(4) ? some_caps(g, view.effective) : c.permitted;
  if (g.random().one_in(3)) c.inheritable = some_caps(g, c.permitted);
  return c;
}

abi::Op make_prctl(Generator& g) {
  Random& random = g.random();
  abi::Prctl c{.op = static_cast<abi::PrctlOp>(random.below(abi::kPrctlOps))};
  switch (c.op) {
    case abi::PrctlOp::capbset_drop:
    case abi::PrctlOp::ambient_raise:
    case abi::PrctlOp::ambient_lower:
      c.arg = static_cast<std::uint64_t>(some_cap(g));
      break;
    case abi::PrctlOp::ambient_clear_all:
      break;
    default:
      c.arg = random.one_in(16) ? random.next() >> random.below(64u) : random.below(2u);
      break;
  }
  return c;
}

abi::Op make_id_map(Generator& g, const Live& live, abi::TaskId caller) {
  Random& random = g.random();
  abi::WriteIdMap c;
  c.target = random.one_in(2) ? caller : g.target(live);
  c.kind = random.one_in(2) ? abi::MapKind::uid : abi::MapKind::gid;
  const abi::TaskView view = live.knows(caller) ? live.task(caller).view : abi::TaskView{};
  const abi::Id own = c.kind == abi::MapKind::uid ? view.uid[1] : view.gid[1];
  const std::uint32_t kind = g.wild() ? 7 : random.below(8u);
  switch (kind) {
    case 0:
    case 1:
    case 2:
      c.extents = {{random.one_in(3) ? own : 0, own, 1}};
      break;
    case 3:
      c.extents = {{0, 0, 1}};  // a level further down, where own ids show as 0
      break;
    case 4:
      c.extents = {{0, random.one_in(2) ? 0u : 100000u, 65536}};
      break;
    case 5:
      c.extents = {{0, 1000, 1}, {1, 100000, 65536}};
      break;
    case 6:
      for (std::uint32_t i = 0, n = 2 + random.below(8u); i < n; ++i) {
        c.extents.push_back({i * 10, i * 100, 10});
      }
      // One that meets its neighbour, inside or outside.
      if (random.one_in(3)) (random.one_in(2) ? c.extents[1].inside : c.extents[1].outside) = 9;
      break;
    default:
      if (random.one_in(16)) {  // one more than the kernel takes, or as many
        for (abi::Id i = 0, n = 340 + random.below(2u); i < n; ++i) c.extents.push_back({i, i, 1});
      } else {
        for (std::uint32_t n = random.below(4u); n > 0; --n) c.extents.push_back(wild_extent(g));
      }
      break;
  }
  return c;
}

abi::Op make_timens(Generator& g, const Live& live, abi::TaskId caller) {
  Random& random = g.random();
  abi::WriteTimens c{.target = random.one_in(2) ? caller : g.target(live)};
  static constexpr std::int64_t kSeconds[] = {-1, 4611686018, 4611686019, 0x7fffffffffffffff};
  static constexpr std::int64_t kNanos[] = {-1, 1000000000, 999999999};
  c.seconds = random.one_in(8) ? random.of(kSeconds) : random.below(100000u);
  c.nanoseconds = random.one_in(8) ? random.of(kNanos) : 0;
  return c;
}

abi::Op make_limit(Generator& g) {
  Random& random = g.random();
  static constexpr std::uint32_t kHigh[] = {32, 0x7fffffff, 0x80000000, 0xffffffff};
  return abi::SetLimit{random.of(abi::kAllNsTypes),
                       random.one_in(5) ? random.of(kHigh) : random.below(4u)};
}

}  // namespace props
