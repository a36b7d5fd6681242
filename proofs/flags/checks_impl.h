// The entry checks of one policy: see checks.h. Included by checks_*.cc, which instantiate it,
// nowhere else.
//
// The trusted part is here: which fact of impl/ is which fact of model/. Each mapping below is one
// record; everything else is the two sides' own code.
#pragma once

#include "impl/kernel.h"
#include "impl/kernel/boot.h"
#include "impl/syscalls/clone_flags.h"
#include "impl/syscalls/setns.h"
#include "proofs/flags/checks.h"
#include "proofs/symbolic_machine.h"

namespace proofs {

template <class P>
class ChecksOf final : public EntryChecks {
  using K = impl::Build<SymbolicMachine, P>;

 public:
  // A kernel that has just started. Its version and its words are symbolic from here on.
  ChecksOf(Proof& proof, const SymbolicProfile& profile)
      : explorer_(proof.explorer()), state_(abi::Setup{}, proof.bug()) {
    state_.shared.explorer = &explorer_;
    state_.rules = impl::Rules<Bool>(profile);
    cpu().current = cpu().find(abi::kInitialTask);
  }

  abi::Errno clone(const SymbolicCloneFacts& f) override {
    const impl::CloneFacts<K> facts{.same_tid_pointer = truth(f.one_tid_pointer()),
                                    .unkillable = truth(f.unkillable()),
                                    .pid_ns_pending = truth(f.pid_pending()),
                                    .time_ns_pending = truth(f.time_pending()),
                                    .userns_denied = truth(f.userns_refused())};
    return impl::validate_clone_flags(cpu(), Word(explorer_, f.bits()), facts);
  }

  abi::Errno clone3_arguments(const SymbolicCloneFacts& f, const Clone3Primitives& p) override {
    const impl::Clone3Facts<K> facts{.size_above_page = truth(f.size_too_big()),
                                     .size_below_v0 = truth(f.size_too_small()),
                                     .size_below_v2 = truth(p.size_below_v2),
                                     .bad_args = truth(f.args_bad()),
                                     .nonzero_tail = truth(f.tail_nonzero()),
                                     .set_tid_null = truth(p.null),
                                     .set_tid_bad = truth(p.bad && !p.null),
                                     .set_tid_empty = truth(p.empty),
                                     .set_tid_too_long = truth(f.set_tid_too_long()),
                                     .bad_exit_signal = truth(f.exit_signal_bad()),
                                     .has_exit_signal = truth(f.exit_signal_set()),
                                     .cgroup_too_large = truth(p.cgroup_large),
                                     .bad_stack = truth(f.stack_bad())};
    return impl::validate_clone3(cpu(), Word(explorer_, f.bits()), facts);
  }

  Unshare unshare(const Word& asked, const SymbolicUnshareFacts& f) override {
    const impl::UnshareFacts<K> facts{.group_empty = truth(!f.group_shared()),
                                      .sighand_shared = truth(f.sighand_shared()),
                                      .single_threaded = truth(!f.not_single_threaded())};
    const Word flags = impl::imply_unshare_flags(cpu(), asked);
    return {flags, impl::check_unshare_flags(cpu(), flags, facts)};
  }

  abi::Errno setns(const SymbolicSetnsFacts& f, SetnsFile kind, abi::NsType type) override {
    impl::NsHead<K> ns;
    ns.type = type;
    impl::Inode<K> inode;
    inode.ns = &ns;
    impl::File<K> file;
    file.type = kind == SetnsFile::pidfd ? impl::FileType::pidfd
                : kind == SetnsFile::ns  ? impl::FileType::ns
                                         : impl::FileType::other;
    file.inode = &inode;
    std::vector<Formula>& configured = state_.shared.configured;
    configured.clear();
    for (const abi::NsType t : abi::kAllNsTypes) configured.push_back(f.configured(t));
    Word flags(explorer_, f.bits());
    return impl::setns_flags(cpu(), file, flags);
  }

 private:
  Bool truth(const Formula& f) { return {explorer_, f}; }
  impl::Cpu<K>& cpu() { return state_.boot_cpu(); }

  Explorer& explorer_;
  impl::State<SymbolicMachine, P> state_;
};

}  // namespace proofs
