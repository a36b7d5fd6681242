// Cuts lines: see trace_scan.h. One pass, no backing up, no recursion: a line may be as long and as
// crooked as it likes.
#include "abi/trace_scan.h"

#include <algorithm>

#include "abi/words.h"

namespace nsabi {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr bool blank(char c) { return c == ' ' || c == '\t'; }
constexpr bool wordly(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  const std::size_t end = text.find_last_not_of(kBlanks) + 1;
  return begin < end ? text.substr(begin, end - begin) : text.substr(begin, 0);
}

class Cursor {
 public:
  explicit Cursor(std::string_view line) : line_(line) { skip_blanks(); }

  bool at_end() const { return at_ == line_.size(); }
  char peek() const { return at_end() ? '\0' : line_[at_]; }
  std::string_view rest() const { return line_.substr(at_); }

  // Steps over `token` and the blanks after it, if it stands here.
  bool take(std::string_view token) {
    if (!rest().starts_with(token)) return false;
    at_ += token.size();
    skip_blanks();
    return true;
  }
  // The letters, digits and underscores that stand here; steps over them and the blanks after.
  std::string_view word() {
    const std::size_t begin = at_;
    while (!at_end() && wordly(line_[at_])) ++at_;
    const std::string_view word = line_.substr(begin, at_ - begin);
    skip_blanks();
    return word;
  }
  // Everything up to the next blank.
  std::string_view chunk() {
    const std::size_t end = std::min(line_.find_first_of(kBlanks, at_), line_.size());
    const std::string_view chunk = line_.substr(at_, end - at_);
    at_ = end;
    skip_blanks();
    return chunk;
  }
  // An operand: up to the next comma or closing parenthesis that is not in brackets.
  std::string_view operand() {
    const std::size_t begin = at_;
    bool bracket = false;
    for (; !at_end(); ++at_) {
      const char c = line_[at_];
      if (c == '[') bracket = true;
      if (c == ']') bracket = false;
      if (!bracket && (c == ',' || c == ')')) break;
    }
    return trimmed(line_.substr(begin, at_ - begin));
  }

  // What stands here is not what the grammar has.
  Stop stop(std::string expected) const { return {line_.data() + at_, std::move(expected)}; }

 private:
  void skip_blanks() {
    while (!at_end() && blank(line_[at_])) ++at_;
  }

  std::string_view line_;
  std::size_t at_ = 0;
};

// Up to and with the opening parenthesis: [NAME[, NAME] =] [tN.]word(
std::optional<Stop> scan_head(Cursor& c, CallParts& parts) {
  std::string_view word = c.word();
  if (c.peek() == ',' || c.peek() == '=') {
    for (;;) {
      if (word.empty()) return c.stop("a name such as t1 or f0");
      parts.names.push_back(word);
      if (c.take("=")) break;
      if (!c.take(",")) return c.stop("a comma or =");
      word = c.word();
    }
    word = c.word();
  }
  if (word.empty()) return c.stop("a call such as t0.fork()");
  if (c.take(".")) {
    parts.caller = word;
    word = c.word();
    if (word.empty()) return c.stop("the name of a call, such as fork");
  }
  parts.word = word;
  if (c.take("(")) return {};
  return c.stop(parts.caller.empty() ? "a task and a call, such as t0.fork(" : "(");
}

// Up to and with the closing parenthesis.
std::optional<Stop> scan_operands(Cursor& c, CallParts& parts) {
  while (c.peek() != ')' || !parts.operands.empty()) {
    const std::string_view operand = c.operand();
    if (c.at_end()) return c.stop("a comma or )");
    if (operand.empty()) return c.stop("an operand");
    parts.operands.push_back(operand);
    if (c.peek() == ')') break;
    c.take(",");
  }
  parts.close = c.rest();
  c.take(")");
  return {};
}

}  // namespace

std::string_view without_comment(std::string_view line) {
  for (std::size_t hash = line.find('#'); hash != std::string_view::npos;
       hash = line.find('#', hash + 1)) {
    if (hash == 0 || blank(line[hash - 1])) {
      line = line.substr(0, hash);
      break;
    }
  }
  return trimmed(line);
}

std::optional<Stop> unprintable(std::string_view line) {
  const auto bad = std::find_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f';
  });
  if (bad == line.end()) return {};
  return Stop{line.data() + (bad - line.begin()), "text without control characters"};
}

std::optional<Stop> scan_call(std::string_view line, CallParts& parts) {
  parts.names.clear();
  parts.operands.clear();
  parts.caller = parts.close = {};
  parts.fault = parts.result = {};
  Cursor c(line);
  if (auto stop = scan_head(c, parts)) return stop;
  if (auto stop = scan_operands(c, parts)) return stop;
  if (c.take("fault=")) parts.fault = c.chunk();
  if (c.take("->")) {
    parts.result = c.rest();
  } else if (!c.at_end()) {
    return c.stop(parts.fault ? "-> and a result, or the end of the line"
                              : "fault=N, -> and a result, or the end of the line");
  }
  return {};
}

std::optional<Stop> scan_header(std::string_view line, std::vector<std::string_view>& words) {
  const Cursor begin(line);
  Cursor c = begin;
  if (c.chunk() != "nsproxy-trace") {
    return begin.stop("the header, such as nsproxy-trace 1 profile=6.18");
  }
  const Cursor version = c;
  if (c.chunk() != "1") return version.stop("1, the version of the trace format");
  words.clear();
  while (!c.at_end()) words.push_back(c.chunk());
  return {};
}

}  // namespace nsabi
