// All rule tables, in the order in which `nsproxy rules` prints them, and how a call asks one.
#pragma once

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

// The index in rules() of a table's first check.
template <Table T>
inline constexpr std::uint16_t kBase = [] {
  return []<std::size_t... I>(std::index_sequence<I...>) {
    return static_cast<std::uint16_t>((
        1 + ... +
        std::tuple_size_v<
            std::remove_cvref_t<std::tuple_element_t<I, std::remove_const_t<decltype(kTables)>>>>));
  }
  (std::make_index_sequence<static_cast<std::size_t>(T)>{});
}();

struct Judgement {
  abi::Result result;      // ok, or the errno with its rule; steps in both cases
  bool after_pid = false;  // a failing clone had its pid already
};

// Asks the table of a call. The effect runs only if the result is ok.
template <Table T, class Facts>
Judgement judge(State& s, const Facts& facts, std::uint16_t fault) {
  const Verdict v = decide(std::get<static_cast<std::size_t>(T)>(kTables), facts,
                           s.setup.profile.version, fault, [&s](int position, bool fired) {
                             if (s.passed != nullptr && !fired) {
                               s.passed->push_back(static_cast<std::uint16_t>(kBase<T> + position));
                             }
                           });
  abi::Result r;
  r.error = v.error;
  r.steps = v.steps;
  if (v.refused()) r.rule = static_cast<std::uint16_t>(kBase<T> + v.check);
  return {r, v.after_pid};
}

}  // namespace model::spec
