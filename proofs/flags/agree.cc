// Flag validity: the implementation answers as the model's rule table does, for every 64-bit word,
// every value of the facts, every standard profile and every variant.
//
// The trusted part is here: which fact of impl/ is which fact of model/. Each mapping below is one
// record; everything else is the two sides' own code. What is compared is the stage of each call
// that allocates nothing: its rules up to the first fallible step.
#include "proofs/flags/agree.h"

#include "impl/syscalls/clone_flags.h"
#include "impl/syscalls/setns.h"
#include "proofs/flags/variants.h"

namespace proofs {
namespace {

using model::spec::Table;

template <class P>
using KernelBuild = impl::Build<SymbolicMachine, P>;

// -- the mappings
// -----------------------------------------------------------------------------------

template <class P>
impl::CloneFacts<KernelBuild<P>> clone_facts(Explorer& e, const SymbolicCloneFacts& f) {
  return {.same_tid_pointer = {e, f.one_tid_pointer()},
          .unkillable = {e, f.unkillable()},
          .pid_ns_pending = {e, f.pid_pending()},
          .time_ns_pending = {e, f.time_pending()},
          .userns_denied = {e, f.userns_refused()}};
}

// The two sides cut the facts about struct clone_args differently: what the model calls "set_tid is
// null though set_tid_size is not 0" is two facts of the implementation. These are the primitive
// ones; the model's are tied to them by the premise.
struct Clone3Primitives {
  Formula null, empty, bad, cgroup_large, size_below_v2;

  explicit Clone3Primitives(Proof& proof)
      : null(proof.fact("set_tid_pointer_is_null")),
        empty(proof.fact("set_tid_size_is_0")),
        bad(proof.fact("set_tid_unreadable")),
        cgroup_large(proof.fact("cgroup_above_int_max")),
        size_below_v2(proof.fact("size_below_88")) {}

  Formula tie(const SymbolicCloneFacts& f) const {
    return f.set_tid_null() == (null && !empty) && f.set_tid_empty() == (!null && empty) &&
           f.set_tid_bad() == (bad && !null && !empty) &&
           f.cgroup_bad() == (cgroup_large || size_below_v2);
  }
};

template <class P>
impl::Clone3Facts<KernelBuild<P>> clone3_facts(Explorer& e, const SymbolicCloneFacts& f,
                                               const Clone3Primitives& p) {
  return {.size_above_page = {e, f.size_too_big()},
          .size_below_v0 = {e, f.size_too_small()},
          .size_below_v2 = {e, p.size_below_v2},
          .bad_args = {e, f.args_bad()},
          .nonzero_tail = {e, f.tail_nonzero()},
          .set_tid_null = {e, p.null},
          .set_tid_bad = {e, p.bad && !p.null},
          .set_tid_empty = {e, p.empty},
          .set_tid_too_long = {e, f.set_tid_too_long()},
          .bad_exit_signal = {e, f.exit_signal_bad()},
          .has_exit_signal = {e, f.exit_signal_set()},
          .cgroup_too_large = {e, p.cgroup_large},
          .bad_stack = {e, f.stack_bad()}};
}

template <class P>
impl::UnshareFacts<KernelBuild<P>> unshare_facts(Explorer& e, const SymbolicUnshareFacts& f) {
  return {.group_empty = {e, !f.group_shared()},
          .sighand_shared = {e, f.sighand_shared()},
          .single_threaded = {e, !f.not_single_threaded()}};
}

std::string case_name(std::string_view variant, const abi::Profile& p) {
  return std::string(variant) + ", " + to_string(p);
}

// CLONE-01: legacy clone sees the bits between the signal and bit 32.
Formula legacy_flags(const Formula& word) {
  return word & word.ctx().bv_val(std::uint64_t{0xffffff00}, 64);
}

// -- one case of each call
// ----------------------------------------------------------------------------

template <class P>
void clone_case(Proof& proof, const abi::Profile& profile) {
  Booted<P> kernel(proof, profile);
  const SymbolicCloneFacts facts(proof, profile, legacy_flags(proof.number("flags")));
  const auto terms = before_first_step(terms_of<Table::clone>(facts, profile.version));
  const Formula model_says = answer_of(proof.context(), terms);
  proof.assume(facts.consistent());
  proof.assume(facts.one_tid_pointer());  // legacy clone has one address for both
  proof.for_all_paths([&] {
    const abi::Errno e =
        impl::validate_clone_flags(kernel.cpu(), Word(proof.explorer(), facts.bits()),
                                   clone_facts<P>(proof.explorer(), facts));
    proof.require(
        model_says == errno_value(proof.context(), e),
        Disagreement{&proof.context(), "clone", facts.bits(), abi::FlagStyle::signal, &terms, e});
  });
}

template <class P>
abi::Errno clone3_answer(KernelCpu<P>& cpu, Explorer& e, const SymbolicCloneFacts& facts,
                         const Clone3Primitives& primitives) {
  const Word flags(e, facts.bits());
  const abi::Errno invalid =
      impl::validate_clone3(cpu, flags, clone3_facts<P>(e, facts, primitives));
  if (invalid != abi::Errno::kOk) return invalid;
  return impl::validate_clone_flags(cpu, flags, clone_facts<P>(e, facts));
}

template <class P>
void clone3_case(Proof& proof, const abi::Profile& profile) {
  Booted<P> kernel(proof, profile);
  const SymbolicCloneFacts facts(proof, profile, proof.number("flags"));
  const Clone3Primitives primitives(proof);
  const auto terms = before_first_step(terms_of<Table::clone3>(facts, profile.version));
  const Formula model_says = answer_of(proof.context(), terms);
  proof.assume(facts.consistent());
  proof.assume(primitives.tie(facts));
  proof.for_all_paths([&] {
    const abi::Errno e = clone3_answer<P>(kernel.cpu(), proof.explorer(), facts, primitives);
    proof.require(
        model_says == errno_value(proof.context(), e),
        Disagreement{&proof.context(), "clone3", facts.bits(), abi::FlagStyle::bits, &terms, e});
  });
}

template <class P>
void unshare_case(Proof& proof, const abi::Profile& profile) {
  Booted<P> kernel(proof, profile);
  const Formula asked = proof.number("flags");
  const SymbolicUnshareFacts facts(proof, profile, asked);
  const auto terms = before_first_step(terms_of<Table::unshare>(facts, profile.version));
  const Formula model_says = answer_of(proof.context(), terms);
  proof.assume(facts.consistent());
  // CLONE-19 stands in sys_unshare() itself; heap.unshare looks at it there.
  proof.assume(!facts.userns_refused());
  proof.for_all_paths([&] {
    const Word flags = impl::imply_unshare_flags(kernel.cpu(), Word(proof.explorer(), asked));
    const abi::Errno e =
        impl::check_unshare_flags(kernel.cpu(), flags, unshare_facts<P>(proof.explorer(), facts));
    proof.require(
        model_says == errno_value(proof.context(), e),
        Disagreement{&proof.context(), "unshare", asked, abi::FlagStyle::bits, &terms, e});
  });
}

// An open file: a pidfd, a namespace of some type, or neither.
template <class P>
void setns_case(Proof& proof, const abi::Profile& profile, impl::FileType kind, NsType type) {
  Booted<P> kernel(proof, profile);
  // setns takes an int: the bits above it never arrive.
  const Formula bits =
      proof.number("flags") & proof.context().bv_val(std::uint64_t{0xffffffff}, 64);
  const SymbolicSetnsFacts facts(proof, profile, bits);
  const auto terms = before_first_step(terms_of<Table::setns>(facts, profile.version));
  const Formula model_says = answer_of(proof.context(), terms);
  proof.assume(facts.consistent());
  // SETNS-01 is sys_setns()'s own.
  proof.assume(!facts.file_closed() && !facts.file_opath());
  const auto fix = [&](const Formula& f, bool value) { proof.assume(value ? f : !f); };
  fix(facts.file_pidfd(), kind == impl::FileType::pidfd);
  fix(facts.file_nsfs(), kind == impl::FileType::ns);
  for (const NsType t : abi::kAllNsTypes) {
    if (kind == impl::FileType::ns) fix(facts.file_type(t), t == type);
    if (t != NsType::mnt) fix(facts.configured(t), profile.configured.has(t));
  }
  impl::NsHead<KernelBuild<P>> ns;
  ns.type = type;
  impl::Inode<KernelBuild<P>> inode;
  inode.ns = &ns;
  impl::File<KernelBuild<P>> file;
  file.type = kind;
  file.inode = &inode;
  proof.for_all_paths([&] {
    Word flags(proof.explorer(), bits);
    const abi::Errno e = impl::setns_flags(kernel.cpu(), file, flags);
    proof.require(model_says == errno_value(proof.context(), e),
                  Disagreement{&proof.context(), "setns", bits, abi::FlagStyle::bits, &terms, e});
  });
}

// A profile without some of the types, by number: a type's bit is set if it is built.
abi::Profile configured_as(abi::Profile p, unsigned types) {
  for (const NsType t : abi::kAllNsTypes) {
    if ((types >> abi::index(t) & 1) == 0) p.configured = p.configured.without(t);
  }
  return p;
}

}  // namespace

// -- the theorems
// -------------------------------------------------------------------------------------

void prove_clone(Proof& proof) {
  for_each_variant(proof, [&]<class P>(std::string_view variant) {
    for (const abi::Profile& p : profiles_with_userns_switch()) {
      proof.begin_case(case_name(variant, p));
      clone_case<P>(proof, p);
    }
  });
}

void prove_clone3(Proof& proof) {
  for_each_variant(proof, [&]<class P>(std::string_view variant) {
    for (const abi::Profile& p : profiles_with_userns_switch()) {
      proof.begin_case(case_name(variant, p));
      clone3_case<P>(proof, p);
    }
  });
}

void prove_unshare(Proof& proof) {
  for_each_variant(proof, [&]<class P>(std::string_view variant) {
    for (const abi::Profile& p : abi::standard_profiles()) {
      proof.begin_case(case_name(variant, p));
      unshare_case<P>(proof, p);
    }
  });
}

void prove_setns_pidfd(Proof& proof) {
  for_each_variant(proof, [&]<class P>(std::string_view variant) {
    for (const abi::Profile& p : abi::standard_profiles()) {
      for (unsigned types = 1; types < 256; types += 2) {  // there is no kernel without mnt
        const abi::Profile built = configured_as(p, types);
        proof.begin_case(case_name(variant, built));
        setns_case<P>(proof, built, impl::FileType::pidfd, NsType::mnt);
      }
    }
  });
}

void prove_setns_nsfs(Proof& proof) {
  for_each_variant(proof, [&]<class P>(std::string_view variant) {
    for (const abi::Profile& p : abi::standard_profiles()) {
      for (const NsType t : abi::kAllNsTypes) {
        proof.begin_case(case_name(variant, p) + ", file of " + std::string(abi::name(t)));
        setns_case<P>(proof, p, impl::FileType::ns, t);
      }
      proof.begin_case(case_name(variant, p) + ", another file");
      setns_case<P>(proof, p, impl::FileType::other, NsType::mnt);
    }
  });
}

// Where both calls are defined: no bit of the low byte, none above 31, and clone3's own checks
// pass.
void prove_clone_is_clone3(Proof& proof) {
  for_each_variant(proof, [&]<class P>(std::string_view variant) {
    for (const abi::Profile& p : profiles_with_userns_switch()) {
      proof.begin_case(case_name(variant, p));
      Booted<P> kernel(proof, p);
      const SymbolicCloneFacts facts(proof, p, legacy_flags(proof.number("flags")));
      const Clone3Primitives primitives(proof);
      proof.assume(facts.consistent());
      proof.assume(primitives.tie(facts));
      proof.assume(facts.one_tid_pointer());
      const auto terms = before_first_step(terms_of<Table::clone>(facts, p.version));
      const Formula model_says = answer_of(proof.context(), terms);
      proof.for_all_paths([&] {
        auto& e = proof.explorer();
        const Word flags(e, facts.bits());
        const abi::Errno arguments =
            impl::validate_clone3(kernel.cpu(), flags, clone3_facts<P>(e, facts, primitives));
        if (arguments != abi::Errno::kOk) return;
        const abi::Errno by_clone3 = clone3_answer<P>(kernel.cpu(), e, facts, primitives);
        proof.require(model_says == errno_value(proof.context(), by_clone3),
                      Disagreement{&proof.context(), "clone3, as clone,", facts.bits(),
                                   abi::FlagStyle::bits, &terms, by_clone3});
      });
    }
  });
}

}  // namespace proofs
