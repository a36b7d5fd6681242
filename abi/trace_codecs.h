// How one operand of a trace line reads and prints: a codec for each kind of operand.
//
// A codec has read(text, value), which says what was wrong, and write(out, value), its inverse.
// Private to this folder: docs/trace.md describes the text, trace_operands.h says which call has
// which operands.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abi/call.h"
#include "abi/trace.h"
#include "abi/words.h"

namespace nsabi {

// What was wrong with a piece of text: at which character, and what should have stood there.
struct Misread {
  std::size_t at = 0;
  std::string expected;
};
using Outcome = std::optional<Misread>;  // nothing: all was well

// "WHAT, not `FOUND` (did you mean CANDIDATE?)".
std::string wanted(std::string what, std::string_view found,
                   std::span<const std::string_view> candidates = {});

std::string range_of_numbers(std::int64_t least, std::uint64_t most);

template <std::integral T>
struct NumberCodec {
  Outcome read(std::string_view text, T& value) const {
    if (const auto number = number_from<T>(text)) {
      value = *number;
      return {};
    }
    using Limits = std::numeric_limits<T>;
    return Misread{0, wanted(range_of_numbers(Limits::min(), Limits::max()), text)};
  }
  void write(std::string& out, T value) const { append_number(out, value); }
};
template <std::integral T>
inline constexpr NumberCodec<T> kNumber;

// t0, f12, b3.
template <class Name, char kLetter>
struct NameCodec {
  static constexpr char letter = kLetter;
  Outcome read(std::string_view text, Name& value) const {
    // number_from would take t0x1 as well.
    const bool decimal = text.find_first_not_of("0123456789", 1) == std::string_view::npos;
    const auto number = text.starts_with(kLetter) && decimal
                            ? number_from<std::uint32_t>(text.substr(1))
                            : std::nullopt;
    if (!number) return Misread{0, wanted(example(), text)};
    value = Name{*number};
    return {};
  }
  void write(std::string& out, Name value) const {
    out += kLetter;
    append_number(out, value.n);
  }
  static std::string kind() { return kLetter == 't' ? "task" : kLetter == 'f' ? "file" : "bind"; }
  static std::string example() { return "a " + kind() + " such as " + kLetter + "1"; }
};
inline constexpr NameCodec<TaskId, 't'> kTask;
inline constexpr NameCodec<FileId, 'f'> kFile;
inline constexpr NameCodec<BindId, 'b'> kBind;
constexpr const auto& codec_of(const TaskId&) { return kTask; }
constexpr const auto& codec_of(const FileId&) { return kFile; }
constexpr const auto& codec_of(const BindId&) { return kBind; }

// An enumerator by its word.
template <class E, std::size_t kCount>
struct WordCodec {
  const char* what;
  std::string_view (*name)(E);

  Outcome read(std::string_view text, E& value) const {
    std::array<std::string_view, kCount> words;
    for (std::size_t i = 0; i < kCount; ++i) words[i] = name(static_cast<E>(i));
    const auto index = find_word(words, text);
    if (!index) return Misread{0, wanted(what, text, words)};
    value = static_cast<E>(*index);
    return {};
  }
  void write(std::string& out, E value) const { out += name(value); }
};
std::string_view pointer_name(Pointer p);
std::string_view place_name(RootPlace p);
std::string_view allow_name(bool allow);
inline constexpr WordCodec<NsLink, kNsLinks> kLink{"a link of /proc/PID/ns", name};
inline constexpr WordCodec<NsType, kNsTypes> kType{"a namespace type such as uts", name};
inline constexpr WordCodec<NsOp, kNsOps> kNsOp{"an ioctl such as NS_GET_USERNS", name};
inline constexpr WordCodec<PrctlOp, kPrctlOps> kPrctlOp{"an option such as PR_SET_KEEPCAPS", name};
inline constexpr WordCodec<FileKind, 4> kFileKind{"regular, socket, cgroupfs or proc_dir", name};
inline constexpr WordCodec<Pointer, 3> kPointer{"good, null or bad", pointer_name};
inline constexpr WordCodec<RootPlace, 2> kPlace{"inside or top", place_name};
inline constexpr WordCodec<bool, 2> kAllow{"allow or deny", allow_name};

struct FlagsCodec {
  FlagStyle style;
  Outcome read(std::string_view text, Flags& value) const;
  void write(std::string& out, Flags value) const;
};
inline constexpr FlagsCodec kCloneFlags{FlagStyle::signal};
inline constexpr FlagsCodec kFlags{FlagStyle::bits};

// A user or group id, or `unchanged`.
struct IdCodec {
  Outcome read(std::string_view text, Id& value) const;
  void write(std::string& out, Id value) const;
};
inline constexpr IdCodec kId;

struct CapsCodec {
  Outcome read(std::string_view text, CapSet& value) const;
  void write(std::string& out, CapSet value) const;
};
inline constexpr CapsCodec kCaps;

// One capability, by name or number.
struct CapCodec {
  Outcome read(std::string_view text, std::uint64_t& value) const;
  void write(std::string& out, std::uint64_t value) const;
};
inline constexpr CapCodec kCap;

// [5 2]
struct TidsCodec {
  Outcome read(std::string_view text, std::vector<std::int32_t>& value) const;
  void write(std::string& out, const std::vector<std::int32_t>& value) const;
};
inline constexpr TidsCodec kTids;

// [0 1000 1, 1 100000 65536]
struct ExtentsCodec {
  Outcome read(std::string_view text, std::vector<Extent>& value) const;
  void write(std::string& out, const std::vector<Extent>& value) const;
};
inline constexpr ExtentsCodec kExtents;

// "6.18,no-time"
struct ProfileCodec {
  Outcome read(std::string_view text, Profile& value) const;
  void write(std::string& out, const Profile& value) const;
};
inline constexpr ProfileCodec kProfile;

// ok, ok 5, EPERM, skipped
struct ExpectationCodec {
  Outcome read(std::string_view text, Expectation& value) const;
  void write(std::string& out, const Expectation& value) const;
};
inline constexpr ExpectationCodec kExpectation;

}  // namespace nsabi
