// All rule tables, in the order in which `nsproxy rules` prints them, and how a call asks one.
#pragma once

#include <tuple>

#include "abi/result.h"
#include "model/rules/clone.h"
#include "model/rules/others.h"
#include "model/rules/setns.h"
#include "model/rules/unshare.h"
#include "model/state.h"

namespace model::spec {

enum class Table : std::uint8_t {
  clone,
  clone3,
  unshare,
  setns,
  execve,
  wait,
  kill,
  open_ns,
  open_pidfd,
  open_file,
  close,
  bind_ns,
  unbind_ns,
  ioctl,
  chroot,
  pivot_root,
  setresuid,
  setresgid,
  capset,
  prctl,
  write_id_map,
  write_setgroups,
  set_limit,
  write_timens,
  semop,
};

inline constexpr auto kTables = std::tie(
    kClone, kClone3, kUnshare, kSetns, kExecve, kWait, kKill, kOpenNs, kOpenPidfd, kOpenFile,
    kClose, kBindNs, kUnbindNs, kNsIoctl, kChroot, kPivotRoot, kSetresuid, kSetresgid, kCapset,
    kPrctl, kWriteIdMap, kWriteSetgroups, kSetLimit, kWriteTimens, kSemop);

template <Table T>
inline constexpr const auto& kTable = std::get<static_cast<std::size_t>(T)>(kTables);
template <Table T>
inline constexpr std::size_t kSize = std::remove_cvref_t<decltype(kTable<T>)>::kSize;

// The index in rules() of a table's first check.
template <Table T>
inline constexpr std::uint16_t kBase = [] {
  return []<std::size_t... I>(std::index_sequence<I...>) {
    return static_cast<std::uint16_t>((1 + ... + kSize<static_cast<Table>(I)>));
  }
  (std::make_index_sequence<static_cast<std::size_t>(T)>{});
}();

namespace detail {
constexpr std::uint32_t times(bool reached) { return reached ? 1 : 0; }
constexpr std::uint32_t times(std::uint32_t n) { return n; }

// Looks at one check; says whether it decides. Indexed by numbers, so that what most checks don't
// have (versions, steps) costs nothing.
template <Table T, std::size_t I, class Facts, class Observe>
[[gnu::always_inline]] inline bool look(Verdict& verdict, const Facts& facts, abi::Version version,
                                        std::uint16_t fault, Observe& observe) {
  constexpr const auto& check = get<I>(kTable<T>);
  constexpr Versions versions{check.info.since, check.info.until};
  if constexpr (!(versions == Versions{})) {
    if (!versions.contains(version)) return false;
  }
  if constexpr (check.info.is_step) {
    const std::uint32_t before = verdict.steps;
    const std::uint32_t n = times(check.predicate(facts));
    verdict.steps = static_cast<std::uint16_t>(before + n);
    if (fault <= before || fault > before + n) return false;
    verdict.steps = fault;
    verdict.nth = static_cast<std::uint16_t>(fault - before - 1);
  } else {
    const bool fired = check.predicate(facts);
    observe(I, fired);
    if (!fired) return false;
  }
  verdict.check = static_cast<int>(I);
  verdict.error = check.info.error;
  verdict.past = check.past;
  return true;
}
}  // namespace detail

// Evaluates a table on concrete facts: the first rule that fires, or the step that `fault` names,
// decides. `observe(position, fired)` is called for each rule looked at.
template <Table T, class Facts, class Observe>
Verdict decide(const Facts& facts, abi::Version version, std::uint16_t fault, Observe observe) {
  Verdict verdict;
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (void)(detail::look<T, I>(verdict, facts, version, fault, observe) || ...);
  }
  (std::make_index_sequence<kSize<T>>{});
  return verdict;
}

struct Judgement {
  abi::Result result;         // ok, or the errno with its rule; steps in both cases
  Past past = Past::nothing;  // what a failing clone had done
  std::uint16_t nth = 0;      // Verdict::nth
};

// Asks the table of a call. The effect runs only if the result is ok.
template <Table T, class Facts>
Judgement judge(State& s, const Facts& facts, std::uint16_t fault) {
  std::vector<std::uint16_t>* const passed = s.passed;
  const Verdict v =
      decide<T>(facts, s.setup.profile.version, fault, [passed](std::size_t position, bool fired) {
        if (passed != nullptr && !fired) {
          passed->push_back(static_cast<std::uint16_t>(kBase<T> + position));
        }
      });
  abi::Result r;
  r.error = v.error;
  r.steps = v.steps;
  if (v.refused()) r.rule = static_cast<std::uint16_t>(kBase<T> + v.check);
  return {r, v.past, v.nth};
}

}  // namespace model::spec
