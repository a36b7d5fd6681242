// Prints traces. What a call's text consists of is said by trace_operands.h.
#include <algorithm>

#include "abi/trace.h"
#include "abi/trace_operands.h"

namespace nsabi {
namespace {

// Results stand in one column, unless that would push them out of sight.
constexpr std::size_t kWidestAligned = 72;

// The visitor of trace_operands.h that writes what a call makes: "t1, f0".
struct ResultPrinter {
  std::string& out;
  std::size_t start;

  void makes(const auto& name) {
    if (out.size() > start) out += ", ";
    codec_of(name).write(out, name);
  }
  void may_make(bool due, const auto& name) {
    if (due || name.n != 0) makes(name);
  }
};

// The visitor that writes operands, with `separator` between them.
struct OperandPrinter {
  std::string& out;
  std::size_t start;
  std::string_view separator = ", ";

  void next() {
    if (out.size() > start) out += separator;
  }
  template <class T>
  void operand(const auto& codec, const T& value, bool due = true) {
    if (!due && value == T{}) return;
    next();
    codec.write(out, value);
  }
  template <class T>
  void named(std::string_view key, const auto& codec, const T& value) {
    next();
    out.append(key).append("=");
    codec.write(out, value);
  }
  template <class T>
  void option(std::string_view key, const auto& codec, const T& value, const T& usual) {
    if (value != usual) named(key, codec, value);
  }
  void mark(std::string_view word, bool value) {
    if (!value) return;
    next();
    out += word;
  }
};

void append_call(std::string& out, const Call& call) {
  const std::size_t start = out.size();
  std::visit(
      [&](const auto& op) {
        ResultPrinter v{out, start};
        results(v, op);
      },
      call.op);
  if (out.size() > start) out += " = ";
  kTask.write(out, call.caller);
  out.append(".").append(word_of(call.op)).append("(");
  std::visit(
      [&](const auto& op) {
        OperandPrinter v{out, out.size()};
        operands(v, op);
      },
      call.op);
  out += ')';
  if (call.fault == 0) return;
  out += " fault=";
  append_number(out, call.fault);
}

// The width of the calls that have a result, as far as alignment cares.
std::size_t aligned_width(const Trace& trace) {
  std::size_t width = 0;
  std::string text;
  for (const TraceLine& line : trace.lines) {
    if (!line.expected) continue;
    text.clear();
    append_call(text, line.call);
    if (text.size() <= kWidestAligned) width = std::max(width, text.size());
  }
  return width;
}

bool gives_number(const Op& op) {
  if (const auto* ioctl = std::get_if<NsIoctl>(&op)) {
    return ioctl->op != NsOp::unknown && !makes_file(ioctl->op);
  }
  return std::holds_alternative<Fork>(op) || std::holds_alternative<Vfork>(op) ||
         std::holds_alternative<Clone>(op) || std::holds_alternative<Clone3>(op) ||
         std::holds_alternative<Wait>(op);
}

}  // namespace

std::string print(const Call& call) {
  std::string out;
  append_call(out, call);
  return out;
}

std::string print(const Setup& setup) {
  std::string out = "nsproxy-trace 1 ";
  OperandPrinter v{out, out.size(), " "};
  operands(v, setup);
  return out;
}

std::string print(const Expectation& e) {
  std::string out;
  kExpectation.write(out, e);
  return out;
}

std::string print(const Trace& trace) {
  std::string out = print(trace.setup) + '\n';
  const std::size_t width = aligned_width(trace);
  for (const TraceLine& line : trace.lines) {
    const std::size_t start = out.size();
    append_call(out, line.call);
    if (line.expected) {
      const std::size_t length = out.size() - start;
      out.append(length < width ? width - length : 0, ' ');
      out += "  -> ";
      kExpectation.write(out, *line.expected);
    }
    out += '\n';
  }
  return out;
}

Expectation expectation_of(const Result& r) {
  Expectation e{.error = r.error, .skipped = r.skipped, .value = {}};
  if (r.value != 0) e.value = r.value;
  return e;
}

Expectation expectation_of(const Call& call, const Result& r) {
  Expectation e = expectation_of(r);
  if (r.ok() && gives_number(call.op)) e.value = r.value;
  return e;
}

}  // namespace nsabi
