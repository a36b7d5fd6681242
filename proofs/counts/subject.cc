// Names and variants of symbolic kernels: see subject.h. Each policy is compiled in a file of its
// own, so that they build side by side.
#include "proofs/counts/subject.h"

#include <array>

#include "proofs/counts/subjects.h"

namespace proofs {

std::string_view name(Function f) {
  constexpr std::array<std::string_view, 10> names = {"call",
                                                      "create_new_namespaces",
                                                      "unshare_nsproxy_namespaces",
                                                      "copy_namespaces",
                                                      "switch_task_namespaces",
                                                      "exit_task_namespaces",
                                                      "exec_task_namespaces",
                                                      "prepare_nsset",
                                                      "create_user_ns",
                                                      "copy_creds"};
  return names[static_cast<std::size_t>(f)];
}

std::string_view name(Variant v) {
  constexpr std::array<std::string_view, 4> names = {"baseline", "take over", "optimized",
                                                     "mutant"};
  return names[static_cast<std::size_t>(v)];
}

std::span<const Variant> variants_of(const Proof& proof) {
  static constexpr std::array ships = {Variant::baseline, Variant::take_over, Variant::optimized};
  static constexpr std::array mutant = {Variant::seeded};
  if (proof.bug() != impl::Bug::kNone) return mutant;
  return ships;
}

std::unique_ptr<Subject> make_subject(Variant variant, const abi::Setup& setup, impl::Bug bug) {
  switch (variant) {
    case Variant::baseline:
      return make_baseline(setup, bug);
    case Variant::take_over:
      return make_take_over(setup, bug);
    case Variant::optimized:
      return make_optimized(setup, bug);
    case Variant::seeded:
      return make_seeded(setup, bug);
  }
  return nullptr;
}

}  // namespace proofs
