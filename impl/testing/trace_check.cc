// Traces as examples: see trace_check.h.
#include "impl/testing/trace_check.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

#include "abi/trace.h"
#include "impl/kernel.h"
#include "impl/machine/native.h"
#include "impl/testing/recount.h"

namespace impl {
namespace {

abi::Trace read(std::string_view start, std::string_view lines) {
  std::string text = "nsproxy-trace 1 profile=";
  text.append(start).append("\n").append(lines);
  auto parsed = abi::parse_trace(text);
  if (const auto* const error = std::get_if<abi::ParseError>(&parsed)) {
    ADD_FAILURE() << error->to_string("trace");
    return {};
  }
  return std::get<abi::Trace>(std::move(parsed));
}

template <class K>
void carry_out(const char* name, const abi::Trace& trace) {
  K kernel(trace.setup);
  for (const abi::TraceLine& line : trace.lines) {
    const abi::Result result = kernel.apply(line.call);
    const std::string where = std::string(name) + ": " + abi::print(line.call);
    if (line.expected) {
      EXPECT_TRUE(line.expected->matches(result))
          << where << " -> " << abi::print(abi::expectation_of(line.call, result)) << ", expected "
          << abi::print(*line.expected);
    }
    for (const std::string& difference : recount_differences(kernel)) {
      ADD_FAILURE() << where << ": " << difference;
    }
    for (const CountReport& report : kernel.count_failures()) {
      ADD_FAILURE() << where << ": " << impl::name(report.what);
    }
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace

void check_trace(std::string_view start, std::string_view lines) {
  const abi::Trace trace = read(start, lines);
  carry_out<Baseline>("baseline", trace);
  carry_out<Optimized>("optimized", trace);
}

abi::TaskView task_after(std::string_view start, std::string_view lines, abi::TaskId task) {
  const abi::Trace trace = read(start, lines);
  Optimized kernel(trace.setup);
  for (const abi::TraceLine& line : trace.lines) kernel.apply(line.call);
  return kernel.task(task);
}

}  // namespace impl
