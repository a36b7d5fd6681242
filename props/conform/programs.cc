#include "props/conform/programs.h"

#include "model/model.h"
#include "props/differ/source.h"

namespace props::conform {

GeneratedProgram generate(std::uint64_t seed, const Limits& limits,
                          const std::function<abi::Setup(const abi::Setup&)>& fit) {
  Generator generator(seed, limits);
  GeneratedProgram out{.setup = fit(generator.setup()), .program = {}};
  model::Model model(out.setup);
  Live live;
  live.clear();
  for (const abi::TaskEntry& task : model.view().tasks) live.see_task(task.id, task.view);
  GeneratedSource source(generator);
  abi::Result last;
  while (const abi::Call* call = source.next(live, last)) {
    out.program.push_back(*call);
    last = model.apply(*call);
    live.see_call(*call, last);
    for (const abi::TaskId id : model.touched_tasks()) live.see_task(id, model.task(id));
  }
  return out;
}

abi::Program quota_probe() {
  constexpr std::uint32_t kLimit = 3;
  abi::Program program;
  std::uint32_t next = 1;
  for (const abi::NsType type : abi::kAllNsTypes) {
    if (type == abi::NsType::user) continue;  // t0 would lose the right to set limits: last
    program.push_back({.op = abi::SetLimit{type, kLimit}});
    for (std::uint32_t i = 0; i <= kLimit; ++i) {
      abi::Clone3 clone;
      clone.child = abi::TaskId{next++};
      clone.flags = flag_of(type);
      program.push_back({.op = clone});
    }
  }
  program.push_back({.op = abi::SetLimit{abi::NsType::user, kLimit}});
  for (std::uint32_t i = 0; i <= kLimit; ++i) {
    program.push_back({.op = abi::Clone{.child = abi::TaskId{next++},
                                        .flags = abi::flag::NEWUSER | abi::Flags(abi::kSIGCHLD)}});
  }
  return program;
}

}  // namespace props::conform
