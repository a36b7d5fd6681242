#include "report/junit.h"

#include <algorithm>
#include <cstdio>

#include "report/text.h"

namespace report {
namespace {

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + xml_escaped(value) + "\"";
}

std::string seconds(double s) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", s);
  return text;
}

// What a failing case says: the findings of its check.
std::string body(const Report& report, const Check& check) {
  std::string text = check.reason + "\n";
  for (const Finding& finding : report.findings) {
    if (finding.check != check.name) continue;
    text += "\n" + finding.title + "\n" + finding.trace;
    for (const Fact& fact : finding.facts) text += fact.label + ": " + fact.text + "\n";
    if (!finding.replay.empty()) text += "replay: " + finding.replay + "\n";
  }
  return text;
}

std::string outcome(const Report& report, const Check& check) {
  switch (check.verdict) {
    case Verdict::holds:
      return "";
    case Verdict::violated:
      return "      <failure" + attribute("message", check.reason) + ">" +
             xml_escaped(body(report, check)) + "</failure>\n";
    case Verdict::unknown:
      return "      <error" + attribute("message", check.reason) + "/>\n";
    case Verdict::not_run:
      return "      <skipped" + attribute("message", check.reason) + "/>\n";
  }
  return "";
}

std::string test_case(const Report& report, const Check& check) {
  std::string out = "    <testcase" + attribute("name", check.name) +
                    attribute("classname", name(check.kind)) +
                    attribute("time", seconds(check.seconds)) + ">\n";
  out += outcome(report, check);
  std::string text = check.says;
  if (!check.counts.empty()) text += "\n" + summary(check.counts);
  for (const std::string& detail : check.details) text += "\n" + detail;
  if (!text.empty()) out += "      <system-out>" + xml_escaped(text) + "</system-out>\n";
  return out + "    </testcase>\n";
}

}  // namespace

std::string xml_escaped(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string to_junit(const Report& report) {
  double time = 0;
  for (const Check& check : report.checks) time += check.seconds;
  const auto number = [&](Verdict v) {
    return std::to_string(std::count_if(report.checks.begin(), report.checks.end(),
                                        [v](const Check& c) { return c.verdict == v; }));
  };
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite";
  out += attribute("name", report.title);
  out += attribute("tests", std::to_string(report.checks.size()));
  out += attribute("failures", number(Verdict::violated));
  out += attribute("errors", number(Verdict::unknown));
  out += attribute("skipped", number(Verdict::not_run));
  out += attribute("time", seconds(time)) + ">\n";
  if (!report.facts.empty()) {
    out += "    <properties>\n";
    for (const Fact& fact : report.facts) {
      out += "      <property" + attribute("name", fact.label) + attribute("value", fact.text) +
             "/>\n";
    }
    out += "    </properties>\n";
  }
  for (const Check& check : report.checks) out += test_case(report, check);
  return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace report
