// Rules as text: see rules.h.
#include "cli/rules.h"

#include <string_view>
#include <vector>

#include "cli/io.h"
#include "report/markdown.h"
#include "report/text.h"

namespace cli {
namespace {

constexpr std::string_view kIntroduction =
    "# Rules\n"
    "\n"
    "Every check that the model makes, call by call, in the kernel's order: the first that fires "
    "decides\n"
    "the errno, and the call has no effect. `fork` and `vfork` are `clone` with fixed flags. "
    "Sections and\n"
    "reasons are in model/rules/; `nsproxy explain 'CALL'` applies them to a call.\n"
    "\n"
    "This page is the output of a command, and a test keeps it current:\n"
    "\n"
    "    ./bazelw run //:nsproxy -- rules --markdown > docs/rules.md\n\n";

std::string place(std::size_t order, const model::RuleInfo& rule) {
  return rule.is_step ? "" : std::to_string(order);
}

// One table for each call, with the rules numbered in order.
std::vector<report::Table> tables(bool steps) {
  std::vector<report::Table> out;
  std::size_t order = 0;
  for (const model::RuleInfo& rule : model::rules().subspan(1)) {
    if (out.empty() || out.back().title != rule.call) {
      out.push_back(
          {.title = std::string(rule.call),
           .columns = {"#", "rule", "errno", "versions", "kernel function", "when", "what to do"},
           .rows = {}});
      order = 0;
    }
    if (rule.is_step && !steps) continue;
    if (!rule.is_step) ++order;
    out.back().rows.push_back({place(order, rule), std::string(rule.id), abi::to_string(rule.error),
                               abi::versions_text(rule.since, rule.until),
                               std::string(rule.function), std::string(rule.says),
                               std::string(rule.remedy)});
  }
  std::erase_if(out, [](const report::Table& t) { return t.rows.empty(); });
  return out;
}

// A rule in a few lines: a row of seven columns would be wider than any terminal.
std::string as_paragraph(const std::vector<std::string>& row) {
  const std::string indent(6, ' ');
  std::string out = "\n  " + report::padded(row[0], 4) + row[1] + "  " + row[2] + "  " + row[4] +
                    (row[3].empty() ? "" : "  Linux " + row[3]) + "\n";
  return out + wrapped(row[5], indent, indent) + wrapped(row[6], indent + "-> ", indent + "   ");
}

}  // namespace

const model::RuleInfo* rule_of(const abi::Result& result) {
  return result.rule == 0 ? nullptr : &model::rules()[result.rule];
}

std::string outcome(const abi::Result& result) {
  const model::RuleInfo* rule = rule_of(result);
  const std::string error = result.skipped ? "skipped" : abi::to_string(result.error);
  return rule == nullptr ? error : error + " (" + std::string(rule->id) + ")";
}

std::string rules_as_markdown(bool steps) {
  std::string out(kIntroduction);
  for (const report::Table& table : tables(steps)) out += report::to_markdown(table);
  return out;
}

std::string rules_as_text(bool steps) {
  std::string out;
  for (const report::Table& table : tables(steps)) {
    out += (out.empty() ? "" : "\n") + table.title + "\n";
    for (const std::vector<std::string>& row : table.rows) out += as_paragraph(row);
  }
  return out;
}

}  // namespace cli
