// The reader of argument lists: recursive descent with a bound on depth and on the number of nodes.
#include "cli/strace/value.h"

#include <charconv>

namespace cli::strace_log {
namespace {

constexpr int kMaxDepth = 24;
constexpr std::size_t kMaxNodes = 1 << 16;

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_name_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool at_end() const { return pos_ >= text_.size(); }
  char peek(std::size_t ahead = 0) const {
    return pos_ + ahead < text_.size() ? text_[pos_ + ahead] : '\0';
  }
  bool starts_with(std::string_view word) const { return text_.substr(pos_).starts_with(word); }
  bool take(std::string_view word) {
    if (!starts_with(word)) return false;
    pos_ += word.size();
    return true;
  }
  void skip_spaces() {
    while (peek() == ' ') ++pos_;
  }
  std::size_t pos() const { return pos_; }
  bool failed() const { return failed_; }
  Unreadable error() const { return error_; }
  bool fail(std::string_view expected) {
    if (!failed_) error_ = {pos_, expected};
    failed_ = true;
    return false;
  }

  bool list(std::vector<Value>& items, char end, int depth);
  bool result(Return& ret);

 private:
  bool value(Value& v, int depth);
  bool string(Value& v);
  bool word(Value& v);
  bool trailers(Value& v, int depth);
  bool comment(std::string_view& out);
  bool note(std::string_view& out);

  std::string_view text_;
  std::size_t pos_ = 0;
  std::size_t nodes_ = 0;
  bool failed_ = false;
  Unreadable error_;
};

bool Reader::comment(std::string_view& out) {
  const std::size_t close = text_.find("*/", pos_ + 2);
  if (close == std::string_view::npos) return fail("the end of a comment, */");
  out = text_.substr(pos_ + 2, close - pos_ - 2);
  while (out.starts_with(' ')) out.remove_prefix(1);
  while (out.ends_with(' ')) out.remove_suffix(1);
  pos_ = close + 2;
  return true;
}

// A note ends at the first > that a delimiter follows: paths and addresses may hold "->" and "<…>".
bool Reader::note(std::string_view& out) {
  const std::size_t begin = ++pos_;
  for (; !at_end(); ++pos_) {
    if (peek() != '>') continue;
    if (peek(1) == '(' && text_.substr(pos_ + 1).starts_with("(deleted)")) {
      out = text_.substr(begin, pos_ - begin);
      pos_ += std::string_view(">(deleted)").size();
      return true;
    }
    const char next = peek(1);
    if (next == '\0' || next == ',' || next == ')' || next == ']' || next == '}' || next == ' ' ||
        next == '|') {
      out = text_.substr(begin, pos_ - begin);
      ++pos_;
      return true;
    }
  }
  return fail("the end of a descriptor's note, >");
}

bool Reader::string(Value& v) {
  v.kind = Value::Kind::string;
  const std::size_t begin = ++pos_;
  for (; !at_end(); ++pos_) {
    if (peek() == '\\') {
      ++pos_;
    } else if (peek() == '"') {
      v.text = text_.substr(begin, pos_ - begin);
      ++pos_;
      v.cut = take("...");
      // A log whose long strings were cut a second time, by hand.
      while (v.cut && take("\"...")) {
      }
      return true;
    }
  }
  return fail("the end of a string");
}

// Everything else: numbers, names joined by | or &&, macros with arguments, signal sets.
bool Reader::word(Value& v) {
  const std::size_t begin = pos_;
  int parentheses = 0;
  for (; !at_end(); ++pos_) {
    const char c = peek();
    if (c == '(') ++parentheses;
    if (c == ')' && parentheses-- == 0) break;
    if (parentheses > 0) continue;
    if (c == ',' || c == ']' || c == '}' || c == '"') break;
    if (c == ' ' && (starts_with(" /*") || starts_with(" =>"))) break;
    if (c == '<') {
      if (peek(1) != '<') break;  // the note of a descriptor
      ++pos_;                     // a shift, as in 1<<CAP_KILL
    }
    if (c == '[' && pos_ > begin && text_[pos_ - 1] != '~') break;
    if (c == '[') {
      const std::size_t close = text_.find(']', pos_);
      if (close == std::string_view::npos) return fail("the end of a set, ]");
      pos_ = close;
    }
  }
  v.text = text_.substr(begin, pos_ - begin);
  while (v.text.ends_with(' ')) v.text.remove_suffix(1);
  return true;
}

// Notes, comments and what they interrupt: "0x3 /* A|B */|17 /* C */", "-100 /* AT_FDCWD */</x>".
bool Reader::trailers(Value& v, int depth) {
  for (;;) {
    if (peek() == '<') {
      if (!note(v.note)) return false;
    } else if (starts_with("/*")) {
      if (!comment(v.comment)) return false;
    } else if (starts_with(" /*")) {
      ++pos_;
    } else if (peek() == '|' && v.kind == Value::Kind::word) {
      // The word goes on: keep it whole, comments included; words.h skips them.
      const std::size_t begin = static_cast<std::size_t>(v.text.data() - text_.data());
      Value more;
      if (!word(more)) return false;
      v.text = text_.substr(begin, pos_ - begin);
    } else if (starts_with(" => ")) {
      pos_ += 4;
      Value out;
      if (!value(out, depth + 1)) return false;
      if (out.kind == Value::Kind::structure) {
        v.out = std::move(out.items);
      } else {
        v.out.push_back(std::move(out));
      }
    } else if (peek() == '[' || peek() == '{') {
      // A pointer with what it points to, as in "0x7f… [5]".
      Value out;
      if (!value(out, depth + 1)) return false;
      v.out.push_back(std::move(out));
    } else {
      return true;
    }
  }
}

bool Reader::value(Value& v, int depth) {
  if (depth > kMaxDepth) return fail("fewer levels of brackets");
  if (++nodes_ > kMaxNodes) return fail("fewer arguments");
  std::size_t end = pos_;
  while (end < text_.size() && is_name_char(text_[end])) ++end;
  if (end > pos_ && end < text_.size() && text_[end] == '=' && !is_digit(peek()) &&
      !text_.substr(end).starts_with("==") && !text_.substr(end).starts_with("=>")) {
    v.name = text_.substr(pos_, end - pos_);
    pos_ = end + 1;
  }
  bool good = false;
  if (peek() == '"') {
    good = string(v);
  } else if (peek() == '{') {
    ++pos_;
    v.kind = Value::Kind::structure;
    good = list(v.items, '}', depth + 1);
  } else if (peek() == '[') {
    ++pos_;
    v.kind = Value::Kind::array;
    good = list(v.items, ']', depth + 1);
  } else {
    good = word(v);
  }
  return good && trailers(v, depth);
}

// Items up to `end`, or up to the end of the text when `end` is 0. Separators are commas; arrays of
// pairs also use blanks and "=" ("[{WIFEXITED(s) && …}]", "[CHLD USR1]"), which words swallow.
bool Reader::list(std::vector<Value>& items, char end, int depth) {
  for (;;) {
    skip_spaces();
    if (at_end()) return end == '\0' || fail(end == ')' ? "a ) or another argument" : "a bracket");
    if (end != '\0' && peek() == end) {
      ++pos_;
      return true;
    }
    const std::size_t before = pos_;
    if (!value(items.emplace_back(), depth)) return false;
    skip_spaces();
    if (peek() == ',') {
      ++pos_;
    } else if (pos_ == before) {
      return fail("an argument");
    }
  }
}

bool Reader::result(Return& ret) {
  skip_spaces();
  if (!take("=")) return fail("= and a result");
  skip_spaces();
  if (take("?")) {
    skip_spaces();
    ret.kind = starts_with("ERESTART") ? Return::Kind::restart : Return::Kind::unknown;
    return true;
  }
  const bool negative = take("-");
  const bool hex = take("0x");
  const char* const begin = text_.data() + pos_;
  std::uint64_t number = 0;
  const auto [stop, status] =
      std::from_chars(begin, text_.data() + text_.size(), number, hex ? 16 : 10);
  if (status != std::errc{}) return fail("a result: a number or ?");
  pos_ += static_cast<std::size_t>(stop - begin);
  ret.kind = Return::Kind::value;
  ret.value = static_cast<std::int64_t>(negative ? 0 - number : number);
  if (peek() == '<' && !note(ret.note)) return false;
  skip_spaces();
  if (starts_with("/*") && !comment(ret.comment)) return false;
  skip_spaces();
  if (negative && number == 1 && (peek() == 'E' || take("(errno "))) {
    std::size_t end = pos_;
    while (end < text_.size() && is_name_char(text_[end])) ++end;
    ret.error = text_.substr(pos_, end - pos_);
    ret.kind = Return::Kind::error;
    pos_ = end;
  }
  ret.injected = text_.substr(pos_).find("(INJECTED)") != std::string_view::npos;
  return true;
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

const Value* by_name(const std::vector<Value>& items, std::string_view name) {
  for (const Value& v : items) {
    if (v.name == name) return &v;
  }
  return nullptr;
}

}  // namespace

const Value* Value::find(std::string_view field) const {
  const Value* found = by_name(items, field);
  return found != nullptr ? found : by_name(out, field);
}

const Value* CallText::arg(std::size_t index) const {
  return index < args.size() ? &args[index] : nullptr;
}

const Value* CallText::named(std::string_view name) const { return by_name(args, name); }

std::optional<Unreadable> read_call(std::string_view text, bool finished, CallText& call) {
  Reader reader(text);
  if (reader.list(call.args, finished ? ')' : '\0', 0) && finished) reader.result(call.ret);
  if (reader.failed()) return reader.error();
  return std::nullopt;
}

std::string unescape(const Value& string) {
  std::string bytes;
  const std::string_view s = string.text;
  for (std::size_t i = 0; i < s.size(); ++i) {
    if (s[i] != '\\' || i + 1 == s.size()) {
      bytes += s[i];
      continue;
    }
    const char c = s[++i];
    if (c >= '0' && c <= '7') {
      unsigned value = 0;
      std::size_t digits = 0;
      for (; digits < 3 && i < s.size() && s[i] >= '0' && s[i] <= '7'; ++digits, ++i) {
        value = value * 8 + static_cast<unsigned>(s[i] - '0');
      }
      --i;
      bytes += static_cast<char>(value & 0xff);
    } else if (c == 'x') {
      int value = 0;
      for (int digits = 0; digits < 2 && i + 1 < s.size() && hex_digit(s[i + 1]) >= 0; ++digits) {
        value = value * 16 + hex_digit(s[++i]);
      }
      bytes += static_cast<char>(value);
    } else {
      constexpr std::string_view from = "abfnrtve", to = "\a\b\f\n\r\t\v\033";
      const std::size_t index = from.find(c);
      bytes += index == std::string_view::npos ? c : to[index];
    }
  }
  return bytes;
}

}  // namespace cli::strace_log
