// Makes the calls of one program, each for the state that the program has reached.
//
// Operands are wishes that are settled at once: the generator asks Live what there is and puts real
// names into the call. What a call makes is named by its place in the program. So the program that
// comes out is concrete, prints as trace text, and keeps its meaning when calls are removed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "abi/system.h"
#include "props/generate/live.h"
#include "props/generate/mix.h"
#include "props/generate/random.h"

namespace props {

class Generator {
 public:
  Generator(std::uint64_t seed, const Limits& limits);

  const Mix& mix() const { return mix_; }
  const abi::Setup& setup() const { return mix_.setup; }
  std::size_t length() const { return mix_.length; }

  // The next call; valid until the one after it is asked for. `previous_skipped` ends a plan whose
  // ground has gone.
  const abi::Call& next(const Live& live, bool previous_skipped);

  // For the makers of single calls (makers.h) and plans (plans.h).
  Random& random() { return random_; }
  abi::TaskId new_task() { return abi::TaskId{next_task_++}; }
  abi::FileId new_file() { return abi::FileId{next_file_++}; }
  abi::BindId new_bind() { return abi::BindId{next_bind_++}; }
  bool wild() { return random_.often(mix_.wild); }
  bool stale() { return random_.often(mix_.stale); }
  abi::TaskId caller(const Live& live);
  abi::TaskId target(const Live& live);
  abi::FileId file(const Live& live, const NumberSet& wanted);
  // Queues a call, if the run's limits allow its kind. `fault`: only where the mix injects any.
  void plan(abi::TaskId caller, abi::Op op, std::uint16_t fault = 0) {
    if (!mix_.allowed[op.index()]) return;
    if (mix_.fault == 0) fault = 0;
    plan_.push_back({.caller = caller, .fault = fault, .op = std::move(op)});
  }

 private:
  std::size_t draw_op(const Live& live);
  void draw_call(const Live& live);
  void draw_fault(const Live& live);

  Random random_;
  Mix mix_;
  abi::Call call_;
  std::vector<abi::Call> plan_;
  std::size_t planned_ = 0;  // calls of plan_ already made
  std::uint32_t next_task_ = 1;
  std::uint32_t next_file_ = 0;
  std::uint32_t next_bind_ = 0;
};

}  // namespace props
