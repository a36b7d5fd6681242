// Replays: see replay.h.
#include "proofs/counts/replay.h"

#include "impl/machine/native.h"
#include "impl/machine/seeded.h"
#include "proofs/counts/walk.h"

namespace proofs {
namespace {

template <class Kernel>
std::optional<Shown> replay_on(impl::Bug bug, const Plan& plan, const abi::Setup& setup,
                               const std::vector<abi::Call>& program,
                               const std::vector<abi::Call>& last, const Symptom& symptom) {
  using K = typename std::remove_cvref_t<decltype(std::declval<Kernel&>().state())>::K;
  z3::context context;
  for (const abi::Call& call : last) {
    Kernel kernel(setup, bug);
    for (const abi::Call& before : program) kernel.apply(before);
    const Heap before = Walk<K>::look(kernel.state());
    const std::size_t failures = kernel.count_failures().size();
    const abi::Result result = kernel.apply(call);
    const Heap after = Walk<K>::look(kernel.state());

    Judge judge(context, before, after);
    Ran ran{.error = result.error, .steps = symptom.steps, .troubles = {}};
    for (std::size_t i = failures; i < kernel.count_failures().size(); ++i) {
      ran.troubles.emplace_back(impl::name(kernel.count_failures()[i].what));
    }
    judge.misuse(ran);
    judge.books();
    judge.published();
    if (result.error != abi::Errno::kOk && judge.lives(call.caller)) judge.unchanged(ran);
    if (plan.laws != nullptr) {
      abi::Flags flags;
      std::visit(
          [&](const auto& op) {
            if constexpr (requires { flags = op.flags; }) flags = op.flags;
          },
          call.op);
      plan.laws(judge, ran,
                {{Function::call, call},
                 setup,
                 context.bv_val(std::uint64_t{flags.bits()}, 64),
                 context.bool_val(setup.profile.at_least(6, 2))});
    }
    for (const Claim& claim : judge.claims()) {
      // Misuse shows in the books of a kernel that does not watch every access.
      const bool same =
          symptom.law == Law::misuse || (claim.law == symptom.law && claim.kind == symptom.kind);
      if (same && !claim.holds.simplify().is_true()) {
        return Shown{call, result, claim.says};
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Shown> replay(Variant variant, impl::Bug bug, const Plan& plan,
                            const abi::Setup& setup, const std::vector<abi::Call>& program,
                            const std::vector<abi::Call>& last, const Symptom& symptom) {
  switch (variant) {
    case Variant::baseline:
      return replay_on<impl::Baseline>(bug, plan, setup, program, last, symptom);
    case Variant::take_over:
      return replay_on<impl::WithTakeOver>(bug, plan, setup, program, last, symptom);
    case Variant::optimized:
      return replay_on<impl::Optimized>(bug, plan, setup, program, last, symptom);
    case Variant::seeded:
      return replay_on<impl::Seeded>(bug, plan, setup, program, last, symptom);
  }
  return std::nullopt;
}

}  // namespace proofs
