// Baseline, optimized and the plain std::shared_ptr version, side by side.
//
//     ./bazelw run //impl:bench
//
// After Google Benchmark's own lines comes a table: CPU time per call, and how many times optimized
// is as fast as the other two: medians over repetitions that take turns, for machines are noisy.
// All three run the same calls through the same interface; each thread has a task of its own, in
// namespaces of its own, so that nothing is free because it is initial.
#include <benchmark/benchmark.h>

#include <cstdio>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "impl/bench/shared_ptr_kernel.h"
#include "impl/kernel.h"
#include "impl/machine/native.h"

namespace impl {
namespace {

using nsabi::Call;
using nsabi::FileId;
using nsabi::Flags;
using nsabi::TaskId;
namespace flag = nsabi::flag;

constexpr Flags kAllButPid = flag::NSPROXY & ~flag::NEWPID;

// One thread's task and the names that it uses.
struct Seat {
  explicit Seat(int thread)
      : me{static_cast<std::uint32_t>(1 + 2 * thread)},
        child{me.n + 1},
        file{static_cast<std::uint32_t>(4 * thread)} {}
  Call call(nsabi::Op op) const { return {.caller = me, .op = std::move(op)}; }
  TaskId me, child;
  FileId file;
};

// A kernel with a task for each thread.
template <class K>
struct Bench {
  explicit Bench(int threads) : kernel(nsabi::Setup{}) {
    for (int i = 0; i < threads; ++i) {
      const Seat seat(i);
      kernel.apply({.caller = {0}, .op = nsabi::Fork{seat.me}});
      kernel.apply(seat.call(nsabi::Unshare{kAllButPid}));
      kernel.apply(seat.call(nsabi::Execve{}));
      kernel.apply(seat.call(
          nsabi::OpenNs{.file = seat.file, .target = seat.me, .link = nsabi::NsLink::uts}));
      kernel.apply(seat.call(nsabi::OpenPidfd{.file = {seat.file.n + 1}, .target = {0}}));
      if (threads > 1) processors.push_back(std::make_unique<typename K::Processor>(kernel));
    }
  }
  K kernel;
  std::vector<std::unique_ptr<typename K::Processor>> processors;
};

// The rows: what one round of each consists of.
std::vector<Call> fork_exit_wait(const Seat& s) {
  return {s.call(nsabi::Fork{s.child}),
          {.caller = s.child, .op = nsabi::Exit{}},
          s.call(nsabi::Wait{s.child})};
}
std::vector<Call> unshare_uts(const Seat& s) { return {s.call(nsabi::Unshare{flag::NEWUTS})}; }
std::vector<Call> unshare_all(const Seat& s) { return {s.call(nsabi::Unshare{kAllButPid})}; }
std::vector<Call> setns_file(const Seat& s) {
  return {s.call(nsabi::Setns{.file = s.file, .flags = flag::NEWUTS})};
}
std::vector<Call> setns_pidfd(const Seat& s) {
  return {s.call(
      nsabi::Setns{.file = {s.file.n + 1}, .flags = flag::NEWUTS | flag::NEWIPC | flag::NEWNET})};
}
std::vector<Call> exec_pending_time(const Seat& s) {
  return {s.call(nsabi::Unshare{flag::NEWTIME}), s.call(nsabi::Execve{})};
}

template <class K>
void run_row(benchmark::State& state, std::vector<Call> (*row)(const Seat&)) {
  static std::unique_ptr<Bench<K>> bench;  // one row runs at a time; all its threads share it
  if (state.thread_index() == 0) bench = std::make_unique<Bench<K>>(state.threads());
  const auto thread = static_cast<std::size_t>(state.thread_index());
  const bool alone = state.threads() == 1;
  const std::vector<Call> calls = row(Seat(state.thread_index()));
  for (auto _ : state) {
    for (const Call& call : calls) {
      const nsabi::Result result =
          alone ? bench->kernel.apply(call) : bench->processors[thread]->apply(call);
      if (!result.ok()) state.SkipWithError(to_string(result.error).c_str());
    }
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(calls.size()));
  if (state.thread_index() == 0) bench.reset();
}

struct Row {
  const char* name;
  std::vector<Call> (*calls)(const Seat&);
};
constexpr Row kRows[] = {
    {"fork_exit_wait", fork_exit_wait}, {"unshare_uts", unshare_uts},
    {"unshare_all", unshare_all},       {"setns_file", setns_file},
    {"setns_pidfd", setns_pidfd},       {"exec_pending_time", exec_pending_time}};

template <class K>
void register_rows(const char* kernel) {
  for (const Row& row : kRows) {
    for (const int threads : {1, 2}) {
      benchmark::RegisterBenchmark((std::string(row.name) + "/" + kernel).c_str(), run_row<K>,
                                   row.calls)
          ->Threads(threads);
    }
  }
}

// Prints what Google Benchmark prints, and remembers the medians.
class Side : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) {
      if (run.error_occurred || run.aggregate_name != "median") continue;
      const std::string name = run.benchmark_name();
      const auto slash = name.find('/');
      const auto end = name.find('/', slash + 1);
      const std::string row = name.substr(0, slash) + " x" + std::to_string(run.threads);
      const std::string kernel = name.substr(slash + 1, end - slash - 1);
      times_[row][kernel] = 1e9 / run.counters.at("items_per_second").value;
    }
  }
  void table() const {
    std::printf("\n%-24s %12s %12s %12s %12s %12s\n", "ns per call", "shared_ptr", "baseline",
                "optimized", "vs shared", "vs baseline");
    for (const auto& [row, times] : times_) {
      if (times.size() != 3) continue;
      const double plain = times.at("shared_ptr"), base = times.at("baseline"),
                   best = times.at("optimized");
      std::printf("%-24s %12.0f %12.0f %12.0f %11.2fx %11.2fx\n", row.c_str(), plain, base, best,
                  plain / best, base / best);
    }
  }

 private:
  std::map<std::string, std::map<std::string, double>> times_;
};

}  // namespace
}  // namespace impl

int main(int argc, char** argv) {
  // Before the user's own, which win.
  std::vector<std::string> defaults = {
      argv[0], "--benchmark_repetitions=9", "--benchmark_enable_random_interleaving=true",
      "--benchmark_report_aggregates_only=true", "--benchmark_min_time=0.1"};
  std::vector<char*> args;
  for (std::string& arg : defaults) args.push_back(arg.data());
  args.insert(args.end(), argv + 1, argv + argc);
  int count = static_cast<int>(args.size());
  args.push_back(nullptr);
  benchmark::Initialize(&count, args.data());
  if (benchmark::ReportUnrecognizedArguments(count, args.data())) return 2;
  impl::register_rows<impl::SharedPtrKernel>("shared_ptr");
  impl::register_rows<impl::Baseline>("baseline");
  impl::register_rows<impl::Optimized>("optimized");
  impl::Side side;
  benchmark::RunSpecifiedBenchmarks(&side);
  side.table();
  return 0;
}
