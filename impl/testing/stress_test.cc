// Many OS threads on one kernel, for all tasks at once; exact accounting at the end.
//
// Each thread has a processor and names of its own for what it makes, and calls on behalf of any
// task, its own or others': tasks are killed, waited for, looked into and entered while they are
// busy elsewhere. What comes back depends on luck; what must hold at the end does not: no count
// ever failed, every counter is the number of its holders, and when everybody has gone only the
// initial namespaces remain, with what their semaphore keeps. Run under TSan this is also the test
// of the memory orders.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include "impl/kernel.h"
#include "impl/machine/native.h"
#include "impl/testing/programs.h"
#include "impl/testing/recount.h"

namespace impl {
namespace {

constexpr unsigned kThreads = 4;
constexpr std::uint32_t kNamesEach = 2500;  // a thread's share of each kind of names

int calls_each() {
  const char* const wanted = std::getenv("STRESS_CALLS");
  return wanted != nullptr ? std::atoi(wanted) : 6000;
}

// How many names of each kind each thread has used.
struct Used {
  std::array<std::atomic<std::uint32_t>, kThreads> tasks{}, files{}, binds{};
};

// The name that a thread gives to what it makes after `used` others.
constexpr std::uint32_t name_of(unsigned thread, std::uint32_t used) {
  return 1 + thread * kNamesEach + used;
}

NameLists names_in(const Used& used) {
  NameLists all;
  const auto add = [](std::vector<std::uint32_t>& list, const auto& counts) {
    for (unsigned thread = 0; thread < kThreads; ++thread) {
      for (std::uint32_t n = 0; n < counts[thread]; ++n) list.push_back(name_of(thread, n));
    }
  };
  add(all.tasks, used.tasks);
  add(all.files, used.files);
  add(all.binds, used.binds);
  return all;
}

// Random calls whose new names are the thread's own and whose operands are anybody's recent ones.
class Caller {
 public:
  Caller(std::uint64_t seed, unsigned thread, Used& used)
      : bits_(seed), thread_(thread), used_(used) {}

  abi::Call next() {
    const auto whose = static_cast<unsigned>(bits_() % kThreads);
    const std::uint32_t base = whose * kNamesEach;
    const std::uint32_t made = used_.tasks[whose];
    Names3 window{.tasks = base + made + 1,
                  .files = base + used_.files[whose] + 1,
                  .binds = base + used_.binds[whose] + 1};
    abi::Call call = random_call(bits_(), window, base + (made > 8 ? made - 8 : 0));
    if (bits_() % 4 == 0) call.caller = abi::kInitialTask;
    if (call.caller == abi::kInitialTask && !fit_for_t0(call.op)) call.op = abi::Fork{};
    std::visit([&](auto& op) { fit(op, call.caller, window); }, call.op);
    return call;
  }
  void see(const abi::Call& call, const abi::Result& result) {
    Names3 made;
    see_result(call, result, made);
    used_.tasks[thread_] += made.tasks - 1;
    used_.files[thread_] += made.files;
    used_.binds[thread_] += made.binds;
  }
  bool exhausted() const {
    return std::max({used_.tasks[thread_].load(), used_.files[thread_].load()}) + 2 >= kNamesEach;
  }

 private:
  std::uint32_t own(std::uint32_t used) const { return name_of(thread_, used); }

  // t0 stays what it is: somebody who can do things, and clean up at the end.
  static bool fit_for_t0(const abi::Op& op) {
    if (const auto* const unshare = std::get_if<abi::Unshare>(&op)) {
      return !unshare->flags.has(flag::NEWUSER);
    }
    return !std::holds_alternative<abi::Vfork>(op) && !std::holds_alternative<abi::Exit>(op) &&
           !std::holds_alternative<abi::Execve>(op) && !std::holds_alternative<abi::Setns>(op) &&
           !std::holds_alternative<abi::Setresuid>(op) &&
           !std::holds_alternative<abi::Setresgid>(op) &&
           !std::holds_alternative<abi::Capset>(op) && !std::holds_alternative<abi::Prctl>(op);
  }

  // New names are this thread's. t0 stays alone in its group and is not killed.
  template <class Op>
  void fit(Op& op, abi::TaskId caller, const Names3& window) {
    const abi::FileId new_file{own(used_.files[thread_])};
    if constexpr (requires { op.child; } && !std::is_same_v<Op, abi::Wait>) {
      op.child = {own(used_.tasks[thread_])};
    }
    if constexpr (requires { op.pidfd; }) {
      op.pidfd = new_file;
      if (caller == abi::kInitialTask) {
        op.flags &= ~(flag::THREAD | flag::VFORK);
      }
    }
    if constexpr (requires { op.made; }) op.made = new_file;
    constexpr bool opens = std::is_same_v<Op, abi::OpenNs> || std::is_same_v<Op, abi::OpenPidfd> ||
                           std::is_same_v<Op, abi::OpenFile>;
    if constexpr (opens) {
      op.file = new_file;
    } else if constexpr (requires { op.file; }) {
      const std::uint32_t recent = static_cast<std::uint32_t>(bits_() % 12);
      op.file = {window.files > recent ? window.files - recent : 0};
    }
    if constexpr (std::is_same_v<Op, abi::BindNs>) op.bind = {own(used_.binds[thread_])};
    if constexpr (std::is_same_v<Op, abi::Kill>) {
      if (op.target == abi::kInitialTask) op.target = {1};
    }
  }

  std::mt19937_64 bits_;
  unsigned thread_;
  Used& used_;
};

template <class K>
void stress(const char* profile, std::uint64_t seed) {
  K kernel({.profile = *abi::profile_from(profile)});
  Used used;
  {
    std::vector<std::unique_ptr<typename K::Processor>> processors;
    for (unsigned i = 0; i < kThreads; ++i) {
      processors.push_back(std::make_unique<typename K::Processor>(kernel));
    }
    std::vector<std::thread> threads;
    std::atomic<unsigned> made{0};
    for (unsigned i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        Caller caller(seed * kThreads + i, i, used);
        for (int n = calls_each(); n > 0 && !caller.exhausted(); --n) {
          const abi::Call call = caller.next();
          const bool ends_t0 =
              call.caller == abi::kInitialTask && (std::holds_alternative<abi::Exit>(call.op) ||
                                                   std::holds_alternative<abi::Execve>(call.op));
          if (ends_t0) continue;
          const abi::Result result = processors[i]->apply(call);
          caller.see(call, result);
          if (!result.skipped) ++made;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    // The programs must get somewhere: a dead t0 would make an empty test pass.
    EXPECT_GT(made.load(), 500u);
  }
  for (const CountReport& report : kernel.count_failures()) {
    ADD_FAILURE() << name(report.what) << " " << report.object;
  }
  for (const std::string& difference : recount_differences(kernel)) ADD_FAILURE() << difference;

  end_everything(kernel, names_in(used));
  EXPECT_TRUE(kernel.view().tasks.empty());
  for (const std::string& difference : recount_differences(kernel)) ADD_FAILURE() << difference;
  const abi::Totals left = kernel.totals();
  if (left[index(abi::ObjKind::mount)] != 0) return;
  for (const std::string& what : left_behind(kernel)) ADD_FAILURE() << what;
}

TEST(Stress, Optimized) {
  std::uint64_t seed = 1;
  for (const char* profile : {"6.1", "6.18", "7.0"}) stress<Optimized>(profile, seed++);
}
TEST(Stress, Baseline) {
  std::uint64_t seed = 11;
  for (const char* profile : {"6.1", "6.18", "7.0"}) stress<Baseline>(profile, seed++);
}

}  // namespace
}  // namespace impl
