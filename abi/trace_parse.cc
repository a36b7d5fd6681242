// Reads traces. Lines are cut by trace_scan.h; which operands a call has is said by
// trace_operands.h; how each reads, by trace_codecs.h.
#include <algorithm>

#include "abi/trace_operands.h"
#include "abi/trace_scan.h"

namespace nsabi {
namespace {

// The visitor of trace_operands.h that takes operands from a list of texts. After the first that
// does not read, it takes no more.
class OperandReader {
 public:
  // `end` is where an operand that is missing should have stood.
  OperandReader(std::span<const std::string_view> texts, const char* end)
      : texts_(texts), taken_(texts.size()), end_(end) {}

  template <class T>
  void operand(const auto& codec, T& value, bool due = true) {
    if (stop_) return;
    if (place_ < texts_.size()) {
      taken_[place_] = true;
      read(codec, texts_[place_++], value);
    } else if (due) {
      refuse(end_, codec.read({}, value)->expected);
    }
  }
  template <class T>
  void named(std::string_view key, const auto& codec, T& value) {
    if (!take(key, codec, value)) refuse(end_, std::string(key) + "=");
  }
  template <class T>
  void option(std::string_view key, const auto& codec, T& value, const T& usual) {
    if (!take(key, codec, value)) value = usual;
  }
  void mark(std::string_view word, bool& value) {
    keys_.push_back(word);
    value = false;
    for (std::size_t i = place_; i < texts_.size() && !value; ++i) {
      if (texts_[i] == word) taken_[i] = value = true;
    }
  }

  // Refuses the operands that nobody took.
  std::optional<Stop> finish() {
    for (std::size_t i = 0; i < texts_.size() && !stop_; ++i) {
      if (!taken_[i]) refuse_left(texts_[i]);
    }
    return std::move(stop_);
  }

 private:
  template <class T>
  void read(const auto& codec, std::string_view text, T& value) {
    if (Outcome bad = codec.read(text, value)) {
      refuse(text.data() + bad->at, std::move(bad->expected));
    }
  }
  template <class T>
  bool take(std::string_view key, const auto& codec, T& value) {
    keys_.push_back(key);
    for (std::size_t i = place_; i < texts_.size() && !stop_; ++i) {
      const std::string_view text = texts_[i];
      if (!text.starts_with(key) || text.substr(key.size(), 1) != "=") continue;
      taken_[i] = true;
      read(codec, text.substr(key.size() + 1), value);
      return true;
    }
    return false;
  }
  void refuse_left(std::string_view text) {
    const std::string_view key = text.substr(0, text.find('='));
    if (find_word(keys_, key)) {
      refuse(text.data(), std::string(key) + " once, and with = only if it takes a value");
    } else if (keys_.empty()) {
      refuse(text.data(), wanted("no more operands", text));
    } else {
      std::string list;
      for (const std::string_view k : keys_) list.append(list.empty() ? "" : ", ").append(k);
      refuse(text.data(), wanted("one of " + list, key, keys_));
    }
  }
  void refuse(const char* at, std::string expected) {
    if (!stop_) stop_ = Stop{at, std::move(expected)};
  }

  std::span<const std::string_view> texts_;
  std::vector<bool> taken_;
  const char* end_;
  std::size_t place_ = 0;               // operands in their places that were taken
  std::vector<std::string_view> keys_;  // that this call knows
  std::optional<Stop> stop_;
};

// The visitor that takes the names of what a call makes.
class ResultReader {
 public:
  // Names that are missing are `next_name` of their kind; without one they are an error at `begin`.
  ResultReader(const CallParts& parts, const char* begin, std::optional<std::uint32_t> next_name)
      : parts_(parts), begin_(begin), next_name_(next_name) {}

  template <class Name>
  void makes(Name& name) {
    may_make(true, name);
  }
  template <class Name>
  void may_make(bool due, Name& name) {
    const auto& codec = codec_of(name);
    if (stop_) return;
    for (const std::string_view text : parts_.names) {
      if (!text.starts_with(codec.letter)) continue;
      Outcome bad = codec.read(text, name);
      if (bad) stop_ = Stop{text.data(), std::move(bad->expected)};
      taken_ += codec.letter;
      return;
    }
    if (!due) return;
    const auto other = std::find_if(parts_.names.begin(), parts_.names.end(), [](auto text) {
      return std::string_view("tfb").find(text.front()) == std::string_view::npos;
    });
    if (other != parts_.names.end()) {
      stop_ = Stop{other->data(), wanted(codec.example(), *other)};
    } else if (next_name_) {
      name = Name{*next_name_};
    } else {
      stop_ = Stop{begin_, "a name for the " + codec.kind() + " that this call makes, as in `" +
                               codec.letter + "1 = `"};
    }
  }

  // Refuses names of what the call does not make, and two of a kind.
  std::optional<Stop> finish() {
    std::string left = taken_;
    for (const std::string_view name : parts_.names) {
      if (stop_) break;
      const std::size_t kind = left.find(name.front());
      if (kind != std::string::npos) {
        left.erase(kind, 1);
      } else if (taken_.find(name.front()) != std::string::npos) {
        stop_ = Stop{name.data(), wanted("one name of a kind", name)};
      } else {
        stop_ =
            Stop{name.data(),
                 wanted("only names of what " + std::string(parts_.word) + " makes here", name)};
      }
    }
    return std::move(stop_);
  }

 private:
  const CallParts& parts_;
  const char* begin_;
  std::optional<std::uint32_t> next_name_;
  std::string taken_;  // letters of the names that were taken
  std::optional<Stop> stop_;
};

template <class T>
std::optional<Stop> read_part(const auto& codec, std::string_view text, T& value) {
  Outcome bad = codec.read(text, value);
  if (!bad) return {};
  return Stop{text.data() + bad->at, std::move(bad->expected)};
}

std::optional<Stop> read_op(const CallParts& parts, const char* begin,
                            std::optional<std::uint32_t> next_name, Op& op) {
  const auto known = op_from(parts.word);
  if (!known) {
    return Stop{parts.word.data(), wanted("a call such as fork", parts.word, op_words())};
  }
  op = *known;
  return std::visit(
      [&](auto& call) -> std::optional<Stop> {
        OperandReader in(parts.operands, parts.close.data());
        operands(in, call);
        if (auto stop = in.finish()) return stop;
        ResultReader out(parts, begin, next_name);
        results(out, call);
        return out.finish();
      },
      op);
}

// One call, from a line that is neither blank nor only a comment.
std::optional<Stop> read_line(std::string_view line, CallParts& parts,
                              std::optional<std::uint32_t> next_name, TraceLine& read) {
  if (auto stop = scan_call(line, parts)) return stop;
  if (!parts.caller.empty()) {
    if (auto stop = read_part(kTask, parts.caller, read.call.caller)) return stop;
  } else if (!next_name) {
    return Stop{parts.word.data(), "the task that calls, such as t0."};
  }
  const char* const begin = parts.caller.empty() ? parts.word.data() : parts.caller.data();
  if (auto stop = read_op(parts, begin, next_name, read.call.op)) return stop;
  if (parts.fault) {
    if (auto stop = read_part(kNumber<std::uint16_t>, *parts.fault, read.call.fault)) return stop;
  }
  if (!parts.result) return {};
  return read_part(kExpectation, *parts.result, read.expected.emplace());
}

std::optional<Stop> read_header(std::string_view line, Setup& setup) {
  std::vector<std::string_view> words;
  if (auto stop = scan_header(line, words)) return stop;
  OperandReader in(words, line.data() + line.size());
  operands(in, setup);
  return in.finish();
}

// Lines of a text, with and without CR.
class Lines {
 public:
  explicit Lines(std::string_view text) : split_{text} {}
  bool next() {
    if (!split_.more) return false;
    line_ = split_.next('\n');
    if (line_.ends_with('\r')) line_.remove_suffix(1);
    ++number_;
    return true;
  }
  std::string_view line() const { return line_; }
  std::size_t number() const { return number_; }
  ParseError error(Stop stop) const {
    return {number_, static_cast<std::size_t>(stop.at - line_.data()) + 1,
            std::move(stop.expected)};
  }

 private:
  Split split_;
  std::string_view line_;
  std::size_t number_ = 0;
};

}  // namespace

std::variant<Trace, ParseError> parse_trace(std::string_view text) {
  Trace trace;
  CallParts parts;
  bool header = false;
  Lines lines(text);
  while (lines.next()) {
    if (auto stop = unprintable(lines.line())) return lines.error(std::move(*stop));
    const std::string_view line = without_comment(lines.line());
    if (line.empty()) continue;
    std::optional<Stop> stop;
    if (header) {
      TraceLine& read = trace.lines.emplace_back();
      read.line = lines.number();
      stop = read_line(line, parts, std::nullopt, read);
    } else {
      stop = read_header(line, trace.setup);
      header = true;
    }
    if (stop) return lines.error(std::move(*stop));
  }
  if (header) return trace;
  return lines.error({lines.line().data() + lines.line().size(),
                      "the header, such as nsproxy-trace 1 profile=6.18"});
}

std::variant<Call, ParseError> parse_call(std::string_view text, std::uint32_t next_name) {
  Lines lines(text);
  lines.next();
  if (auto stop = unprintable(lines.line())) return lines.error(std::move(*stop));
  TraceLine read;
  CallParts parts;
  const std::string_view line = without_comment(lines.line());
  if (auto stop = read_line(line, parts, next_name, read)) return lines.error(std::move(*stop));
  while (lines.next()) {
    if (!without_comment(lines.line()).empty()) {
      return lines.error({lines.line().data(), "nothing after the call"});
    }
  }
  return read.call;
}

std::string ParseError::to_string(std::string_view file) const {
  std::string out(file);
  if (!file.empty()) out += ':';
  append_number(out, line);
  out += ':';
  append_number(out, column);
  return out + ": expected " + expected;
}

}  // namespace nsabi
