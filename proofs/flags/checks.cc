// Which variants there are: see checks.h.
#include "proofs/flags/checks.h"

#include "proofs/flags/variants.h"

namespace proofs {

std::string_view name(FlagVariant v) {
  switch (v) {
    case FlagVariant::baseline:
      return "baseline";
    case FlagVariant::one_pass:
      return "one-pass flags";
    case FlagVariant::optimized:
      return "optimized";
    case FlagVariant::seeded:
      return "mutant";
  }
  return "";
}

std::span<const FlagVariant> flag_variants(const Proof& proof) {
  static constexpr FlagVariant kShips[] = {FlagVariant::baseline, FlagVariant::one_pass,
                                           FlagVariant::optimized};
  static constexpr FlagVariant kMutant[] = {FlagVariant::seeded};
  if (proof.bug() != impl::Bug::kNone) return kMutant;
  return kShips;
}

Clone3Primitives::Clone3Primitives(Proof& proof)
    : null(proof.fact("set_tid_pointer_is_null")),
      empty(proof.fact("set_tid_size_is_0")),
      bad(proof.fact("set_tid_unreadable")),
      cgroup_large(proof.fact("cgroup_above_int_max")),
      size_below_v2(proof.fact("size_below_88")) {}

Formula Clone3Primitives::tie(const SymbolicCloneFacts& f) const {
  return f.set_tid_null() == (null && !empty) && f.set_tid_empty() == (!null && empty) &&
         f.set_tid_bad() == (bad && !null && !empty) &&
         f.cgroup_bad() == (cgroup_large || size_below_v2);
}

std::unique_ptr<EntryChecks> make_checks(FlagVariant variant, Proof& proof,
                                         const SymbolicProfile& profile) {
  switch (variant) {
    case FlagVariant::baseline:
      return baseline_checks(proof, profile);
    case FlagVariant::one_pass:
      return one_pass_checks(proof, profile);
    case FlagVariant::optimized:
      return optimized_checks(proof, profile);
    case FlagVariant::seeded:
      return seeded_checks(proof, profile);
  }
  return nullptr;
}

}  // namespace proofs
