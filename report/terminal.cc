#include "report/terminal.h"

#include <algorithm>

#include "report/text.h"

namespace report {
namespace {

std::string coloured(Verdict v, bool colour) {
  const std::string word = padded(name(v), 8);
  if (!colour) return word;
  static constexpr std::string_view kCodes[kVerdicts] = {"\x1b[32m", "\x1b[1;31m", "\x1b[33m",
                                                         "\x1b[2m"};
  return std::string(kCodes[static_cast<std::size_t>(v)]) + word + "\x1b[0m";
}

std::string indented(std::string_view text, std::string_view indent) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    out += std::string(indent) + std::string(text.substr(0, end)) + "\n";
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

std::string to_text(const Finding& finding, bool colour) {
  const std::string title = "\n" + finding.check + ": " + finding.title;
  std::string out = colour ? "\x1b[1m" + title + "\x1b[0m\n" : title + "\n";
  out += indented(printable(finding.trace), "  ");
  for (const Fact& fact : finding.facts) {
    if (fact.text.find('\n') == std::string::npos) {
      out += "  " + fact.label + ": " + printable(fact.text) + "\n";
    } else {
      out += "  " + fact.label + ":\n" + indented(printable(fact.text), "    ");
    }
  }
  if (!finding.replay.empty()) out += "  replay: " + finding.replay + "\n";
  for (const std::string& file : finding.files) out += "  saved: " + file + "\n";
  return out;
}

}  // namespace

std::string to_terminal(const Table& table) {
  std::vector<std::size_t> widths;
  for (const std::string& column : table.columns) widths.push_back(width(column));
  for (const std::vector<std::string>& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  const auto line = [&](const std::vector<std::string>& row) {
    std::string out = " ";
    for (std::size_t i = 0; i < row.size(); ++i)
      out += " " + padded(printable(row[i]), widths[i]) + " ";
    while (!out.empty() && out.back() == ' ') out.pop_back();
    return out + "\n";
  };
  std::string out = "\n" + table.title + "\n" + line(table.columns);
  for (const std::vector<std::string>& row : table.rows) out += line(row);
  return out;
}

std::string to_terminal(const Report& report, const TerminalStyle& style) {
  std::string out = report.title + "\n";
  for (const Fact& fact : report.facts)
    out += "  " + fact.label + ": " + printable(fact.text) + "\n";
  out += "\n";
  std::size_t names = 0;
  for (const Check& check : report.checks) names = std::max(names, width(check.name));
  for (const Check& check : report.checks) {
    out += coloured(check.verdict, style.colour) + "  " + padded(check.name, names) + "  " +
           printable(check.says);
    if (!check.counts.empty()) out += " [" + summary(check.counts) + "]";
    if (check.seconds > 0) out += " " + duration(check.seconds);
    out += "\n";
    if (check.verdict != Verdict::holds && !check.reason.empty()) {
      out += indented(printable(check.reason), "          ");
    }
    for (const std::string& detail : check.details)
      out += indented(printable(detail), "          ");
  }
  for (const Finding& finding : report.findings) out += to_text(finding, style.colour);
  if (style.tables) {
    for (const Table& table : report.tables) out += to_terminal(table);
  }
  return out;
}

}  // namespace report
