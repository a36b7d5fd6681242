// Words and numbers: see words.h. Everything here is linear in the text; what is not (edit
// distance) looks at words of bounded length only.
#include "abi/words.h"

#include <algorithm>
#include <array>

namespace nsabi {
namespace {

// Longer than any word of ours by a few letters.
constexpr std::size_t kLongestWord = 40;
constexpr std::size_t kQuoted = 32;

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Levenshtein distance, in one row.
std::size_t distance(std::string_view a, std::string_view b) {
  std::array<std::size_t, kLongestWord + 1> row{};
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      const std::size_t changed = diagonal + (lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1);
      row[j] = std::min({above + 1, row[j - 1] + 1, changed});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

void append_hex(std::string& out, std::uint64_t value) {
  char digits[20];
  out += "0x";
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value, 16).ptr);
}

void append_word(std::string& out, std::size_t start, char separator, std::string_view word) {
  if (out.size() > start) out += separator;
  out += word;
}

std::string_view Split::next(char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view word = rest.substr(0, end);
  more = end != std::string_view::npos;
  rest.remove_prefix(more ? end + 1 : rest.size());
  return word;
}

std::optional<std::size_t> find_word(std::span<const std::string_view> table,
                                     std::string_view word) {
  const auto found = std::find(table.begin(), table.end(), word);
  if (word.empty() || found == table.end()) return std::nullopt;
  return static_cast<std::size_t>(found - table.begin());
}

std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.size() < 2 || word.size() > kLongestWord) return {};
  std::string_view best;
  std::size_t least = word.size() < 5 ? 2 : 3;  // at this many edits it is another word
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > kLongestWord) continue;
    // SYS_ADMIN for CAP_SYS_ADMIN: half a name is nearer than a misspelt one.
    const bool half = candidate.size() <= 2 * word.size() && candidate.ends_with(word);
    const std::size_t edits = half ? 1 : distance(word, candidate);
    if (edits >= least) continue;
    least = edits;
    best = candidate;
  }
  return best;
}

std::string quoted(std::string_view word) {
  std::string out = "`";
  for (const char c : word.substr(0, kQuoted)) out += c >= ' ' && c <= '~' ? c : '?';
  if (word.size() > kQuoted) out += "...";
  return out + '`';
}

}  // namespace nsabi
