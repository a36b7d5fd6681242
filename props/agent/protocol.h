// What an agent says: its greeting and its answers, as lines of text (docs/agent.md).
//
// What it is told are trace lines, which abi/trace.h reads and prints.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/system.h"

namespace props::agent {

inline constexpr int kProtocolVersion = 1;

// Parts of what a task shows that a system may have no way of showing.
enum class Part : std::uint8_t { links, dying, uid, caps, ambient, chrooted };
inline constexpr std::size_t kParts = 6;
std::string_view name(Part part);

struct Unseen {
  std::array<bool, kParts> part{};
  nsabi::CapSet caps = 0;  // capabilities that the kernel does not know

  constexpr bool has(Part p) const { return part[static_cast<std::size_t>(p)]; }
  constexpr void add(Part p) { part[static_cast<std::size_t>(p)] = true; }
  bool operator==(const Unseen&) const = default;
};

// nsproxy-agent 1 profile=6.18.44 mode=host caps=full-CAP_SYS_RESOURCE bounding=full uids=any
struct Greeting {
  nsabi::Profile profile;  // the kernel that it runs on
  std::string mode;        // a word of its own: where programs run
  // What t0 can have at most.
  nsabi::CapSet caps = nsabi::kCapFull;
  nsabi::CapSet bounding = nsabi::kCapFull;
  bool any_id = true;  // t0 can have any uid and gid; else only 0
  Unseen unseen{};     // what answers do not show
  bool operator==(const Greeting&) const = default;
};

// The reason for a call that the system does not have at all.
inline constexpr std::string_view kNotImplemented = "the kernel does not have it";

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

// The view without parts that cannot be seen. Without `dying`, who is dying seems to run.
void hide(const Unseen& unseen, nsabi::TaskView& view);

std::string print(const Greeting& g);
std::string print(const Answer& a);
std::string print(const std::vector<Relation>& all);
// The inverses; nothing for text of another form. Never throw, bounded by the text's length.
std::optional<Greeting> parse_greeting(std::string_view line);
std::optional<Answer> parse_answer(std::string_view line);
std::optional<std::vector<Relation>> parse_relations(std::string_view line);

}  // namespace props::agent
