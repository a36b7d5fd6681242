// How rule tables are written. (rules/all.h evaluates them.)
//
// A table is a list of checks in the kernel's order: rules, whose predicate says when they fire,
// and fallible steps (abi/step.h), whose predicate says how often the call reaches them. Predicates
// are generic lambdas `(const auto& f)` over a Facts type, which answers each question with its own
// Bool: plain bools from a State (model/facts.h), or Z3 terms. A predicate therefore uses only
// &&, || and ! on what the facts give, and never branches.
//
//     rule("CLONE-10", kEINVAL, "copy_process", "CLONE_NEWNS with CLONE_FS", "drop CLONE_FS",
//          [](const auto& f) { return f.has(flag::NEWNS) && f.has(flag::FS); })
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
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

// What a failing clone has done before a check that others can see afterwards: frozen the pending
// time namespace (TIME-06), then drawn numbers for its pid (TASK-07), then taken it (PIDNS-11).
enum class Past : std::uint8_t { nothing, namespaces, numbers, pid };

template <class Predicate>
struct Check {
  RuleInfo info;
  Predicate predicate;
  Past past = Past::nothing;
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

// Checks in order, each of its own type. A std::tuple would do, but its constructors make a table
// of eighty checks ten times as slow to compile.
template <std::size_t I, class P>
struct CheckAt {
  Check<P> check;
};
template <class Positions, class... P>
struct ChecksAt;
template <std::size_t... I, class... P>
struct ChecksAt<std::index_sequence<I...>, P...> : CheckAt<I, P>... {
  static constexpr std::size_t kSize = sizeof...(P);
};
template <class... P>
using Checks = ChecksAt<std::index_sequence_for<P...>, P...>;

template <class... P>
constexpr Checks<P...> checks(Check<P>... c) {
  return {{c}...};
}

template <std::size_t I, class P>
constexpr const Check<P>& get(const CheckAt<I, P>& at) {
  return at.check;
}

// Calls f(check) for each, in order.
template <std::size_t... I, class... P, class F>
constexpr void for_each(ChecksAt<std::index_sequence<I...>, P...>& all, F f) {
  (f(static_cast<CheckAt<I, P>&>(all).check), ...);
}
template <std::size_t... I, class... P, class F>
constexpr void for_each(const ChecksAt<std::index_sequence<I...>, P...>& all, F f) {
  (f(static_cast<const CheckAt<I, P>&>(all).check), ...);
}

// One list after the other.
template <class Only>
constexpr Only join(Only only) {
  return only;
}
template <std::size_t... I, class... P, std::size_t... J, class... Q, class... Rest>
constexpr auto join(const ChecksAt<std::index_sequence<I...>, P...>& a,
                    const ChecksAt<std::index_sequence<J...>, Q...>& b, const Rest&... rest) {
  return join(Checks<P..., Q...>{{static_cast<const CheckAt<I, P>&>(a).check}...,
                                 {static_cast<const CheckAt<J, Q>&>(b).check}...},
              rest...);
}

// Marks checks that run after that (or after more).
template <class List>
constexpr List after(Past past, List list) {
  for_each(list, [past](auto& c) { c.past = std::max(c.past, past); });
  return list;
}
template <class P>
constexpr Check<P> after(Past past, Check<P> check) {
  check.past = past;
  return check;
}

// Names the call that a table belongs to.
template <class List>
constexpr List table(std::string_view call, List list) {
  for_each(list, [call](auto& c) { c.info.call = call; });
  return list;
}

// What evaluating a table gave: the deciding check's position in it (-1: none) and the steps
// reached.
struct Verdict {
  int check = -1;
  abi::Errno error = abi::Errno::kOk;
  std::uint16_t steps = 0;
  Past past = Past::nothing;
  std::uint16_t nth = 0;  // of a step that the call reaches more than once: times it went well
  bool refused() const { return check >= 0; }
};

}  // namespace model
