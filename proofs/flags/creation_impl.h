// One policy's creation of namespaces: see creation.h. Included by creation_*.cc, which instantiate
// it, nowhere else.
#pragma once

#include <string>

#include "impl/kernel.h"
#include "impl/kernel/boot.h"
#include "impl/nsproxy/nsset.h"
#include "impl/syscalls/unshare.h"
#include "proofs/flags/creation.h"
#include "proofs/symbolic_machine.h"

namespace proofs {

template <class P>
class CreationOf final : public Creation {
  using K = impl::Build<SymbolicMachine, P>;

 public:
  CreationOf(Proof& proof, const SymbolicProfile& profile, Era era, Situation situation)
      : proof_(proof), state_(abi::Setup{.profile = of(era)}, proof.bug()) {
    cpu().current = cpu().find(abi::kInitialTask);
    bring_about(situation);
    const Bool known = state_.rules.active_refs;
    state_.rules = impl::Rules<Bool>(profile);
    state_.rules.active_refs = known;
  }

  abi::Errno make(Maker maker, const Word& flags, const SymbolicFacts& f) override {
    impl::Task<K>* const child = is_clone(maker) ? half_made_child(!makes_user(maker)) : nullptr;
    become_symbolic(f);
    switch (maker) {
      case Maker::unshare:
        return impl::unshare_nsproxy_namespaces<K>(cpu(), flags, nullptr, nullptr).error;
      case Maker::clone:
        return impl::copy_namespaces(cpu(), flags, *child, cpu().cred()->user_ns);
      case Maker::unshare_user: {
        impl::Unshared<K> made;
        return impl::make_unshared(cpu(), impl::imply_unshare_flags(cpu(), flags), made);
      }
      case Maker::clone_user: {
        const abi::Errno e = impl::copy_creds(cpu(), flags, *child);
        if (e != abi::Errno::kOk) return e;
        return impl::copy_namespaces(cpu(), flags, *child, cpu().m.own(child->cred)->user_ns);
      }
    }
    return abi::Errno::kEINVAL;
  }

  abi::Errno install_user(const SymbolicSetnsFacts& f) override {
    const impl::UserInstallFacts<K> facts{.same = truth(f.same_user()),
                                          .group_empty = truth(!f.group_shared()),
                                          .fs_shared = truth(f.fs_shared()),
                                          .capable = truth(f.admin_over_user())};
    return impl::validate_user_install(cpu(), facts);
  }

 private:
  impl::Cpu<K>& cpu() { return state_.boot_cpu(); }
  Bool truth(const Formula& f) { return {proof_.explorer(), f}; }

  // Known, and made by the kernel's own functions as far as there are any.
  void bring_about(Situation situation) {
    impl::Nsproxy<K>& ns = *cpu().nsproxy();
    impl::UserNs<K>* const user = cpu().cred()->user_ns;
    switch (situation) {
      case Situation::plain:
        break;
      case Situation::pid_pending:
        ns.pid_ns_for_children = impl::copy_pid_ns(cpu(), SymbolicMachine::word(abi::flag::NEWPID),
                                                   user, ns.pid_ns_for_children, impl::Keep::count)
                                     .value;
        break;
      case Situation::foreign_owner: {
        impl::Cred<K>* const cred = impl::prepare_creds(cpu()).value;
        (void)impl::create_user_ns(cpu(), *cred);
        ns.pid_ns_for_children->owner = cred->user_ns;
        break;
      }
      case Situation::pid_too_deep:
        ns.pid_ns_for_children->level = impl::kMaxPidNsLevel;
        break;
      case Situation::chrooted:
        impl::set_fs_root(cpu(), *cpu().m.own(cpu().current->fs), impl::Root{});
        break;
      case Situation::uid_unmapped:
        enter_user_ns(abi::MapKind::gid);
        break;
      case Situation::gid_unmapped:
        enter_user_ns(abi::MapKind::uid);
        break;
      case Situation::user_too_deep:
        user->level = impl::kMaxUserNsParentLevel + 1;
        break;
      case Situation::time_pending:
        ns.time_ns_for_children =
            impl::copy_time_ns(cpu(), SymbolicMachine::word(abi::flag::NEWTIME), user,
                               ns.time_ns_for_children, impl::Keep::count)
                .value;
        break;
    }
  }

  // A user namespace in which only this id of its maker has a mapping.
  void enter_user_ns(abi::MapKind mapped) {
    impl::Cred<K>* const cred = impl::prepare_creds(cpu()).value;
    (void)impl::create_user_ns(cpu(), *cred);
    (void)impl::set_cred_ucounts(cpu(), *cred);
    const auto* const map = new impl::IdMap{{{.inside = 0, .outside = 0, .count = 1}}};
    cpu().m.init(cred->user_ns->maps[static_cast<std::size_t>(mapped)], map);  // transfers
    cpu().m.init(cpu().current->cred, cred);
  }

  // What copy_process() has when it comes to the namespaces, or to the credentials.
  impl::Task<K>* half_made_child(bool with_creds) {
    impl::Task<K>* const child = impl::dup_task(cpu()).value;
    if (with_creds) {
      (void)impl::copy_creds(cpu(), SymbolicMachine::word(abi::flag::THREAD), *child);
    }
    (void)impl::copy_fs(cpu(), Word(0), *child);
    return child;
  }

  void become_symbolic(const SymbolicFacts& f) {
    z3::context& c = proof_.context();
    World& world = state_.shared;
    cpu().begin_call(0);
    for (const abi::NsType t : abi::kAllNsTypes) {
      const std::string type(abi::name(t));
      world.configured.push_back(f.configured(t));
      auto& charged = cpu().cred()->ucounts->charges[abi::index(t)];
      charged.set(0);
      charged.unseen() = c.int_const(("charged_" + type).c_str());
      auto& limit = cpu().cred()->user_ns->limits[abi::index(t)];
      limit.set(0);
      limit.unseen() = c.int_const(("limit_" + type).c_str());
    }
    cpu().cred()->effective = proof_.word("capabilities");
    world.fault = proof_.word("fault");
    world.explorer = &proof_.explorer();
  }

  Proof& proof_;
  impl::State<SymbolicMachine, P> state_;
};

}  // namespace proofs
