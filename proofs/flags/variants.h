// The kernels that flag theorems go through: each variant of the implementation, each profile.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "abi/profile.h"
#include "impl/kernel.h"  // first: the kernel headers do not include what they use of it
#include "impl/kernel/dispatch.h"
#include "impl/policy.h"
#include "proofs/symbolic_facts.h"
#include "proofs/symbolic_machine.h"
#include "proofs/table_terms.h"

namespace proofs {

template <class P>
using KernelState = impl::State<SymbolicMachine, P>;
template <class P>
using KernelCpu = impl::Cpu<impl::Build<SymbolicMachine, P>>;

using OnePassPolicy = impl::Policy<impl::kOnePassFlags>;

// A kernel that has just started. Its words are symbolic from here on.
template <class P>
class Booted {
 public:
  Booted(Proof& proof, const abi::Profile& profile)
      : state_(abi::Setup{.profile = profile}, proof.bug()) {
    state_.shared.explorer = &proof.explorer();
    cpu().current = state_.tasks[0].object();
  }
  KernelCpu<P>& cpu() { return state_.boot_cpu(); }

 private:
  KernelState<P> state_;
};

// Every profile that is checked by default, with Debian's sysctl and without.
inline std::vector<abi::Profile> profiles_with_userns_switch() {
  std::vector<abi::Profile> all;
  for (abi::Profile p : abi::standard_profiles()) {
    all.push_back(p);
    p.userns_off = true;
    all.push_back(p);
  }
  return all;
}

// Calls `prove.template operator()<Policy>(name)` for what ships; for a mutant, of that alone.
template <class F>
void for_each_variant(Proof& proof, F&& prove) {
  if (proof.bug() != impl::Bug::kNone) {
    prove.template operator()<impl::SeededPolicy>("mutant");
    return;
  }
  prove.template operator()<impl::BaselinePolicy>("baseline");
  prove.template operator()<OnePassPolicy>("one-pass flags");
  prove.template operator()<impl::OptimizedPolicy>("optimized");
}

// Both answers and the rule, as a counterexample shows them.
struct Disagreement {
  z3::context* context;
  std::string_view call;
  Formula bits;
  abi::FlagStyle style;
  const std::vector<CheckTerm>* terms;
  abi::Errno impl;

  Counterexample operator()(const z3::model& state) const;
};

// The flags of a state, and the facts that hold in it.
abi::Flags flags_in(const z3::model& state, const Formula& bits);
std::string facts_in(const z3::model& state);

}  // namespace proofs
