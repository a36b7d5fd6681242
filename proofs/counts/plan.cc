// Plans carried out: see plan.h.
#include "proofs/counts/plan.h"

#include <stdexcept>

#include "abi/trace.h"
#include "proofs/counts/counterexample.h"

namespace proofs {

Script script_of(const Plan& plan, std::string_view version) {
  std::string text = "nsproxy-trace 1 profile=";
  text.append(version).append(plan.start).append("\n");
  text.append(plan.program).append("\n").append(plan.call);
  const auto parsed = abi::parse_trace(text + "\n");
  if (const auto* const error = std::get_if<abi::ParseError>(&parsed)) {
    throw std::logic_error("a plan's program: " + error->to_string("plan") + "\n" + text);
  }
  const auto& trace = std::get<abi::Trace>(parsed);
  Script script{.setup = trace.setup, .program = {}, .call = trace.lines.back().call};
  for (std::size_t i = 0; i + 1 < trace.lines.size(); ++i) {
    script.program.push_back(trace.lines[i].call);
  }
  return script;
}

abi::Call with_flags(abi::Call call, abi::Flags flags) {
  std::visit(
      [&](auto& op) {
        if constexpr (requires { op.flags = flags; }) op.flags = flags;
      },
      call.op);
  return call;
}

namespace {

std::unique_ptr<Subject> scene(Variant variant, const Script& script, impl::Bug bug) {
  auto subject = make_subject(variant, script.setup, bug);
  for (const abi::Call& call : script.program) {
    const abi::Result r = subject->set_up(call);
    if (!r.ok()) {
      throw std::logic_error("a plan's program: " + abi::print(call) + " -> " +
                             abi::print(abi::expectation_of(r)));
    }
  }
  return subject;
}

void prove_variant(Proof& proof, const Plan& plan, std::string_view version, Variant variant) {
  const Script script = script_of(plan, version);
  const Operation op{plan.function, script.call};
  const bool late = script.setup.profile.at_least(6, 19);
  proof.begin_case(std::string(name(variant)) + ", " + (late ? "6.19 and later" : "before 6.19") +
                   ", " + std::string(plan.call));
  const SymbolicProfile kernel(proof);
  const Formula from_6_19 = kernel.from({6, 19, 0});
  proof.assume(kernel.exists() && (late ? from_6_19 : !from_6_19));
  z3::context& c = proof.context();
  const Formula flags = proof.number("flags");
  proof.assume((flags & c.bv_val(std::uint64_t{~plan.flags.bits()}, 64)) == c.bv_val(0, 64));

  const auto pilot = scene(variant, script, proof.bug());
  for (const Formula& known : pilot->become_symbolic(proof, op, plan.symbols, kernel))
    proof.assume(known);
  const Heap before = pilot->look();
  proof.for_all_paths([&] {
    const auto subject = scene(variant, script, proof.bug());
    subject->become_symbolic(proof, op, plan.symbols, kernel);
    const Ran ran = subject->run(Word(proof.explorer(), flags));
    const Heap after = subject->look();
    Judge judge(c, before, after);
    const Situation situation{op, script.setup, flags, kernel.from({6, 2, 0})};
    judge.books();
    judge.published();
    judge.misuse(ran);
    if (ran.error != abi::Errno::kOk && judge.lives(op.call.caller)) judge.unchanged(ran);
    if (plan.laws != nullptr) plan.laws(judge, ran, situation);
    const Formula goal = judge.all();
    if (!ran.steps.empty() || judge.changed()) proof.saw_code();
    proof.require(goal, [&](const z3::model&) {
      return counterexample(proof, {plan, script, kernel, variant, judge, ran, goal});
    });
  });
}

}  // namespace

void prove_plan(Proof& proof, const Plan& plan) {
  for (const std::string_view version : {"6.18", "6.19"}) {
    for (const Variant v : variants_of(proof)) {
      if (v != Variant::take_over || plan.lends) prove_variant(proof, plan, version, v);
    }
  }
}

}  // namespace proofs
