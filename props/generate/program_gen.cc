#include "props/generate/program_gen.h"

#include <algorithm>
#include <ostream>

#include "abi/trace.h"
#include "model/model.h"
#include "props/differ/shrink.h"
#include "props/generate/generator.h"

namespace props {
namespace {

Case draw(std::uint64_t seed, int size, const Limits& limits) {
  Generator generator(seed, limits);
  model::Model model(generator.setup());
  Live live;
  live.clear();
  live.see_task(abi::kInitialTask, model.task(abi::kInitialTask));
  Case out{generator.setup(), {}};
  const std::size_t full = generator.length();
  const std::size_t length = std::max<std::size_t>(1, full * static_cast<std::size_t>(size) / 100);
  bool skipped = false;
  while (out.program.size() < std::min(length, full)) {
    const abi::Call& call = generator.next(live, skipped);
    out.program.push_back(call);
    const abi::Result result = model.apply(call);
    skipped = result.skipped;
    if (skipped) continue;
    live.see_call(call, result);
    for (const abi::TaskId id : model.touched_tasks()) live.see_task(id, model.task(id));
  }
  return out;
}

rc::Seq<Case> smaller(const Case& c) {
  auto programs = rc::seq::concat(rc::shrink::removeChunks(c.program),
                                  rc::shrink::eachElement(c.program, [](const abi::Call& call) {
                                    return rc::seq::fromContainer(simpler(call));
                                  }));
  return rc::seq::map(std::move(programs), [setup = c.setup](abi::Program program) {
    return Case{setup, std::move(program)};
  });
}

}  // namespace

std::ostream& operator<<(std::ostream& os, const Case& c) {
  abi::Trace trace{.setup = c.setup, .lines = {}};
  for (const abi::Call& call : c.program) trace.lines.push_back({.call = call, .expected = {}});
  return os << "\n" << print(trace);
}

rc::Gen<Case> cases(const Limits& limits) {
  return [limits](const rc::Random& random, int size) {
    const std::uint64_t seed = rc::Random(random).next();
    return rc::shrinkable::shrinkRecur(draw(seed, size, limits), smaller);
  };
}

}  // namespace props
