// Rule tables as formulas: see rule_table.h.
#include "proofs/flags/rule_table.h"

#include "proofs/flags/checks.h"

namespace proofs {
namespace {

using model::spec::Table;

Formula masked(const Formula& word, std::uint64_t mask) {
  return word & word.ctx().bv_val(mask, 64);
}

RuleTable clone_table(Proof& proof, const SymbolicProfile& profile) {
  const Formula bits = masked(proof.number("flags"), 0xffffff00);
  const SymbolicCloneFacts facts(proof, profile, bits);
  return {{Entry::clone, profile, bits},
          terms_of<Table::clone>(facts, profile),
          facts.consistent() && facts.one_tid_pointer(),
          {"unkillable", "pid_pending", "time_pending", "userns_refused"}};
}

// There is a struct of which all this is true.
Formula writable(const SymbolicCloneFacts& f, const Clone3Primitives& p) {
  const Formula above = f.size_too_big() || f.tail_nonzero() || p.cgroup_large;
  return z3::implies(f.size_too_small(), p.size_below_v2 && p.null && p.empty) &&
         z3::implies(p.size_below_v2, !above) && z3::implies(f.set_tid_too_long(), !p.empty) &&
         z3::implies(p.bad, !p.null);
}

RuleTable clone3_table(Proof& proof, const SymbolicProfile& profile) {
  const Formula bits = proof.number("flags");
  const SymbolicCloneFacts facts(proof, profile, bits);
  const Clone3Primitives primitives(proof);
  return {{Entry::clone3, profile, bits},
          terms_of<Table::clone3>(facts, profile),
          facts.consistent() && primitives.tie(facts) && writable(facts, primitives),
          {"unkillable", "pid_pending", "time_pending", "userns_refused", "one_tid_pointer",
           "exit_signal_set"}};
}

RuleTable unshare_table(Proof& proof, const SymbolicProfile& profile) {
  const Formula bits = proof.number("flags");
  const SymbolicUnshareFacts facts(proof, profile, bits);
  // Threads share their signal handlers, even with a dead leader that uses no mm any more.
  const Formula threads = z3::implies(facts.group_shared(), facts.sighand_shared());
  return {{Entry::unshare, profile, bits},
          terms_of<Table::unshare>(facts, profile),
          facts.consistent() && threads,
          {"group_shared", "sighand_shared", "not_single_threaded", "userns_refused"}};
}

RuleTable setns_table(Proof& proof, const SymbolicProfile& profile) {
  const Formula bits = masked(proof.number("flags"), 0xffffffff);
  const SymbolicSetnsFacts facts(proof, profile, bits);
  std::vector<std::string> questions;
  for (const NsType t : abi::kAllNsTypes) {
    if (t != NsType::mnt) questions.push_back("built_" + std::string(abi::name(t)));
  }
  return {{Entry::setns, profile, bits},
          terms_of<Table::setns>(facts, profile),
          facts.consistent(),
          std::move(questions)};
}

}  // namespace

RuleTable rule_table(Proof& proof, Entry call, const abi::Profile& known) {
  const SymbolicProfile profile(proof, known);
  switch (call) {
    case Entry::clone:
      return clone_table(proof, profile);
    case Entry::clone3:
      return clone3_table(proof, profile);
    case Entry::unshare:
      return unshare_table(proof, profile);
    case Entry::setns:
      break;
  }
  return setns_table(proof, profile);
}

Formula decides(Proof& proof, const std::vector<CheckTerm>& terms, std::size_t index) {
  z3::expr_vector all(proof.context());
  for (std::size_t i = 0; i < index; ++i) {
    if (!terms[i].info->is_step) all.push_back(!terms[i].fires);
  }
  all.push_back(terms[index].fires);
  return z3::mk_and(all);
}

std::vector<const model::RuleInfo*> rules_on(Proof& proof, Entry call,
                                             const abi::Profile& profile) {
  std::vector<const model::RuleInfo*> rules;
  for (const CheckTerm& t : rule_table(proof, call, profile).entry()) rules.push_back(t.info);
  return rules;
}

}  // namespace proofs
