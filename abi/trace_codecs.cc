// Operands as text: see trace_codecs.h. Reading is linear in the text, but for the suggestions of
// messages, which look at one word of bounded length.
#include "abi/trace_codecs.h"

#include "abi/cap.h"
#include "abi/errno.h"
#include "abi/profile.h"

namespace nsabi {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kUnchangedWord = "unchanged";
constexpr std::string_view kSkippedWord = "skipped";

// The words of a text, blanks between them, and where each began.
class Words {
 public:
  explicit Words(std::string_view text) : text_(text) { skip(); }
  bool more() const { return at_ < text_.size(); }
  std::size_t at() const { return at_; }
  std::string_view peek() const {
    return text_.substr(at_, text_.find_first_of(kBlanks, at_) - at_);
  }
  void drop() {
    at_ += peek().size();
    skip();
  }

 private:
  void skip() { at_ = std::min(text_.find_first_not_of(kBlanks, at_), text_.size()); }
  std::string_view text_;
  std::size_t at_ = 0;
};

// The first word between separators that does not read on its own, with its place.
template <class Reads>
Misread first_bad_word(std::string_view text, std::string_view separators, std::string what,
                       std::span<const std::string_view> candidates, Reads reads) {
  for (std::size_t begin = 0;;) {
    const std::size_t end = std::min(text.find_first_of(separators, begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    if (!reads(word)) return {begin, wanted(std::move(what), word, candidates)};
    if (end == text.size()) break;
    begin = end + 1;
  }
  return {0, "one exit signal only"};  // all words read, but not together
}

// The text within [ and ]; `at` is where it begins.
Outcome within_brackets(std::string_view text, std::string_view& inner) {
  if (!text.starts_with('[')) return Misread{0, wanted("a list in [ ]", text)};
  const std::size_t end = text.find_first_of("[]", 1);
  if (end == std::string_view::npos) return Misread{text.size(), "]"};
  if (text[end] == '[') return Misread{end, "numbers or ], not another ["};
  if (end + 1 != text.size()) return Misread{end + 1, "nothing after ]"};
  inner = text.substr(1, end - 1);
  return {};
}

}  // namespace

std::string wanted(std::string what, std::string_view found,
                   std::span<const std::string_view> candidates) {
  if (found.empty()) return what;
  what += ", not " + quoted(found);
  const std::string_view meant = nearest(found, candidates);
  if (!meant.empty()) what.append(" (did you mean ").append(meant).append("?)");
  return what;
}

std::string range_of_numbers(std::int64_t least, std::uint64_t most) {
  std::string out = "a number from ";
  append_number(out, least);
  out += " to ";
  append_number(out, most);
  return out;
}

std::string_view pointer_name(Pointer p) {
  constexpr std::array<std::string_view, 3> words = {"good", "null", "bad"};
  const auto index = static_cast<std::size_t>(p);
  return index < words.size() ? words[index] : std::string_view{};
}
std::string_view place_name(RootPlace p) { return p == RootPlace::inside ? "inside" : "top"; }
std::string_view allow_name(bool allow) { return allow ? "allow" : "deny"; }

Outcome FlagsCodec::read(std::string_view text, Flags& value) const {
  if (const auto flags = flags_from(text, style)) {
    value = *flags;
    return {};
  }
  std::vector<std::string_view> names;
  for (const FlagName& n : flag_names()) names.push_back(n.name);
  const bool legacy = style == FlagStyle::signal;
  if (legacy) names.push_back("SIGCHLD");
  if (const std::size_t at = text.find("CLONE_NEWTIME"); legacy && at != std::string_view::npos) {
    return Misread{at, "no CLONE_NEWTIME, whose bit is part of the signal here: use clone3"};
  }
  return first_bad_word(text, "|",
                        legacy ? "a flag such as CLONE_NEWUTS, a signal such as SIGCHLD, or 0"
                               : "a flag such as CLONE_NEWUTS, or 0",
                        names, [&](std::string_view w) { return flags_from(w, style); });
}
void FlagsCodec::write(std::string& out, Flags value) const { out += to_string(value, style); }

Outcome IdCodec::read(std::string_view text, Id& value) const {
  if (text == kUnchangedWord) {
    value = kUnchanged;
    return {};
  }
  if (!kNumber<Id>.read(text, value)) return {};
  return Misread{0, wanted("an id from 0 to 4294967295 or `unchanged`", text)};
}
void IdCodec::write(std::string& out, Id value) const {
  if (value == kUnchanged) {
    out += kUnchangedWord;
  } else {
    append_number(out, value);
  }
}

Outcome CapsCodec::read(std::string_view text, CapSet& value) const {
  if (const auto set = caps_from(text)) {
    value = *set;
    return {};
  }
  std::vector<std::string_view> names = {"full", "none"};
  for (int n = 0; n <= kCapLast; ++n) names.push_back(cap_name(n));
  return first_bad_word(text, "|-", "full, none or capabilities such as CAP_SYS_ADMIN", names,
                        caps_from);
}
void CapsCodec::write(std::string& out, CapSet value) const { out += caps_to_string(value); }

Outcome CapCodec::read(std::string_view text, std::uint64_t& value) const {
  if (const auto number = cap_from(text)) {
    value = static_cast<std::uint64_t>(*number);
    return {};
  }
  if (!kNumber<std::uint64_t>.read(text, value)) return {};
  std::vector<std::string_view> names;
  for (int n = 0; n <= kCapLast; ++n) names.push_back(cap_name(n));
  return Misread{0, wanted("a capability such as CAP_SYS_ADMIN, or a number", text, names)};
}
void CapCodec::write(std::string& out, std::uint64_t value) const {
  if (value <= kCapLast) {
    out += cap_name(static_cast<int>(value));
  } else {
    append_number(out, value);
  }
}

Outcome TidsCodec::read(std::string_view text, std::vector<std::int32_t>& value) const {
  std::string_view inner;
  if (Outcome bad = within_brackets(text, inner)) return bad;
  value.clear();
  for (Words words(inner); words.more(); words.drop()) {
    std::int32_t tid = 0;
    if (Outcome bad = kNumber<std::int32_t>.read(words.peek(), tid)) {
      bad->at = words.at() + 1;
      return bad;
    }
    value.push_back(tid);
  }
  return {};
}
void TidsCodec::write(std::string& out, const std::vector<std::int32_t>& value) const {
  out += '[';
  const std::size_t start = out.size();
  for (const std::int32_t tid : value) {
    append_word(out, start, ' ', {});
    append_number(out, tid);
  }
  out += ']';
}

Outcome ExtentsCodec::read(std::string_view text, std::vector<Extent>& value) const {
  std::string_view inner;
  if (Outcome bad = within_brackets(text, inner)) return bad;
  value.clear();
  if (inner.find_first_not_of(kBlanks) == std::string_view::npos) return {};
  for (Split extents{inner}; extents.more;) {
    const std::size_t begin = text.size() - 1 - extents.rest.size();
    Words words(extents.next(','));
    Extent extent;
    for (Id* const part : {&extent.inside, &extent.outside, &extent.count}) {
      Outcome bad = kNumber<Id>.read(words.peek(), *part);
      if (bad && !words.more()) bad->expected = "three numbers: INSIDE OUTSIDE COUNT";
      if (bad) {
        bad->at = begin + words.at();
        return bad;
      }
      words.drop();
    }
    if (words.more()) return Misread{begin + words.at(), "a comma or ] after three numbers"};
    value.push_back(extent);
  }
  return {};
}
void ExtentsCodec::write(std::string& out, const std::vector<Extent>& value) const {
  out += '[';
  const std::size_t start = out.size();
  for (const Extent& e : value) {
    if (out.size() > start) out += ", ";
    append_number(out, e.inside);
    out += ' ';
    append_number(out, e.outside);
    out += ' ';
    append_number(out, e.count);
  }
  out += ']';
}

Outcome ProfileCodec::read(std::string_view text, Profile& value) const {
  if (const auto profile = profile_from(text)) {
    value = *profile;
    return {};
  }
  const std::size_t comma = text.find(',');
  if (!version_from(text.substr(0, comma))) {
    return Misread{0, wanted("a kernel version from 5.8 to 7.9", text.substr(0, comma))};
  }
  for (std::size_t begin = comma + 1;;) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    if (end == text.size() ||
        (word != "userns-off" && !(word.starts_with("no-") && ns_type_from(word.substr(3))))) {
      return Misread{begin, wanted("no-TYPE, as in no-time, or userns-off", word)};
    }
    begin = end + 1;
  }
}
void ProfileCodec::write(std::string& out, const Profile& value) const { out += to_string(value); }

Outcome ExpectationCodec::read(std::string_view text, Expectation& value) const {
  Words words(text);
  value = {};
  if (words.peek() == kSkippedWord) {
    value.skipped = true;
    words.drop();
  }
  if (const auto error = errno_from(words.peek())) {
    value.error = *error;
    words.drop();
  } else if (!value.skipped) {
    std::vector<std::string> names;
    for (std::uint16_t e = 0; e < 134; ++e) {
      if (std::string word = to_string(Errno{e}); !word.starts_with("E#")) names.push_back(word);
    }
    std::vector<std::string_view> views(names.begin(), names.end());
    return Misread{words.at(),
                   wanted("ok, skipped or an errno such as EPERM", words.peek(), views)};
  }
  if (!words.more()) return {};
  std::int64_t number = 0;
  if (Outcome bad = kNumber<std::int64_t>.read(words.peek(), number)) {
    bad->at = words.at();
    return bad;
  }
  value.value = number;
  words.drop();
  if (words.more()) return Misread{words.at(), "the end of the line"};
  return {};
}
void ExpectationCodec::write(std::string& out, const Expectation& value) const {
  const std::size_t start = out.size();
  if (value.skipped) out += kSkippedWord;
  if (!value.skipped || value.error != Errno::kOk) {
    append_word(out, start, ' ', to_string(value.error));
  }
  if (!value.value) return;
  out += ' ';
  append_number(out, *value.value);
}

}  // namespace nsabi
