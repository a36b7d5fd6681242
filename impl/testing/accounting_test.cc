// Exact accounting: after random programs, with faults, every counter equals its holders after each
// call, and when everything is closed and everybody has gone only the initial namespaces remain,
// with what their semaphore keeps.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "abi/trace.h"
#include "impl/kernel.h"
#include "impl/machine/native.h"
#include "impl/testing/programs.h"
#include "impl/testing/recount.h"

namespace impl {
namespace {

std::string text_of(const abi::Setup& setup, const std::vector<abi::Call>& calls) {
  abi::Trace trace{.setup = setup, .lines = {}};
  for (const abi::Call& call : calls) trace.lines.push_back({.call = call, .expected = {}});
  return abi::print(trace);
}

template <class K>
void check_accounting() {
  const auto seeds =
      *rc::gen::scale(1.5, rc::gen::container<std::vector<std::uint64_t>>(
                               rc::gen::inRange<std::uint64_t>(1, std::uint64_t{1} << 30)));
  const abi::Setup setup = random_setup(*rc::gen::inRange<std::uint64_t>(1, 1u << 30));
  K kernel(setup);
  Names3 names;
  std::vector<abi::Call> calls;
  for (const std::uint64_t seed : seeds) {
    calls.push_back(random_call(seed, names));
    see_result(calls.back(), kernel.apply(calls.back()), names);
    const auto differences = recount_differences(kernel);
    if (!differences.empty()) RC_FAIL(text_of(setup, calls) + differences.front());
    if (!kernel.count_failures().empty()) RC_FAIL(text_of(setup, calls) + "a count failed");
  }
  end_everything(kernel, all_of(names));
  if (!kernel.view().tasks.empty()) RC_FAIL(text_of(setup, calls) + "a task is left");
  const abi::Totals left = kernel.totals();
  // Binds that nobody may unmount, files that nobody is left to close.
  if (left[index(abi::ObjKind::mount)] != 0 || left[index(abi::ObjKind::file)] != 0) return;
  const auto behind = left_behind(kernel);
  if (!behind.empty()) RC_FAIL(text_of(setup, calls) + behind.front());
}

RC_GTEST_PROP(Accounting, Baseline, ()) { check_accounting<Baseline>(); }
RC_GTEST_PROP(Accounting, Optimized, ()) { check_accounting<Optimized>(); }

}  // namespace
}  // namespace impl
