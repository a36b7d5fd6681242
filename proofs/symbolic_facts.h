// The facts that the rule tables ask about, answered by Z3 symbols.
//
// Each question is a symbol of its own, but for those that are about the flag word, which are
// formulas on it. That is more general than any state: symbols are tied only where
// consistent() says so. What is proved for these facts holds for all that a state could give.
// The questions are those listed at the head of model/rules/*.h.
#pragma once

#include <string>
#include <utility>

#include "proofs/symbolic_profile.h"

namespace proofs {

using abi::Flags;
using abi::NsType;
namespace flag = abi::flag;

// (bits & f) != 0
inline Formula has_any(const Formula& bits, std::uint64_t f) {
  z3::context& c = bits.ctx();
  return (bits & c.bv_val(std::uint64_t{f}, 64)) != c.bv_val(0, 64);
}

class SymbolicFacts {
 public:
  // `bits`: the flags that the rules see; `raw`: those that were passed.
  SymbolicFacts(Proof& proof, const SymbolicProfile& profile, Formula bits)
      : proof_(&proof), profile_(profile), bits_(std::move(bits)) {}

  // -- the word ----------------------------------------------------------------------------------
  Formula always() const { return proof_->context().bool_val(true); }
  Formula has(Flags f) const { return has_any(bits_, f.bits()); }
  Formula raw(Flags f) const { return has(f); }
  const Formula& bits() const { return bits_; }

  // -- rules/creation.h --------------------------------------------------------------------------
  Formula configured(NsType t) const { return t == NsType::mnt ? always() : per_type("built", t); }
  Formula quota_full(NsType t) const { return per_type("quota_full", t); }
  Formula user_level_full() const { return fact("user_level_full"); }
  Formula pid_level_full() const { return fact("pid_level_full"); }
  Formula chrooted() const { return fact("chrooted"); }
  Formula euid_mapped() const { return fact("euid_mapped"); }
  Formula egid_mapped() const { return fact("egid_mapped"); }
  Formula admin_over_own() const { return fact("admin_over_own"); }
  Formula pid_pending() const { return fact("pid_pending"); }
  Formula pid_owner_covers() const { return fact("pid_owner_covers"); }
  Formula userns_refused() const { return fact("userns_refused"); }
  Formula group_shared() const { return fact("group_shared"); }
  Formula not_single_threaded() const { return fact("not_single_threaded"); }
  Formula fs_shared() const { return fact("fs_shared"); }

  // -- rules/clone.h -----------------------------------------------------------------------------
  Formula size_too_big() const { return fact("size_too_big"); }
  Formula size_too_small() const { return fact("size_too_small"); }
  Formula args_bad() const { return fact("args_bad"); }
  Formula tail_nonzero() const { return fact("tail_nonzero"); }
  Formula set_tid_too_long() const { return fact("set_tid_too_long"); }
  Formula set_tid_null() const { return fact("set_tid_null"); }
  Formula set_tid_empty() const { return fact("set_tid_empty"); }
  Formula exit_signal_bad() const { return fact("exit_signal_bad"); }
  Formula cgroup_bad() const { return fact("cgroup_bad"); }
  Formula set_tid_bad() const { return fact("set_tid_bad"); }
  Formula exit_signal_set() const { return fact("exit_signal_set"); }
  Formula stack_bad() const { return fact("stack_bad"); }
  Formula one_tid_pointer() const { return fact("one_tid_pointer"); }
  Formula unkillable() const { return fact("unkillable"); }
  Formula time_pending() const { return fact("time_pending"); }
  Formula switches_time_at_exec() const { return profile_.from({6, 2, 0}); }
  Formula nproc_can_fail() const { return fact("nproc_can_fail"); }
  Formula has_undo() const { return fact("has_undo"); }
  Formula set_tid_too_deep() const { return fact("set_tid_too_deep"); }
  Formula tid_range() const { return fact("tid_range"); }
  Formula tid_no_init() const { return fact("tid_no_init"); }
  Formula tid_no_cap() const { return fact("tid_no_cap"); }
  Formula tid_taken() const { return fact("tid_taken"); }
  Formula automatic_levels() const { return fact("automatic_levels"); }
  Formula pid_ns_dead() const { return fact("pid_ns_dead") && !has(flag::NEWPID); }
  Formula pidfd_pointer_bad() const { return fact("pidfd_pointer_bad"); }

  // -- rules/unshare.h ---------------------------------------------------------------------------
  Formula sighand_shared() const { return fact("sighand_shared"); }
  Formula files_shared() const { return fact("files_shared"); }

  // What no state contradicts: facts that exclude or imply each other.
  Formula consistent() const {
    const Formula tid[] = {tid_range(), tid_no_init(), tid_no_cap(), tid_taken()};
    Formula all = always();
    for (int i = 0; i < 4; ++i) {
      for (int j = i + 1; j < 4; ++j) all = all && !(tid[i] && tid[j]);
    }
    all = all && profile_.exists() && (profile_.is_off() || !userns_refused());
    return all && !(size_too_big() && size_too_small()) && !(set_tid_null() && set_tid_empty()) &&
           !(set_tid_null() && set_tid_bad()) && !(exit_signal_bad() && !exit_signal_set());
  }

 protected:
  Formula fact(std::string_view name) const { return proof_->fact(name); }
  Formula per_type(std::string_view question, NsType t) const {
    return fact(std::string(question) + "_" + std::string(abi::name(t)));
  }

  Proof* proof_;
  SymbolicProfile profile_;
  Formula bits_;
};

// clone and clone3. Trusted: model/facts.h's definition of an unknown flag.
class SymbolicCloneFacts : public SymbolicFacts {
 public:
  using SymbolicFacts::SymbolicFacts;
  Formula flags_unknown() const {
    const Flags known = Flags(0xffffffff) | flag::CLEAR_SIGHAND | flag::INTO_CGROUP;
    return has(~known);
  }
};

// unshare: the rules see the flags with what they imply. Trusted: model/facts.cc's implied().
class SymbolicUnshareFacts : public SymbolicFacts {
 public:
  SymbolicUnshareFacts(Proof& proof, const SymbolicProfile& profile, const Formula& raw)
      : SymbolicFacts(proof, profile, implied(raw)) {}

  Formula flags_unknown() const {
    return has(~(flag::THREAD | flag::FS | flag::SIGHAND | flag::VM | flag::FILES | flag::SYSVSEM |
                 flag::NAMESPACES));
  }

 private:
  static Formula implied(const Formula& raw) {
    Formula f = with(raw, flag::NEWUSER, flag::THREAD | flag::FS);
    f = with(f, flag::VM, flag::SIGHAND);
    f = with(f, flag::SIGHAND, flag::THREAD);
    return with(f, flag::NEWNS, flag::FS);
  }
  static Formula with(const Formula& f, Flags if_has, Flags also) {
    return z3::ite(has_any(f, if_has.bits()), f | f.ctx().bv_val(std::uint64_t{also.bits()}, 64),
                   f);
  }
};

// setns. Trusted: what model/facts.h calls a mismatch, unknown, unconfigured and installed.
class SymbolicSetnsFacts : public SymbolicFacts {
 public:
  using SymbolicFacts::SymbolicFacts;

  Formula file_closed() const { return fact("file_closed"); }
  Formula file_opath() const { return fact("file_opath"); }
  Formula file_nsfs() const { return fact("file_nsfs"); }
  Formula file_pidfd() const { return fact("file_pidfd"); }
  // The type of the namespace that the file shows; only asked of nsfs files.
  Formula file_type(NsType t) const { return per_type("file_type", t); }
  Formula type_mismatch() const {
    Formula same = flags_empty();
    for (const NsType t : abi::kAllNsTypes) same = same || (file_type(t) && is(abi::flag_of(t)));
    return !same;
  }
  Formula flags_empty() const { return is(Flags(0)); }
  Formula flags_unknown() const { return has(~flag::NAMESPACES); }
  Formula flags_unconfigured() const {
    Formula any = !always();
    for (const NsType t : abi::kAllNsTypes) any = any || (has(abi::flag_of(t)) && !configured(t));
    return any;
  }
  Formula target_gone() const { return fact("target_gone"); }
  Formula target_private() const { return fact("target_private"); }
  Formula target_released() const { return fact("target_released"); }
  Formula installs(NsType t) const {
    return z3::ite(file_nsfs(), file_type(t), has(abi::flag_of(t)));
  }
  Formula with_other_types() const { return !file_nsfs() && has(flag::NEWNS) && !is(flag::NEWNS); }
  Formula admin_over_target(NsType t) const { return per_type("admin_over_target", t); }
  Formula admin_over_mine() const { return fact("admin_over_mine"); }
  Formula chroot_cap_over_mine() const { return fact("chroot_cap_over_mine"); }
  Formula same_user() const { return fact("same_user"); }
  Formula admin_over_user() const { return fact("admin_over_user"); }
  Formula nsset_fs_shared() const { return fs_shared() && !with_other_types(); }
  Formula pid_not_below() const { return fact("pid_not_below"); }

  Formula consistent() const {
    Formula all = profile_.exists() && !(file_nsfs() && file_pidfd());
    for (const NsType t : abi::kAllNsTypes) {
      for (const NsType u : abi::kAllNsTypes) {
        if (t < u) all = all && !(file_type(t) && file_type(u));
      }
      // A namespace of a type that was not built cannot be opened.
      all = all && z3::implies(file_type(t), configured(t));
    }
    Formula some = !always();
    for (const NsType t : abi::kAllNsTypes) some = some || file_type(t);
    return all && z3::implies(file_nsfs(), some) &&
           z3::implies(group_shared(), not_single_threaded());
  }

 private:
  Formula is(Flags f) const {
    return bits_ == proof_->context().bv_val(std::uint64_t{f.bits()}, 64);
  }
};

}  // namespace proofs
