// Recording and printing.
#include "cli/strace/program.h"

#include <utility>

namespace cli::strace_log {

Program::Program(const abi::Setup& setup, bool record)
    : model_(setup), setup_(setup), record_(record) {}

abi::Result Program::apply(abi::TaskId caller, abi::Op op, std::uint32_t line) {
  abi::Call call{.caller = caller, .op = std::move(op)};
  const abi::Result result = model_.apply(call);
  if (record_) entries_.push_back({std::move(call), result, line});
  return result;
}

abi::Result Program::explain(abi::TaskId caller, const abi::Op& op) const {
  return model_.explain({.caller = caller, .op = op}).result;
}

std::string Program::text() const {
  std::string text = abi::print(setup_) + "\n";
  for (const Entry& e : entries_) {
    text += abi::print(e.call) + " -> " + abi::print(abi::expectation_of(e.call, e.result));
    if (e.line != 0) text += "  # line " + std::to_string(e.line);
    text += '\n';
  }
  return text;
}

}  // namespace cli::strace_log
