// Flag validity: the implementation answers as the model's rule table does, for every 64-bit word,
// every value of the facts, every version and every variant.
//
// Which fact of impl/ is which fact of model/ stands in checks_impl.h. What is compared is the
// stage of each call that allocates nothing: its rules up to the first fallible step.
#include "proofs/flags/agree.h"

#include "proofs/flags/checks.h"
#include "proofs/flags/told.h"

namespace proofs {
namespace {

using model::spec::Table;

Native native(FlagVariant v) {
  if (v == FlagVariant::seeded) return Native::seeded;
  return v == FlagVariant::optimized ? Native::optimized : Native::baseline;
}

// CLONE-01: legacy clone sees the bits between the signal and bit 32.
Formula legacy_flags(const Formula& word) {
  return word & word.ctx().bv_val(std::uint64_t{0xffffff00}, 64);
}

// One case: what both sides are asked, and how a difference is told.
class Case {
 public:
  Case(Proof& proof, FlagVariant variant, Entry call, const SymbolicProfile& profile, Formula bits,
       std::vector<CheckTerm> terms)
      : proof_(proof),
        variant_(variant),
        terms_(before_first_step(terms)),
        asked_{call, profile, std::move(bits), &terms_},
        model_says_(answer_of(proof.context(), terms_)) {}
  Case(const Case&) = delete;
  Case& operator=(const Case&) = delete;

  const Formula& model_says() const { return model_says_; }
  void require_agreement(abi::Errno e) {
    require(model_says_ == errno_value(proof_.context(), e), e);
  }
  // `e` is what the implementation says.
  void require(const Formula& goal, abi::Errno e) {
    proof_.require(goal, [this, e](const z3::model& state) {
      return disagreement(asked_, e, native(variant_), proof_.bug(), state);
    });
  }

 private:
  Proof& proof_;
  FlagVariant variant_;
  std::vector<CheckTerm> terms_;
  Asked asked_;
  Formula model_says_;
};

// -- one case of each call -----------------------------------------------------------------------

// The word is the one that arrives, of clone (CLONE-01) and of clone3 alike.
void clone_case(Proof& proof, FlagVariant variant) {
  proof.begin_case(std::string(name(variant)));
  const SymbolicProfile profile(proof);
  const auto checks = make_checks(variant, proof, profile);
  const Formula word = proof.number("flags");
  const SymbolicCloneFacts facts(proof, profile, word);
  Case both(proof, variant, Entry::clone, profile, word, terms_of<Table::clone>(facts, profile));
  proof.assume(facts.consistent());
  std::vector<Formula> wishes = profile.wishes();
  wishes.push_back(facts.one_tid_pointer());
  wishes.push_back(word == legacy_flags(word));
  for (const Formula& f : simplest(proof, word, {"unkillable", "pid_pending", "time_pending"})) {
    wishes.push_back(f);
  }
  proof.prefer(wishes);
  proof.for_all_paths([&] { both.require_agreement(checks->clone(facts)); });
}

// First a struct that can be written down at all, then as plain as possible.
std::vector<Formula> plain_struct(Proof& proof, const SymbolicProfile& profile,
                                  const SymbolicCloneFacts& f, const Clone3Primitives& p) {
  std::vector<Formula> wishes = profile.wishes();
  for (const Formula& wish : std::initializer_list<Formula>{
           z3::implies(f.size_too_small(), p.size_below_v2 && p.null && p.empty),
           z3::implies(p.size_below_v2, !f.size_too_big() && !f.tail_nonzero() && !p.cgroup_large),
           z3::implies(f.set_tid_too_long(), !p.empty), p.null == p.empty, p.null}) {
    wishes.push_back(wish);
  }
  for (const Formula& wish :
       simplest(proof, f.bits(),
                {"size_too_big", "size_too_small", "args_bad", "tail_nonzero", "set_tid_too_long",
                 "set_tid_unreadable", "exit_signal_bad", "exit_signal_set", "cgroup_above_int_max",
                 "size_below_88", "stack_bad", "one_tid_pointer", "unkillable", "pid_pending",
                 "time_pending"})) {
    wishes.push_back(wish);
  }
  return wishes;
}

// clone3's own checks, and after them what the rules of clone say: those are prove_clone()'s.
void clone3_case(Proof& proof, FlagVariant variant) {
  proof.begin_case(std::string(name(variant)));
  const SymbolicProfile profile(proof);
  const auto checks = make_checks(variant, proof, profile);
  const SymbolicCloneFacts facts(proof, profile, proof.number("flags"));
  const Clone3Primitives primitives(proof);
  Case both(proof, variant, Entry::clone3, profile, facts.bits(),
            terms_of<Table::clone3>(facts, profile));
  const Formula as_clone =
      answer_of(proof.context(), before_first_step(terms_of<Table::clone>(facts, profile)));
  proof.assume(facts.consistent());
  proof.assume(primitives.tie(facts));
  proof.prefer(plain_struct(proof, profile, facts, primitives));
  proof.for_all_paths([&] {
    const abi::Errno e = checks->clone3_arguments(facts, primitives);
    if (e != abi::Errno::kOk) return both.require_agreement(e);
    both.require(both.model_says() == as_clone, e);
  });
}

void unshare_case(Proof& proof, FlagVariant variant) {
  proof.begin_case(std::string(name(variant)));
  const SymbolicProfile profile(proof);
  const auto checks = make_checks(variant, proof, profile);
  const Formula asked = proof.number("flags");
  const SymbolicUnshareFacts facts(proof, profile, asked);
  Case both(proof, variant, Entry::unshare, profile, asked,
            terms_of<Table::unshare>(facts, profile));
  proof.assume(facts.consistent());
  // CLONE-19 stands in sys_unshare() itself.
  proof.assume(!facts.userns_refused());
  std::vector<Formula> wishes = profile.wishes();
  wishes.push_back(
      z3::implies(facts.group_shared(), facts.sighand_shared() && facts.not_single_threaded()));
  wishes.push_back(z3::implies(facts.sighand_shared(), facts.not_single_threaded()));
  for (const Formula& wish :
       simplest(proof, asked, {"group_shared", "sighand_shared", "not_single_threaded"})) {
    wishes.push_back(wish);
  }
  proof.prefer(wishes);
  proof.for_all_paths([&] {
    const EntryChecks::Unshare impl = checks->unshare(Word(proof.explorer(), asked), facts);
    both.require_agreement(impl.error);
    // The later stages see the flags with what they imply: they must be the same too, but for those
    // that only the checks ask about.
    const Flags checked = flag::THREAD | flag::SIGHAND | flag::VM;
    const Formula later = proof.context().bv_val(std::uint64_t{(~checked).bits()}, 64);
    both.require((impl.flags.formula(proof.context()) & later) == (facts.bits() & later),
                 impl.error);
  });
}

// A file of some kind; a namespace's has a type.
void setns_case(Proof& proof, FlagVariant variant, SetnsFile kind, NsType type) {
  const SymbolicProfile profile(proof);
  const auto checks = make_checks(variant, proof, profile);
  // setns takes an int: the bits above it never arrive.
  const Formula word = proof.number("flags");
  const Formula bits = word & proof.context().bv_val(std::uint64_t{0xffffffff}, 64);
  const SymbolicSetnsFacts facts(proof, profile, bits);
  Case both(proof, variant, Entry::setns, profile, bits, terms_of<Table::setns>(facts, profile));
  proof.assume(facts.consistent());
  // SETNS-01 is sys_setns()'s own.
  proof.assume(!facts.file_closed() && !facts.file_opath());
  const auto fix = [&](const Formula& f, bool value) { proof.assume(value ? f : !f); };
  fix(facts.file_pidfd(), kind == SetnsFile::pidfd);
  fix(facts.file_nsfs(), kind == SetnsFile::ns);
  for (const NsType t : abi::kAllNsTypes) {
    if (kind == SetnsFile::ns) fix(facts.file_type(t), t == type);
  }
  std::vector<Formula> wishes = profile.wishes();
  for (const NsType t : abi::kAllNsTypes) wishes.push_back(facts.configured(t));
  for (const Formula& wish : simplest(proof, word, {})) wishes.push_back(wish);
  proof.prefer(wishes);
  proof.for_all_paths([&] { both.require_agreement(checks->setns(facts, kind, type)); });
}

}  // namespace

// -- the theorems --------------------------------------------------------------------------------

void prove_clone(Proof& proof) {
  for (const FlagVariant v : flag_variants(proof)) clone_case(proof, v);
}

void prove_clone3(Proof& proof) {
  for (const FlagVariant v : flag_variants(proof)) clone3_case(proof, v);
}

void prove_unshare(Proof& proof) {
  for (const FlagVariant v : flag_variants(proof)) unshare_case(proof, v);
}

void prove_setns_pidfd(Proof& proof) {
  for (const FlagVariant v : flag_variants(proof)) {
    proof.begin_case(std::string(name(v)));
    setns_case(proof, v, SetnsFile::pidfd, NsType::mnt);
  }
}

void prove_setns_file(Proof& proof) {
  for (const FlagVariant v : flag_variants(proof)) {
    for (const NsType t : abi::kAllNsTypes) {
      proof.begin_case(std::string(name(v)) + ", file of " + std::string(abi::name(t)));
      setns_case(proof, v, SetnsFile::ns, t);
    }
    proof.begin_case(std::string(name(v)) + ", another file");
    setns_case(proof, v, SetnsFile::other, NsType::mnt);
  }
}

// Where both calls are defined: no bit of the low byte, none above 31, a struct that clone3 takes
// and that asks for nothing that legacy clone cannot ask for.
void prove_clone_is_clone3(Proof& proof) {
  for (const FlagVariant v : flag_variants(proof)) {
    proof.begin_case(std::string(name(v)));
    const SymbolicProfile profile(proof);
    const auto checks = make_checks(v, proof, profile);
    const SymbolicCloneFacts facts(proof, profile, legacy_flags(proof.number("flags")));
    const Clone3Primitives primitives(proof);
    Case both(proof, v, Entry::clone3, profile, facts.bits(),
              terms_of<Table::clone>(facts, profile));
    proof.assume(facts.consistent());
    proof.assume(primitives.tie(facts));
    proof.assume(facts.one_tid_pointer() && primitives.null && primitives.empty);
    std::vector<CheckTerm> own = terms_of<Table::clone3>(facts, profile);
    std::erase_if(own, [](const CheckTerm& t) { return !t.info->id.starts_with("CLONE3-"); });
    // The rules that only clone3 has: DETACHED, and an exit signal for a thread.
    proof.assume(answer_of(proof.context(), own) == errno_value(proof.context(), {}));
    proof.prefer(plain_struct(proof, profile, facts, primitives));
    proof.for_all_paths([&] {
      const abi::Errno e = checks->clone3_arguments(facts, primitives);
      both.require_agreement(e != abi::Errno::kOk ? e : checks->clone(facts));
    });
  }
}

}  // namespace proofs
