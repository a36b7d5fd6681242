#include "report/markdown.h"

#include <algorithm>

#include "report/text.h"

namespace report {
namespace {

std::string row(const std::vector<std::string>& cells) {
  std::string out = "|";
  for (const std::string& cell : cells) out += " " + markdown_escaped(cell) + " |";
  return out + "\n";
}

std::string_view mark(Verdict v) {
  switch (v) {
    case Verdict::holds:
      return "✅ holds";
    case Verdict::violated:
      return "❌ violated";
    case Verdict::unknown:
      return "❔ unknown";
    case Verdict::not_run:
      return "⬜ not run";
  }
  return "";
}

std::string to_markdown(const Finding& finding) {
  std::string out = "### " + markdown_escaped(finding.title) + "\n\n";
  if (!finding.trace.empty()) out += fenced(finding.trace) + "\n";
  for (const Fact& fact : finding.facts) {
    const bool lines = fact.text.find('\n') != std::string::npos;
    out += "- " + markdown_escaped(fact.label) + ": ";
    out += lines ? "\n\n" + fenced(fact.text) : markdown_escaped(fact.text) + "\n";
  }
  if (!finding.replay.empty()) out += "\nReplay:\n\n" + fenced(finding.replay);
  return out + "\n";
}

}  // namespace

std::string markdown_escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    if (c == '\n') {
      out += ' ';
      continue;
    }
    if (std::string_view("\\`*_{}[]<>#|~").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string fenced(std::string_view text) {
  std::size_t longest = 0, here = 0;
  for (const char c : text) {
    here = c == '`' ? here + 1 : 0;
    longest = std::max(longest, here);
  }
  const std::string fence(std::max<std::size_t>(3, longest + 1), '`');
  std::string out = fence + "text\n" + printable(text);
  if (out.back() != '\n') out += '\n';
  return out + fence + "\n";
}

std::string to_markdown(const Table& table) {
  std::string out = "### " + markdown_escaped(table.title) + "\n\n" + row(table.columns) + "|";
  for (std::size_t i = 0; i < table.columns.size(); ++i) out += "---|";
  out += "\n";
  for (const std::vector<std::string>& cells : table.rows) out += row(cells);
  return out + "\n";
}

std::string to_markdown(const Report& report) {
  std::string out = "## " + markdown_escaped(report.title) + "\n\n";
  for (const Fact& fact : report.facts) {
    out += "- " + markdown_escaped(fact.label) + ": " + markdown_escaped(fact.text) + "\n";
  }
  out += "\n| result | check | what it says | how often | time |\n|---|---|---|---|---|\n";
  for (const Check& check : report.checks) {
    const bool why = check.verdict != Verdict::holds && !check.reason.empty();
    out += "| " + std::string(mark(check.verdict)) + " | " + markdown_escaped(check.name) + " | " +
           markdown_escaped(check.says + (why ? " (" + check.reason + ")" : "")) + " | " +
           markdown_escaped(summary(check.counts)) + " | " + duration(check.seconds) + " |\n";
  }
  out += "\n";
  for (const Finding& finding : report.findings) out += to_markdown(finding);
  for (const Table& table : report.tables) out += to_markdown(table);
  return out;
}

}  // namespace report
