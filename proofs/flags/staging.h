// From the facts of a state to a program that brings it about.
//
// A counterexample or witness is a word and a set of facts. The programs here begin with t0, make
// the facts hold one by one, and end with the call in question, so that it can be run on the
// concrete implementation. Only facts that the entry checks ask about can be staged.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "abi/trace.h"

namespace proofs {

enum class Entry : std::uint8_t { clone, clone3, unshare, setns };
std::string_view name(Entry e);

// What is asked for: the symbols of symbolic_facts.h and checks.h that are true.
struct Ask {
  Entry call = Entry::clone;
  abi::Profile profile{};
  abi::Flags flags{};
  std::set<std::string, std::less<>> facts{};
  bool has(std::string_view fact) const { return facts.contains(fact); }
};

// Nothing if no program here makes exactly these facts hold. The last line is the call.
std::optional<abi::Trace> stage(const Ask& ask);

// The facts in words: "the caller has other threads", …; empty for facts about types and files,
// which the call itself shows.
std::string_view in_words(std::string_view fact);

}  // namespace proofs
