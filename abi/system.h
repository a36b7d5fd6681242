// A system: anything that carries out calls and lets itself be looked at.
//
// The model, each variant of the implementation, an agent on a running kernel and a third party's
// candidate are systems. They start alike: one task t0 in the initial namespaces of Setup's
// profile, alone in its process, whose parent is outside: it reaps at once whatever it adopts.
#pragma once

#include <concepts>
#include <span>

#include "abi/call.h"
#include "abi/profile.h"
#include "abi/result.h"
#include "abi/view.h"

namespace nsabi {

// How a program starts. Ids are kernel ids; effective = permitted = caps.
struct Setup {
  Profile profile{};
  Id uid = 0;
  Id gid = 0;
  CapSet caps = kCapFull;
  CapSet bounding = kCapFull;
  bool operator==(const Setup&) const = default;
};

template <class S>
concept System = requires(S s, const S& cs, const Call& call) {
  { s.apply(call) } -> std::same_as<Result>;
  { cs.view() } -> std::same_as<View>;
};

// A system that can also say what its last call touched, so that comparing after each call costs
// what the call cost. Touched lists may repeat and may name what did not change.
template <class S>
concept IncrementalSystem = System<S> && requires(const S& cs, TaskId task, ObjId object) {
  { cs.touched_tasks() } -> std::convertible_to<std::span<const TaskId>>;
  { cs.touched_objects() } -> std::convertible_to<std::span<const ObjId>>;
  { cs.task(task) } -> std::same_as<TaskView>;
  { cs.object(object) } -> std::same_as<ObjectView>;  // alive = false for a dead one
  { cs.totals() } -> std::convertible_to<Totals>;
};

}  // namespace nsabi
