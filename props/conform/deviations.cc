#include "props/conform/deviations.h"

#include <algorithm>

#include "model/model.h"

namespace props::conform {
namespace {

constexpr std::string_view kBlank = " \t\r";
constexpr std::string_view kArrow = " -> ";
constexpr std::string_view kShows = "shows ";
constexpr std::string_view kMaybe = "maybe ";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) - begin + 1);
}

// The call as in a trace: "t1 = t0.clone(CLONE_NEWUTS|SIGCHLD)" is clone with these operands.
struct Written {
  std::string_view name, operands;
};
Written written(std::string_view call) {
  const std::size_t open = std::min(call.find('('), call.size());
  const std::size_t dot = call.substr(0, open).rfind('.');
  const std::size_t begin = dot == std::string_view::npos ? 0 : dot + 1;
  return {call.substr(begin, open - begin), call.substr(open)};
}

bool has_word(std::string_view text, std::string_view word) {
  constexpr std::string_view kBetween = "(), |=";
  for (std::size_t at = 0; (at = text.find(word, at)) != std::string_view::npos; ++at) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || kBetween.find(text[at - 1]) != std::string_view::npos;
    const bool ends = end == text.size() || kBetween.find(text[end]) != std::string_view::npos;
    if (begins && ends) return true;
  }
  return false;
}

// "t1: state dying against zombie" without whose it is.
std::string_view shown(std::string_view what) {
  const std::size_t at = what.find(": ");
  return at == std::string_view::npos ? what : what.substr(at + 2);
}

std::string outcome(const abi::Result& result) {
  if (result.skipped) return "skipped";
  return result.ok() ? "ok" : to_string(result.error);
}

std::string rule_of(const Difference& d) {
  return std::string(model::rules()[d.reference.rule].id);
}

// The call after which it showed; the last one if that was at the program's end.
std::string call_of(const Judgement& judgement) {
  const auto& lines = judgement.trace.lines;
  const std::size_t at = judgement.difference->at;
  return lines.empty() ? "" : print(lines[std::min(at, lines.size() - 1)].call);
}

std::optional<KnownDeviation> parse_line(std::string_view line) {
  KnownDeviation out;
  const std::size_t comment = line.find('#');
  if (comment != std::string_view::npos) out.what = trimmed(line.substr(comment + 1));
  line = trimmed(line.substr(0, comment));
  out.text = line;
  out.maybe = line.starts_with(kMaybe);
  if (out.maybe) line = trimmed(line.substr(kMaybe.size()));
  const std::size_t end = std::min(line.find_first_of(kBlank), line.size());
  const Written call = written(line.substr(0, end));
  out.call = call.name;
  if (!call.operands.empty()) {
    if (call.operands.size() < 3 || !call.operands.ends_with(')')) return std::nullopt;
    out.about = call.operands.substr(1, call.operands.size() - 2);
  }
  const std::string_view rest = trimmed(line.substr(end));
  if (rest.starts_with(kShows)) {
    out.shows = trimmed(rest.substr(kShows.size()));
    return out;
  }
  const std::size_t arrow = rest.find(kArrow);
  if (arrow == std::string_view::npos) return std::nullopt;
  out.model = trimmed(rest.substr(0, arrow));
  out.system = trimmed(rest.substr(arrow + kArrow.size()));
  return out;
}

}  // namespace

bool KnownDeviation::is(const Judgement& judgement) const {
  const Difference& d = *judgement.difference;
  const std::string after = call_of(judgement);
  const Written made = written(after);
  if (made.name != call) return false;
  if (!about.empty() && about != rule_of(d) && !has_word(made.operands, about)) return false;
  if (model.empty()) return d.check != Check::result && shown(d.what).starts_with(shows);
  return d.check == Check::result && outcome(d.reference) == model && outcome(d.subject) == system;
}

std::variant<std::vector<KnownDeviation>, std::string> parse_deviations(std::string_view text) {
  std::vector<KnownDeviation> all;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (trimmed(line.substr(0, line.find('#'))).empty()) continue;
    auto one = parse_line(line);
    if (!one) {
      return "line " + std::to_string(number) +
             ": expected CALL(OPERAND) MODEL -> SYSTEM, or CALL shows WHAT";
    }
    all.push_back(*std::move(one));
  }
  return all;
}

std::string deviation_line(const Judgement& judgement) {
  const Difference& d = *judgement.difference;
  const std::string text = call_of(judgement);
  std::string line(written(text).name);
  if (d.check != Check::result) return line + "  shows " + std::string(shown(d.what));
  if (d.reference.rule != 0) line += "(" + rule_of(d) + ")";
  return line + "  " + outcome(d.reference) + " -> " + outcome(d.subject);
}

}  // namespace props::conform
