// The symbolic kernel of one policy: see subject.h. Included by subject_*.cc, which instantiate it,
// nowhere else.
#pragma once

#include <limits>

#include "impl/kernel.h"  // first: the kernel headers do not include what they use of it
#include "impl/kernel/dispatch.h"
#include "proofs/counts/subject.h"
#include "proofs/counts/walk.h"

namespace proofs {

template <class P>
class SymbolicKernel final : public Subject {
  using K = impl::Build<SymbolicMachine, P>;
  template <class T>
  using Ptr = typename K::template Pointer<T>;

 public:
  SymbolicKernel(const abi::Setup& setup, impl::Bug bug) : state_((arm(false), setup), bug) {}

  abi::Result set_up(const abi::Call& call) override { return impl::apply_call(cpu(), call); }

  std::vector<Formula> become_symbolic(Proof& proof, const Operation& op, const Symbols& symbols,
                                       const SymbolicProfile& kernel) override {
    op_ = op;
    cpu().begin_call(0);
    cpu().current = impl::claim_caller(cpu(), op.call);
    make_arguments();
    cpu().m.begin_call(0);  // those were no steps of the function
    arm(true);
    proof_ = &proof;
    hide(symbols);
    // The heap is that of a kernel with active references or without: this is known.
    const Bool active_refs = state_.rules.active_refs;
    const abi::TypeSet configured = state_.rules.configured;
    state_.rules = impl::Rules<Bool>(kernel);
    state_.rules.active_refs = active_refs;
    state_.rules.configured = configured;
    state_.shared.explorer = &proof.explorer();
    state_.shared.fault = Word(proof.explorer(), proof.number("fault"));
    return std::move(premise_);
  }

  Heap look() const override {
    Heap heap = Walk<K>::look(state_);
    const auto hold = [&](const auto* o) {
      if (o != nullptr) heap.caller.push_back({"", o->id, true, false});
    };
    hold(fs_);
    hold(nsproxy_);
    hold(cred_);
    if (fs_ != nullptr) heap.own = fs_->id;
    return heap;
  }

  Ran run(const Word& flags) override {
    Ran ran;
    try {
      ran.error = op_.function == Function::call ? run_call(flags) : run_function(flags);
    } catch (const Stuck&) {
      state_.shared.troubles.push_back("it waits for ever");
    }
    ran.steps = state_.shared.steps;
    ran.troubles = state_.shared.troubles;
    return ran;
  }

 private:
  // The heap is made without the bug, which would otherwise show there first.
  static void arm(bool on) {
    if constexpr (requires { P::Bugs::armed; }) P::Bugs::armed = on;
  }
  impl::Cpu<K>& cpu() { return state_.boot_cpu(); }
  impl::Task<K>& task() { return *cpu().current; }

  // -- arguments: known, and made by the kernel's own functions ----------------------------------
  void make_arguments() {
    switch (op_.function) {
      case Function::create_new_namespaces:
      case Function::unshare_nsproxy_namespaces:
        fs_ = impl::copy_fs_struct(cpu(), *cpu().m.own(task().fs)).value;
        break;
      case Function::switch_task_namespaces: {
        const abi::Flags flags = std::get<abi::Unshare>(op_.call.op).flags;
        nsproxy_ = impl::create_new_namespaces(cpu(), SymbolicMachine::word(flags), task(),
                                               cpu().cred()->user_ns, cpu().m.own(task().fs),
                                               impl::keep_for_switch(cpu()))
                       .value;
        break;
      }
      case Function::create_user_ns:
        cred_ = impl::prepare_creds(cpu()).value;
        break;
      case Function::copy_creds:
        child_ = impl::dup_task(cpu()).value;
        break;
      case Function::copy_namespaces:
        child_ = impl::dup_task(cpu()).value;
        (void)impl::copy_creds(cpu(), SymbolicMachine::word(abi::flag::THREAD), *child_);
        (void)impl::copy_fs(cpu(), Word{0}, *child_);
        break;
      default:
        break;
    }
    if (child_ != nullptr) child_->name = abi::TaskId{kChildName};
  }

  // -- symbols -----------------------------------------------------------------------------------
  Formula symbol(std::string_view what, const std::string& of, Elsewhere elsewhere) {
    const Formula n = proof_->context().int_const((std::string(what) + of).c_str());
    premise_.push_back(n >= (elsewhere == Elsewhere::some ? 1 : 0));
    premise_.push_back(n <= kMost);
    return n;
  }
  template <class T>
  static std::string label(const T& o) {
    return std::string(kind_name(T::kKind)) + "#" + std::to_string(impl::ObjIdParts::slot(o.id));
  }
  template <class T>
  Elsewhere elsewhere(const T& o, const Symbols& symbols) const {
    if constexpr (requires { T::kType; }) {
      if (impl::ns_uncounted(*state_.cpus.front(), o)) return Elsewhere::none;
    }
    if (&o == static_cast<const void*>(fs_) || &o == static_cast<const void*>(cred_)) {
      return Elsewhere::none;  // nobody else knows it
    }
    if (child_ != nullptr && &o == static_cast<const void*>(cpu_fs_of_child())) {
      return Elsewhere::none;
    }
    if (op_.function == Function::switch_task_namespaces &&
        &o == static_cast<const void*>(nsproxy_)) {
      return Elsewhere::none;
    }
    if (T::kKind == index(abi::ObjKind::nsproxy)) return symbols.nsproxies;
    switch (T::kKind) {
      case index(abi::ObjKind::file):
        return Elsewhere::none;  // its descriptor is its one holder
      case index(abi::ObjKind::user):
      case index(abi::ObjKind::cred):
      case index(abi::ObjKind::ucounts):
        return symbols.users;
      default:
        return T::kKind < abi::kNsTypes ? symbols.namespaces : symbols.others;
    }
  }
  const impl::Fs<K>* cpu_fs_of_child() const { return SymbolicMachine::own(child_->fs); }

  void hide(const Symbols& symbols) {
    const auto each = [&](const auto& slab) {
      slab.for_each([&](auto& o) { hide_holders(o, elsewhere(o, symbols)); });
    };
    std::apply([&](const auto&... slabs) { (each(slabs), ...); }, state_.slabs());
    state_.template slab<impl::Ucounts<K>>().for_each([&](auto& u) { hide_charges(u); });
    if (static_cast<bool>(state_.rules.active_refs)) {
      std::apply([&](const auto&... slabs) { (hide_uses(slabs), ...); }, state_.slabs());
    }
    if (symbols.capabilities) {
      cpu().cred()->effective = proof_->word("effective_capabilities");
    }
  }
  template <class T>
  void hide_holders(T& o, Elsewhere elsewhere) {
    if (T::kKind == kTaskNode || elsewhere == Elsewhere::none) return;
    o.refs.see(symbol("holders elsewhere of ", label(o), elsewhere));
  }
  void hide_charges(impl::Ucounts<K>& u) {
    for (const abi::NsType type : abi::kAllNsTypes) {
      const std::size_t t = abi::index(type);
      const std::string of = label(u) + "." + std::string(abi::name(type));
      u.charges[t].unseen() = symbol("charges elsewhere of ", of, Elsewhere::any);
      u.ns->limits[t].set(0);
      u.ns->limits[t].unseen() =
          symbol("limit of ", label(*u.ns) + "." + std::string(abi::name(type)), Elsewhere::any);
    }
  }
  // Who uses a namespace holds it, but for user namespaces: there it is the credentials that do.
  template <class T>
  void hide_uses(const impl::Slab<K, T>& slab) {
    if constexpr (requires { T::kType; }) {
      slab.for_each([&](T& ns) {
        const std::optional<Formula>& holders = ns.refs.number().unseen;
        if (ns.initial || !holders || ns.active.number().known == 0) return;
        const Formula uses = symbol("uses elsewhere of ", label(ns), Elsewhere::any);
        ns.active.see(uses);
        Formula somebody = T::kType == abi::NsType::user ? *holders > 0 : uses <= *holders;
        if (T::kType != abi::NsType::user) return premise_.push_back(somebody);
        state_.template slab<impl::Cred<K>>().for_each([&](const impl::Cred<K>& c) {
          const std::optional<Formula>& more = c.refs.number().unseen;
          if (static_cast<const void*>(c.user_ns) == &ns && more) {
            somebody = somebody || *more > 0;
          }
        });
        premise_.push_back(z3::implies(uses > 0, somebody));
      });
    }
  }

  // -- running -----------------------------------------------------------------------------------
  abi::Errno run_function(const Word& flags) {
    switch (op_.function) {
      case Function::create_new_namespaces:
        return keep(impl::create_new_namespaces(cpu(), flags, task(), cpu().cred()->user_ns, fs_,
                                                impl::keep_for_switch(cpu())));
      case Function::unshare_nsproxy_namespaces:
        return keep(impl::unshare_nsproxy_namespaces<K>(cpu(), flags, nullptr, fs_));
      case Function::copy_namespaces:
        return impl::copy_namespaces(cpu(), flags, *child_, cpu().m.own(child_->cred)->user_ns);
      case Function::switch_task_namespaces:
        impl::switch_task_namespaces(cpu(), task(), std::exchange(nsproxy_, nullptr));
        return abi::Errno::kOk;
      case Function::exit_task_namespaces:
        impl::exit_task_namespaces(cpu(), task());
        return abi::Errno::kOk;
      case Function::exec_task_namespaces:
        return impl::exec_task_namespaces(cpu());
      case Function::prepare_nsset: {
        impl::Nsset<K> set;
        const abi::Errno e = impl::prepare_nsset(cpu(), flags, set);
        if (e == abi::Errno::kOk) impl::put_nsset(cpu(), set);
        return e;
      }
      case Function::create_user_ns:
        return impl::create_user_ns(cpu(), *cred_);
      case Function::copy_creds:
        return impl::copy_creds(cpu(), flags, *child_);
      case Function::call:
        break;
    }
    return abi::Errno::kEINVAL;
  }
  abi::Errno keep(const impl::Fallible<impl::Nsproxy<K>>& made) {
    nsproxy_ = made.value;
    return made.error;
  }

  // As apply_call() does it, but that the flags are symbols.
  abi::Errno run_call(const Word& flags) {
    abi::Result result;
    if (std::holds_alternative<abi::Unshare>(op_.call.op)) {
      result = impl::sys_unshare(cpu(), flags);
    } else if (const auto* const setns = std::get_if<abi::Setns>(&op_.call.op)) {
      result = impl::sys_setns(cpu(), setns->file, flags);
    } else if (const auto* const clone = std::get_if<abi::Clone3>(&op_.call.op)) {
      impl::TaskName<K> child(cpu(), state_.tasks, clone->child.n);
      impl::FileName<K> pidfd(cpu(), state_.files, clone->pidfd.n);
      const impl::CloneArgs<K> args{.child = clone->child,
                                    .flags = flags,
                                    .exit_signal = static_cast<int>(clone->exit_signal),
                                    .set_tid = clone->set_tid};
      const bool wanted = static_cast<bool>(cpu().has(flags, abi::flag::PIDFD));
      result = impl::kernel_clone(cpu(), args, child, wanted ? &pidfd : nullptr);
    } else {
      result = std::visit(impl::Dispatcher<K>(cpu()), op_.call.op);
    }
    if (!cpu().current_ends && !cpu().m.unclaim(task().claim)) {
      cpu().current_ends = true;
      cpu().to_exit.push_back(cpu().current);
    }
    impl::run_exits(cpu());
    if (result.skipped) state_.shared.troubles.push_back("the call is skipped");
    return result.error;
  }

  static constexpr std::uint32_t kChildName = 90;
  static constexpr int kMost = 1 << 30;  // below saturation, whatever one call adds

  impl::State<SymbolicMachine, P> state_;
  Operation op_;
  Proof* proof_ = nullptr;
  std::vector<Formula> premise_;
  // What the function's caller has: one reference each, or null.
  impl::Fs<K>* fs_ = nullptr;
  impl::Nsproxy<K>* nsproxy_ = nullptr;
  impl::Cred<K>* cred_ = nullptr;
  impl::Task<K>* child_ = nullptr;
};

}  // namespace proofs
