// The prefix reader and the tests for each kind of line.
#include "cli/strace/line.h"

#include <charconv>
#include <cstddef>

namespace cli::strace_log {
namespace {

constexpr std::size_t npos = std::string_view::npos;
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_name_char(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
// Linux' largest pid (PID_MAX_LIMIT); larger numbers in front of a line are times.
constexpr std::int64_t kMaxPid = 4194304;

struct Cursor {
  std::string_view rest;
  std::size_t column = 0;

  void skip(std::size_t n) {
    rest.remove_prefix(n);
    column += n;
  }
  void spaces() {
    while (rest.starts_with(' ')) skip(1);
  }
  bool take(std::string_view word) {
    if (!rest.starts_with(word)) return false;
    skip(word.size());
    return true;
  }
  // A number that fits, and how long it is; -1 for none.
  std::int64_t peek_number(std::size_t& length) const {
    std::int64_t value = -1;
    const auto [stop, status] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
    length = static_cast<std::size_t>(stop - rest.data());
    return status == std::errc{} && value >= 0 ? value : -1;
  }
};

// Up to six digits after the point; further ones are nanoseconds and left out.
std::int64_t micros(std::string_view digits) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    value = value * 10 + (i < digits.size() && is_digit(digits[i]) ? digits[i] - '0' : 0);
  }
  return value;
}

// "12:34:56", "12:34:56.789012", "1795445608.381705", "0.000123", and 1795445608 alone.
bool take_time(Cursor& at, Line& line) {
  std::size_t end = 0;
  while (end < at.rest.size() && (is_digit(at.rest[end]) || at.rest[end] == ':')) ++end;
  const std::string_view whole = at.rest.substr(0, end);
  std::size_t tail = end;
  if (tail < at.rest.size() && (at.rest[tail] == '.' || at.rest[tail] == ',')) {
    ++tail;
    while (tail < at.rest.size() && is_digit(at.rest[tail])) ++tail;
  }
  if (whole.empty() || tail >= at.rest.size() || at.rest[tail] != ' ') return false;
  std::int64_t seconds = 0;
  std::int64_t part = 0;
  for (const char c : whole) {
    if (c == ':') {
      seconds = (seconds + part) * 60;
      part = 0;
    } else if (part > 1'000'000'000'000) {
      return false;
    } else {
      part = part * 10 + (c - '0');
    }
    if (seconds > 1'000'000'000'000) return false;
  }
  const bool clock = whole.find(':') != npos;
  if (!clock && tail == end && part <= kMaxPid) return false;
  line.time = at.rest.substr(0, tail);
  line.time_us =
      (seconds + part) * 1'000'000 + micros(at.rest.substr(end + (tail > end), tail - end));
  at.skip(tail);
  at.spaces();
  return true;
}

// "461 ", "461<comm> ", "[pid 461] ", "[pid 461<comm>] ".
void take_pid(Cursor& at, Line& line) {
  Cursor probe = at;
  const bool bracket = probe.take("[pid ");
  probe.spaces();
  std::size_t length = 0;
  const std::int64_t pid = probe.peek_number(length);
  if (pid <= 0 || pid > kMaxPid) return;
  probe.skip(length);
  const std::string_view end = bracket ? "]" : " ";
  if (probe.take("<")) {
    const std::size_t close = probe.rest.find(bracket ? ">] " : "> ");
    if (close == npos) return;
    probe.skip(close + 1);
  }
  if (!probe.take(end)) return;
  probe.spaces();
  line.pid = static_cast<std::int32_t>(pid);
  at = probe;
}

// "[  59] " of -n, "[00007f6890003bd3] " of -i, "(+     0.000123) " of -r with -t.
void take_brackets(Cursor& at) {
  while (at.rest.starts_with('[') || at.rest.starts_with("(+")) {
    const std::size_t close = at.rest.find(at.rest.front() == '[' ? ']' : ')');
    if (close == npos || close > 24) return;
    for (std::size_t i = 1; i < close; ++i) {
      const char c = at.rest[i];
      if (!is_name_char(c) && c != ' ' && c != '?' && c != '.' && c != '+') return;
    }
    at.skip(close + 1);
    at.spaces();
  }
}

std::int32_t pid_in(std::string_view text) {
  std::size_t begin = 0;
  while (begin < text.size() && !is_digit(text[begin])) ++begin;
  std::int64_t value = 0;
  const auto [stop, status] =
      std::from_chars(text.data() + begin, text.data() + text.size(), value);
  (void)stop;
  return status == std::errc{} && value > 0 && value <= kMaxPid ? static_cast<std::int32_t>(value)
                                                                : 0;
}

constexpr std::string_view kNotice = "strace: Process ";

// "strace: Process 461 attached", also "Process 461 attached" of old versions.
bool notice(Line& line, std::string_view text) {
  if (!text.starts_with(kNotice) && !text.starts_with("Process ")) return false;
  line.other = pid_in(text.substr(0, 40));
  line.kind = text.find(" attached") != npos   ? Line::Kind::attached
              : text.find(" detached") != npos ? Line::Kind::detached
                                               : Line::Kind::ignored;
  if (line.other == 0) line.kind = Line::Kind::ignored;
  return true;
}

bool chatter(std::string_view text) {
  return text.empty() || text.starts_with("strace: ") || text.starts_with("> ") ||
         text.starts_with("[ Process PID=") || text.starts_with("% time") ||
         text.starts_with("------ ") || text.starts_with("--- stopped by ") ||
         text.starts_with("????") || text.starts_with("<detached ...>");
}

// Where "<unfinished ...>" begins, or what strace writes instead when it lets go of the task.
std::size_t unfinished_at(std::string_view body) {
  while (body.ends_with(' ')) body.remove_suffix(1);
  if (!body.ends_with(" ...>")) return npos;
  const std::size_t cut = body.rfind('<');
  if (cut == npos) return npos;
  const std::string_view word = body.substr(cut + 1);
  const bool known =
      word == "unfinished ...>" || word == "detached ...>" || word.starts_with("pid changed to ");
  return known ? cut : npos;
}

Line unreadable(Line line, std::size_t column, std::string_view expected) {
  line.kind = Line::Kind::unreadable;
  line.column = column;
  line.expected = expected;
  return line;
}

Line read_event(Line line, Cursor at) {
  if (at.take("+++ ")) {
    line.body = at.rest;
    if (at.rest.starts_with("exited with ")) {
      line.kind = Line::Kind::exited;
    } else if (at.rest.starts_with("killed by ")) {
      line.kind = Line::Kind::killed;
    } else if (at.rest.starts_with("superseded by execve in pid ")) {
      line.kind = Line::Kind::superseded;
      line.other = pid_in(at.rest);
    } else {
      return unreadable(line, at.column, "exited with, killed by or superseded by");
    }
    if (at.rest.find(" +++") == npos) {
      return unreadable(line, at.column + at.rest.size(), "+++ at the end");
    }
    return line;
  }
  if (at.take("--- ")) {
    if (!at.rest.ends_with("---")) {
      return unreadable(line, at.column + at.rest.size(), "--- at the end");
    }
    line.kind = Line::Kind::signal;
    line.body = at.rest;
    line.name = at.rest.substr(0, at.rest.find(' '));
    return line;
  }
  if (at.take("<... ")) {
    std::size_t end = 0;
    while (end < at.rest.size() && is_name_char(at.rest[end])) ++end;
    line.name = at.rest.substr(0, end);
    at.skip(end);
    if (line.name.empty()) return unreadable(line, at.column, "the name of the call that goes on");
    if (!at.take(" resumed>")) return unreadable(line, at.column, "resumed>");
    line.kind = Line::Kind::resumed;
    line.body = at.rest;
    return line;
  }
  std::size_t end = 0;
  while (end < at.rest.size() && is_name_char(at.rest[end])) ++end;
  if (end == 0 || is_digit(at.rest[0])) {
    return unreadable(line, at.column, "a call, a signal (---) or an end (+++)");
  }
  line.name = at.rest.substr(0, end);
  at.skip(end);
  if (!at.take("(")) return unreadable(line, at.column, "(");
  line.kind = Line::Kind::call;
  line.body = at.rest;
  if (const std::size_t cut = unfinished_at(line.body); cut != npos) {
    line.kind = Line::Kind::unfinished;
    line.body = line.body.substr(0, cut);
    while (line.body.ends_with(' ')) line.body.remove_suffix(1);
  } else if (line.body.find('=') == npos) {
    return unreadable(line, at.column + line.body.size(), ") = and a result, or <unfinished ...>");
  }
  return line;
}

}  // namespace

Line read_line(std::string_view text) {
  while (text.ends_with('\r')) text.remove_suffix(1);
  Line line;
  Cursor at{text};
  at.spaces();
  if (chatter(at.rest) && !at.rest.starts_with(kNotice)) {
    line.kind = Line::Kind::ignored;
    return line;
  }
  if (notice(line, at.rest)) return line;
  take_pid(at, line);
  take_brackets(at);
  take_time(at, line);
  take_brackets(at);
  if (notice(line, at.rest)) return line;
  if (chatter(at.rest)) {
    line.kind = Line::Kind::ignored;
    return line;
  }
  // A notice inside of the line: what was printed so far goes on in the next line.
  if (const std::size_t cut = text.rfind(kNotice); cut != npos && text.ends_with(" attached")) {
    line.other = pid_in(text.substr(cut));
    line.interrupted = true;
    at.rest = text.substr(at.column, cut - at.column);
    line.body = at.rest;
    line.kind = Line::Kind::attached;
    return line;
  }
  return read_event(line, at);
}

}  // namespace cli::strace_log
