// How rule tables are written. (rules/all.h evaluates them.)
//
// A table is a tuple of checks in the kernel's order: rules, whose predicate says when they fire,
// and fallible steps (abi/step.h), whose predicate says how often the call reaches them. Predicates
// are generic lambdas `(const auto& f)` over a Facts type, which answers each question with its own
// Bool: plain bools from a State (model/facts.h), or Z3 terms. A predicate therefore uses only
// &&, || and ! on what the facts give, and never branches.
//
//     rule("CLONE-10", kEINVAL, "copy_process", "CLONE_NEWNS with CLONE_FS", "drop CLONE_FS",
//          [](const auto& f) { return f.has(flag::NEWNS) && f.has(flag::FS); })
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>

#include "abi/step.h"
#include "model/rule.h"

namespace model {

struct Versions {
  abi::Since since = abi::kAlways;
  abi::Since until = abi::kNever;
  constexpr bool operator==(const Versions&) const = default;
  constexpr bool contains(abi::Version v) const { return since.reached(v) && !until.reached(v); }
};

template <class Predicate>
struct Check {
  RuleInfo info;
  Predicate predicate;
  // From this check on a failing clone has already taken its pid (PIDNS-11).
  bool after_pid = false;
};

template <class Predicate>
constexpr Check<Predicate> rule(std::string_view id, abi::Errno error, std::string_view function,
                                std::string_view says, std::string_view remedy, Predicate p,
                                Versions v = {}) {
  return {{id, error, v.since, v.until, function, "", says, remedy, false}, p};
}

// A step that the call reaches once if the predicate holds.
template <class Predicate>
constexpr Check<Predicate> step(std::string_view id, abi::Errno error, std::string_view function,
                                std::string_view says, Predicate reached, Versions v = {}) {
  return {{id, error, v.since, v.until, function, "", says, "the failure is injected", true},
          reached};
}

// Marks checks that run after alloc_pid().
template <class... P>
constexpr auto after_pid(std::tuple<Check<P>...> checks) {
  std::apply([](auto&... c) { ((c.after_pid = true), ...); }, checks);
  return checks;
}

template <class... P>
constexpr auto checks(Check<P>... c) {
  return std::tuple<Check<P>...>(c...);
}

// Names the call that a table belongs to.
template <class... P>
constexpr auto table(std::string_view call, std::tuple<Check<P>...> all) {
  std::apply([call](auto&... c) { ((c.info.call = call), ...); }, all);
  return all;
}

// What evaluating a table gave: the deciding check's position in it (-1: none) and the steps
// reached.
struct Verdict {
  int check = -1;
  abi::Errno error = abi::Errno::kOk;
  std::uint16_t steps = 0;
  bool after_pid = false;
  bool refused() const { return check >= 0; }
};

}  // namespace model
