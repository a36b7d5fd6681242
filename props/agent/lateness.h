// Late deaths: when may a quota seem used up by a namespace that is dead but not yet gone?
//
// User, ipc, net and pid namespaces are freed by work queues, credentials and pids by RCU (REF-12);
// their charges come back only then, as a rule within 60 ms. So an ENOSPC is final only if nothing
// of a limited type was let go of for a while. Programs that set no limit never wait.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "abi/ns_type.h"
#include "props/agent/puppets.h"

namespace props::agent {

class Lateness {
 public:
  // `initial`: on the initial user namespace, where what the last program left may still count.
  void limit_set(nsabi::NsType type, bool initial) {
    of(type).limited = true;
    if (initial) of(type).at = std::max(of(type).at, begun_);
  }
  // Namespaces of these types may have lost what held them, or were rolled back. With them may go
  // the user namespaces that own them.
  void released(nsabi::Flags types) {
    if (types.empty()) return;
    for (const nsabi::NsType type : nsabi::kAllNsTypes) {
      if (types.has(flag_of(type)) || type == nsabi::NsType::user) of(type).at = Clock::now();
    }
  }

  // Whether it is worthwhile to make a call again that wanted these types; waits a little if so.
  bool wait(nsabi::Flags types) {
    for (const nsabi::NsType type : nsabi::kAllNsTypes) {
      const Type& t = of(type);
      const auto patience = type == nsabi::NsType::net ? kNetPatience : kPatience;
      if (!types.has(flag_of(type)) || !t.limited || Clock::now() - t.at > patience) continue;
      std::this_thread::sleep_for(pause_);
      pause_ = std::min(2 * pause_, kLongestPause);
      return true;
    }
    return false;
  }
  // A call came to its end: the next one starts with short pauses.
  void done() { pause_ = kShortestPause; }

 private:
  static constexpr std::chrono::milliseconds kPatience{300};
  static constexpr std::chrono::milliseconds kNetPatience{1500};
  static constexpr std::chrono::microseconds kShortestPause{500};
  static constexpr std::chrono::microseconds kLongestPause{20'000};

  struct Type {
    bool limited = false;
    Deadline at{};  // when one was last let go of
  };
  Type& of(nsabi::NsType type) { return types_[index(type)]; }

  Deadline begun_ = Clock::now();  // the program
  std::array<Type, nsabi::kNsTypes> types_{};
  std::chrono::microseconds pause_ = kShortestPause;
};

}  // namespace props::agent
