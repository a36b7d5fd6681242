// Random calls for this folder's own tests: one number makes one call, given the names in use.
//
// A property draws a list of numbers, so that shrinking takes calls away. Made to wander through
// all calls, not to be clever: programs that are come from props/generate/.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "abi/system.h"

namespace impl {

// What a program has named so far.
struct Names3 {
  std::uint32_t tasks = 1, files = 0, binds = 0;
};

// The call that `seed` stands for. A call that makes something names it tN, fN or bN by the next
// free numbers. Operands are `first_task` and up, with a few that don't exist.
nsabi::Call random_call(std::uint64_t seed, const Names3& names, std::uint32_t first_task = 0);

// The profile of a seed: all the standard ones, some with types left out.
nsabi::Setup random_setup(std::uint64_t seed);

// Counts what a successful call named.
void see_result(const nsabi::Call& call, const nsabi::Result& result, Names3& names);

// Names that a program may have used.
struct NameLists {
  std::vector<std::uint32_t> tasks, files, binds;  // tasks: without t0
};
NameLists all_of(const Names3& names);

// Closes every file, unmounts every bind and ends every task, t0 last.
template <class K>
void end_everything(K& kernel, const NameLists& names) {
  const auto apply = [&](nsabi::TaskId caller, nsabi::Op op) {
    return kernel.apply({.caller = caller, .op = std::move(op)});
  };
  const auto youngest_first = [&](auto&& f) {
    std::for_each(names.tasks.rbegin(), names.tasks.rend(), f);
  };
  // Blocked tasks first: they can do nothing until their children have gone.
  youngest_first([&](std::uint32_t n) {
    if (kernel.task({n}).state == nsabi::TaskState::blocked) apply({n}, nsabi::Exit{});
  });
  nsabi::TaskId someone{};
  for (const nsabi::TaskEntry& t : kernel.view().tasks) {
    if (t.view.state == nsabi::TaskState::running) someone = t.id;
    for (const std::uint32_t b : names.binds) {
      if (kernel.totals()[index(nsabi::ObjKind::mount)] == 0) break;
      apply(t.id, nsabi::UnbindNs{{b}});
    }
  }
  for (const std::uint32_t f : names.files) apply(someone, nsabi::Close{{f}});
  youngest_first([&](std::uint32_t n) { apply({n}, nsabi::Exit{}); });
  youngest_first([&](std::uint32_t n) { apply({0}, nsabi::Wait{{n}}); });
  apply({0}, nsabi::Exit{});
}

}  // namespace impl
