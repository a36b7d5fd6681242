// What an agent says: its greeting and its answers, as lines of text (docs/agent.md).
//
// What it is told are trace lines, which abi/trace.h reads and prints.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/system.h"

namespace props::agent {

inline constexpr int kProtocolVersion = 1;

// nsproxy-agent 1 profile=6.18.44 mode=host caps=full-CAP_SYS_RESOURCE bounding=full uids=any
struct Greeting {
  nsabi::Profile profile;  // the kernel that it runs on
  std::string mode;        // a word of its own: where programs run
  // What t0 can have at most.
  nsabi::CapSet caps = nsabi::kCapFull;
  nsabi::CapSet bounding = nsabi::kCapFull;
  bool any_id = true;  // t0 can have any uid and gid; else only 0
  bool operator==(const Greeting&) const = default;
};

struct Answer {
  enum class Kind : std::uint8_t {
    done,     // the call was carried out (or skipped): result
    not_run,  // it was not, for `reason`; nothing happened
    broken,   // the agent lost hold of the program, for `reason`; the next program may work
  };
  Kind kind = Kind::done;
  std::string reason{};
  nsabi::Result result{};
  // Every task that looks different from when it was last reported, whole; state none: it is gone.
  std::vector<nsabi::TaskEntry> changed{};
};

// What is known of one namespace, in answer to `relations`.
struct Relation {
  nsabi::ObjId ns = nsabi::kNoObject;
  nsabi::NsType type = nsabi::NsType::mnt;
  nsabi::ObjId owner = nsabi::kNoObject;   // kNoObject: out of sight
  nsabi::ObjId parent = nsabi::kNoObject;  // user and pid only
  std::optional<nsabi::Id> owner_uid{};    // user only
  bool operator==(const Relation&) const = default;
};

std::string print(const Greeting& g);
std::string print(const Answer& a);
std::string print(const std::vector<Relation>& all);
// The inverses; nothing for text of another form. Never throw, bounded by the text's length.
std::optional<Greeting> parse_greeting(std::string_view line);
std::optional<Answer> parse_answer(std::string_view line);
std::optional<std::vector<Relation>> parse_relations(std::string_view line);

}  // namespace props::agent
