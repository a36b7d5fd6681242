// Laws of the trace text: what is printed reads back as it was, for every value of every struct.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <utility>

#include "abi/testing/arbitrary.h"
#include "abi/trace.h"

namespace nsabi {
namespace {

void call_round_trips(const Call& call) {
  const std::string text = print(call);
  const auto read = parse_call(text, 77);
  if (const auto* error = std::get_if<ParseError>(&read)) RC_FAIL(error->to_string(text));
  RC_ASSERT(std::get<Call>(read) == call);
  RC_ASSERT(print(std::get<Call>(read)) == text);
  RC_ASSERT(text.find('\n') == std::string::npos);
}

void trace_round_trips(const Trace& trace) {
  const std::string text = print(trace);
  const auto read = parse_trace(text);
  if (const auto* error = std::get_if<ParseError>(&read)) RC_FAIL(error->to_string(text));
  RC_ASSERT(std::get<Trace>(read) == trace);
  RC_ASSERT(print(std::get<Trace>(read)) == text);
}

// Each call by itself, so that none is left to the generator's luck.
template <std::size_t kIndex>
void check_op() {
  using Struct = std::variant_alternative_t<kIndex, Op>;
  const std::string law(op_name(kIndex));
  EXPECT_TRUE(rc::check(law + " round-trips", [](const Struct& op, TaskId caller) {
    call_round_trips({.caller = caller, .fault = 0, .op = op});
  }));
}

template <std::size_t... kIndex>
void check_ops(std::index_sequence<kIndex...>) {
  (check_op<kIndex>(), ...);
}

TEST(TraceLaw, EveryKindOfCallRoundTrips) { check_ops(std::make_index_sequence<kOps>{}); }

RC_GTEST_PROP(TraceLaw, CallsWithFaultsRoundTrip, (const Call& call)) { call_round_trips(call); }

RC_GTEST_PROP(TraceLaw, TracesRoundTrip, (const Trace& trace)) { trace_round_trips(trace); }

RC_GTEST_PROP(TraceLaw, ProgramsRoundTrip, (const Program& program)) {
  Trace trace;
  for (const Call& call : program) trace.lines.push_back({.call = call, .expected = {}});
  trace_round_trips(trace);
}

// Blanks, carriage returns and comments carry no meaning.
RC_GTEST_PROP(TraceLaw, LayoutIsFree, (const Trace& trace)) {
  std::string text;
  for (const char c : print(trace)) {
    if (c == '\n') {
      text += *rc::gen::element<std::string>("\n", "\r\n", "  # done\n", "\n\n# next\n\t\n");
    } else if (c == '=' || c == '(' || c == ')') {
      text += c;
      const bool option = c == '=' && text.size() > 1 && text[text.size() - 2] != ' ';
      if (!option && *rc::gen::arbitrary<bool>()) text += " \t";
    } else {
      text += c;
    }
  }
  const auto read = parse_trace(text);
  if (const auto* error = std::get_if<ParseError>(&read)) RC_FAIL(error->to_string(text));
  RC_ASSERT(std::get<Trace>(read) == trace);
}

RC_GTEST_PROP(TraceLaw, ExpectationsMatchTheResultsThatTheyCameFrom,
              (const Call& call, std::uint16_t error, bool skipped, std::int64_t value)) {
  const Result result{.error = Errno{error}, .skipped = skipped, .value = value};
  RC_ASSERT(expectation_of(result).matches(result));
  RC_ASSERT(expectation_of(call, result).matches(result));
}

}  // namespace
}  // namespace nsabi
