// Steps per second of the model, from 10 to 1,000,000 tasks: a step must not cost more where there
// are more tasks.
//
//     ./bazelw run //model:bench
//
// Each benchmark keeps the population as it is: what a round makes it also ends. items_per_second
// is calls a second. The population is made of t0's children, each in the initial namespaces, but
// for every tenth, which has a uts namespace of its own.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <map>
#include <memory>

#include "model/model.h"

namespace model {
namespace {

namespace flag = abi::flag;
using abi::FileId;
using abi::TaskId;

constexpr TaskId kT0{};

void call(Model& m, TaskId caller, abi::Op op) {
  benchmark::DoNotOptimize(m.apply({.caller = caller, .fault = 0, .op = std::move(op)}));
}

// A model with that many tasks, made once and kept: a million take a while.
Model& population(std::int64_t tasks) {
  static std::map<std::int64_t, std::unique_ptr<Model>> made;
  std::unique_ptr<Model>& m = made[tasks];
  if (m == nullptr) {
    m = std::make_unique<Model>(abi::Setup{});
    for (std::uint32_t i = 1; i < tasks; ++i) {
      if (i % 10 == 0) {
        call(*m, kT0, abi::Clone{.child = TaskId{i}, .flags = flag::NEWUTS});
      } else {
        call(*m, kT0, abi::Fork{TaskId{i}});
      }
    }
  }
  return *m;
}

// Runs rounds of `calls` calls each; names from the population's size on are free.
template <class Round>
void run(benchmark::State& state, int calls, Round round) {
  Model& m = population(state.range(0));
  const auto free = static_cast<std::uint32_t>(state.range(0));
  for (auto _ : state) round(m, free);
  state.SetItemsProcessed(state.iterations() * calls);
  if (!m.check_touched().empty()) state.SkipWithError("an invariant does not hold");
}

void fork_exit_wait(benchmark::State& state) {
  run(state, 3, [](Model& m, std::uint32_t free) {
    call(m, kT0, abi::Fork{TaskId{free}});
    call(m, TaskId{free}, abi::Exit{});
    call(m, kT0, abi::Wait{TaskId{free}});
  });
}

void clone_namespaces_exit_wait(benchmark::State& state) {
  run(state, 3, [](Model& m, std::uint32_t free) {
    call(m, kT0,
         abi::Clone{.child = TaskId{free},
                    .flags = flag::NEWUSER | flag::NEWPID | flag::NEWNS | flag::NEWNET});
    call(m, TaskId{free}, abi::Exit{});
    call(m, kT0, abi::Wait{TaskId{free}});
  });
}

void unshare(benchmark::State& state) {
  run(state, 1, [](Model& m, std::uint32_t) { call(m, kT0, abi::Unshare{flag::NEWUTS}); });
}

// A call that is refused: the rules alone.
void unshare_refused(benchmark::State& state) {
  run(state, 1, [](Model& m, std::uint32_t) { call(m, kT0, abi::Unshare{flag::PTRACE}); });
}

void setns(benchmark::State& state) {
  Model& m = population(state.range(0));
  call(m, kT0, abi::OpenNs{.file = FileId{0}, .target = kT0, .link = abi::NsLink::uts});
  for (auto _ : state) call(m, kT0, abi::Setns{FileId{0}, flag::NEWUTS});
  call(m, kT0, abi::Close{FileId{0}});
  state.SetItemsProcessed(state.iterations());
}

void open_close(benchmark::State& state) {
  run(state, 2, [](Model& m, std::uint32_t) {
    call(m, kT0, abi::OpenNs{.file = FileId{0}, .target = kT0, .link = abi::NsLink::uts});
    call(m, kT0, abi::Close{FileId{0}});
  });
}

void execve(benchmark::State& state) {
  run(state, 1, [](Model& m, std::uint32_t) { call(m, kT0, abi::Execve{}); });
}

// What a comparison reads after each call. It does grow: without counters a count is the length of
// a list, and the nsproxy and the user namespace have as many holders as there are tasks.
void fork_exit_wait_and_touched(benchmark::State& state) {
  const auto read = [](Model& m) {
    for (const abi::TaskId t : m.touched_tasks()) benchmark::DoNotOptimize(m.task(t));
    for (const abi::ObjId o : m.touched_objects()) benchmark::DoNotOptimize(m.object(o));
  };
  run(state, 3, [&](Model& m, std::uint32_t free) {
    call(m, kT0, abi::Fork{TaskId{free}});
    read(m);
    call(m, TaskId{free}, abi::Exit{});
    read(m);
    call(m, kT0, abi::Wait{TaskId{free}});
    read(m);
  });
}

void populations(benchmark::internal::Benchmark* b) {
  for (const std::int64_t tasks : {10, 1000, 100000, 1000000}) b->Arg(tasks);
}

BENCHMARK(fork_exit_wait)->Apply(populations);
BENCHMARK(clone_namespaces_exit_wait)->Apply(populations);
BENCHMARK(unshare)->Apply(populations);
BENCHMARK(unshare_refused)->Apply(populations);
BENCHMARK(setns)->Apply(populations);
BENCHMARK(open_close)->Apply(populations);
BENCHMARK(execve)->Apply(populations);
BENCHMARK(fork_exit_wait_and_touched)->Arg(10)->Arg(100)->Arg(1000);

}  // namespace
}  // namespace model
