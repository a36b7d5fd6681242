#include "props/differ/shrink.h"

#include <algorithm>

#include "props/differ/names.h"

namespace props {
namespace {

class Shrinker {
 public:
  Shrinker(Failing failing, const Try& attempt, std::chrono::milliseconds budget)
      : best_(std::move(failing)),
        attempt_(attempt),
        deadline_(std::chrono::steady_clock::now() + budget) {}

  Shrunk run() {
    keep_what_fails(best_.difference);
    bool better = true;
    while (better && !late_) {
      better = remove_calls();
      better = simplify_setup() || better;
      better = simplify_calls() || better;
      better = merge_tasks() || better;
    }
    // Names don't matter to any system that is right about them; if they do, they stay.
    accept(best_.setup, renumbered(best_.program));
    return {std::move(best_), tries_, !late_};
  }

 private:
  bool accept(const abi::Setup& setup, const abi::Program& program) {
    if (late_ || std::chrono::steady_clock::now() > deadline_) {
      late_ = true;
      return false;
    }
    ++tries_;
    std::optional<Difference> difference = attempt_(setup, program);
    if (!difference) return false;
    best_.setup = setup;
    best_.program = program;
    keep_what_fails(std::move(*difference));
    return true;
  }

  // Calls after the one that showed the difference play no part.
  void keep_what_fails(Difference difference) {
    best_.difference = std::move(difference);
    if (best_.difference.at + 1 < best_.program.size()) {
      best_.program.resize(best_.difference.at + 1);
    }
  }

  bool remove_calls() {
    bool better = false;
    for (std::size_t chunk = std::max<std::size_t>(best_.program.size() / 2, 1);; chunk /= 2) {
      // From the end: what comes later depends on what comes earlier.
      for (std::size_t end = best_.program.size(); end > 0;) {
        const std::size_t begin = end > chunk ? end - chunk : 0;
        abi::Program candidate = best_.program;
        candidate.erase(candidate.begin() + static_cast<std::ptrdiff_t>(begin),
                        candidate.begin() + static_cast<std::ptrdiff_t>(end));
        if (accept(best_.setup, candidate)) better = true;
        if (late_) return better;
        end = std::min(begin, best_.program.size());
      }
      if (chunk == 1) return better;
    }
  }

  bool simplify_calls() {
    bool better = false;
    for (std::size_t i = 0; i < best_.program.size(); ++i) {
      // After each success the call is another, and has other simpler variants.
      for (bool again = true; again && i < best_.program.size();) {
        again = false;
        for (abi::Call& call : simpler(best_.program[i])) {
          abi::Program candidate = best_.program;
          candidate[i] = std::move(call);
          if (!accept(best_.setup, candidate)) continue;
          better = again = true;
          break;
        }
      }
    }
    return better;
  }

  // Without the call that makes a task, its maker in its place.
  bool merge_tasks() {
    bool better = false;
    for (std::size_t i = 0; i < best_.program.size(); ++i) {
      abi::TaskId made{};
      visit_names(best_.program[i].op, [&](const auto& name, bool makes) {
        if constexpr (std::is_same_v<std::decay_t<decltype(name)>, abi::TaskId>) {
          if (makes) made = name;
        }
      });
      if (made == abi::kInitialTask) continue;
      const abi::TaskId maker = best_.program[i].caller;
      abi::Program candidate = best_.program;
      candidate.erase(candidate.begin() + static_cast<std::ptrdiff_t>(i));
      for (abi::Call& call : candidate) {
        if (call.caller == made) call.caller = maker;
        visit_names(call.op, [&](auto& name, bool) {
          if constexpr (std::is_same_v<std::decay_t<decltype(name)>, abi::TaskId>) {
            if (name == made) name = maker;
          }
        });
      }
      if (accept(best_.setup, candidate)) better = true;
    }
    return better;
  }

  bool simplify_setup() {
    bool better = false;
    const auto attempt = [&](auto change) {
      abi::Setup setup = best_.setup;
      change(setup);
      if (setup != best_.setup && accept(setup, best_.program)) better = true;
    };
    attempt([](abi::Setup& s) { s = {}; });
    attempt([](abi::Setup& s) { s.profile = {}; });
    attempt([](abi::Setup& s) { s.profile.version = abi::Profile{}.version; });
    attempt([](abi::Setup& s) { s.profile.configured = abi::TypeSet::all(); });
    attempt([](abi::Setup& s) { s.profile.userns_off = false; });
    attempt([](abi::Setup& s) { s.bounding = s.caps = abi::kCapFull; });
    attempt([](abi::Setup& s) { s.uid = s.gid = 0; });
    return better;
  }

  Failing best_;
  const Try& attempt_;
  std::chrono::steady_clock::time_point deadline_;
  std::uint64_t tries_ = 0;
  bool late_ = false;
};

}  // namespace

Shrunk shrink(Failing failing, const Try& attempt, std::chrono::milliseconds budget) {
  return Shrinker(std::move(failing), attempt, budget).run();
}

}  // namespace props
