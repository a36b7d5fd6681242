// How rule tables are written and evaluated.
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

namespace detail {
constexpr std::uint32_t times(bool reached) { return reached ? 1 : 0; }
constexpr std::uint32_t times(std::uint32_t n) { return n; }
}  // namespace detail

// Evaluates a table on concrete facts: the first rule that fires, or the step that `fault` names,
// decides. `observe(position, fired)` is called for each rule looked at; it costs nothing when it
// does nothing.
template <class Table, class Facts, class Observe>
Verdict decide(const Table& table, const Facts& facts, abi::Version version, std::uint16_t fault,
               Observe&& observe) {
  Verdict verdict;
  auto one = [&](int position, const auto& check) {
    if (!Versions{check.info.since, check.info.until}.contains(version)) return false;
    if (check.info.is_step) {
      const std::uint32_t n = detail::times(check.predicate(facts));
      const std::uint32_t before = verdict.steps;
      if (fault > before && fault <= before + n) {
        verdict.steps = fault;
        verdict.check = position;
      } else {
        verdict.steps = static_cast<std::uint16_t>(before + n);
      }
    } else {
      const bool fired = check.predicate(facts);
      observe(position, fired);
      if (fired) verdict.check = position;
    }
    if (verdict.check < 0) return false;
    verdict.error = check.info.error;
    verdict.after_pid = check.after_pid;
    return true;
  };
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (void)(one(static_cast<int>(I), std::get<I>(table)) || ...);
  }
  (std::make_index_sequence<std::tuple_size_v<Table>>{});
  return verdict;
}

template <class Table, class Facts>
Verdict decide(const Table& table, const Facts& facts, abi::Version version, std::uint16_t fault) {
  return decide(table, facts, version, fault, [](int, bool) {});
}

}  // namespace model
