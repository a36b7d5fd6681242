// The words that begin a call. Each call has one, but for exit and id maps, which have two: the
// kernel has two system calls or two files where the vocabulary has one struct.
#include "abi/trace_operands.h"

#include <algorithm>
#include <array>
#include <utility>

namespace nsabi {
namespace {

struct Word {
  std::string_view word;
  Op (*begin)();
};

template <class Struct>
Op begin_default() {
  return Struct{};
}

constexpr std::array<Word, 4> kSpecial = {{
    {"exit", [] { return Op(Exit{.group = false}); }},
    {"exit_group", [] { return Op(Exit{.group = true}); }},
    {"write_uid_map",
     [] { return Op(WriteIdMap{.target = {}, .kind = MapKind::uid, .extents = {}}); }},
    {"write_gid_map",
     [] { return Op(WriteIdMap{.target = {}, .kind = MapKind::gid, .extents = {}}); }},
}};

constexpr bool special(std::size_t op_index) {
  return op_index == Op(Exit{}).index() || op_index == Op(WriteIdMap{}).index();
}

constexpr std::size_t kWords = kOps - 2 + kSpecial.size();

template <std::size_t... kIndex>
std::array<Word, kWords> all_words(std::index_sequence<kIndex...>) {
  std::array<Word, kWords> words{};
  std::size_t n = 0;
  const auto add = [&](std::size_t index, Op (*begin)()) {
    if (!special(index)) words[n++] = {op_name(index), begin};
  };
  (add(kIndex, begin_default<std::variant_alternative_t<kIndex, Op>>), ...);
  std::copy(kSpecial.begin(), kSpecial.end(), words.begin() + n);
  return words;
}

const std::array<Word, kWords>& words() {
  static const std::array<Word, kWords> table = all_words(std::make_index_sequence<kOps>{});
  return table;
}

}  // namespace

std::string_view word_of(const Op& op) {
  if (const auto* exit = std::get_if<Exit>(&op)) return exit->group ? "exit_group" : "exit";
  if (const auto* map = std::get_if<WriteIdMap>(&op)) {
    return map->kind == MapKind::uid ? "write_uid_map" : "write_gid_map";
  }
  return op_name(op.index());
}

std::optional<Op> op_from(std::string_view word) {
  for (const Word& w : words()) {
    if (w.word == word) return w.begin();
  }
  return std::nullopt;
}

std::span<const std::string_view> op_words() {
  static const auto list = [] {
    std::array<std::string_view, kWords> out;
    std::transform(words().begin(), words().end(), out.begin(),
                   [](const Word& w) { return w.word; });
    return out;
  }();
  return list;
}

}  // namespace nsabi
