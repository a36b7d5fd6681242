// What a system is known to do otherwise than Linux, as a list: one that is not in it is found, and
// one that has gone is noticed.
//
//     unshare(CLONE_NEWNS)  ok -> EINVAL    # no mount namespaces
//     clone(PIDNS-02)  ENOSPC -> ok         # no limit to the depth
//     capset  shows permitted               # drops nothing
//
// A line has a call by its name, and in parentheses the rule that decided or a word among the
// operands; then the model's result and the system's, without values, or what a task shows
// otherwise (the beginning of that). What follows # says what it is. After `maybe` it is not missed
// when no standing trace shows it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "props/conform/judge.h"

namespace props::conform {

struct KnownDeviation {
  std::string call, about;    // about: a rule or an operand; "" for any
  std::string model, system;  // results as in a trace; model: "" if it is something shown
  std::string shows;
  std::string what;    // in words
  std::string text;    // the line without these
  bool maybe = false;  // it need not show in the standing traces

  bool is(const Judgement& judgement) const;
};

// The inverse of a list's text, or what is wrong with it: "line 3: …".
std::variant<std::vector<KnownDeviation>, std::string> parse_deviations(std::string_view text);

// The line that would list a difference.
std::string deviation_line(const Judgement& judgement);

}  // namespace props::conform
