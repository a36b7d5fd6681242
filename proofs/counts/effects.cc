// The laws of change: see effects.h.
#include "proofs/counts/effects.h"

#include "abi/cap.h"

namespace proofs {
namespace {

namespace flag = abi::flag;
using abi::NsLink;

// Of a credential's fields.
constexpr std::size_t kRealUid = 0, kEuid = 1;

// The slots whose namespace a flag replaces; `time` only ever follows time_for_children.
constexpr std::array kMadeSlots = {NsLink::mnt,
                                   NsLink::uts,
                                   NsLink::ipc,
                                   NsLink::pid_for_children,
                                   NsLink::cgroup,
                                   NsLink::net,
                                   NsLink::time_for_children};

class Effect {
 public:
  Effect(Judge& judge, const Situation& s)
      : judge_(judge), s_(s), before_(judge.before()), after_(judge.after()) {
    const abi::TaskId me = s.op.call.caller;
    if (const Node* const task = before_.task(me)) {
      old_ = before_.find(task->at("nsproxy"));
      cred_ = before_.find(task->at("credentials"));
    }
    if (const Node* const task = after_.task(me)) {
      now_ = after_.find(task->at("nsproxy"));
      now_cred_ = after_.find(task->at("credentials"));
    }
  }

  // The task's nsproxy before, and its nsproxy and credentials now; null if it has none.
  const Node* old() const { return old_; }
  const Node* now() const { return now_; }
  const Node* now_cred() const { return now_cred_; }
  const Node* cred() const { return cred_; }

  Formula asks(abi::Flags f) const {
    z3::context& c = judge_.context();
    return (s_.flags & c.bv_val(std::uint64_t{f.bits()}, 64)) != c.bv_val(0, 64);
  }
  Formula never() const { return judge_.context().bool_val(false); }
  const Formula& time_moves() const { return s_.time_moves; }
  bool is_new(abi::ObjId id) const { return before_.find(id) == nullptr; }
  void require(Law law, const Formula& holds, const Node& about, std::string_view what) {
    judge_.claim(law, about.kind, holds,
                 [&] { return describe(after_, before_, about.id) + ": " + std::string(what); });
  }
  void require(Law law, bool holds, const Node& about, std::string_view what) {
    require(law, judge_.context().bool_val(holds), about, what);
  }

  // Each slot of `now` has a new namespace exactly if its flag is there (NSP-01, NSP-08).
  void slots_made(const Node& now) {
    for (const NsLink slot : kMadeSlots) {
      const abi::NsType type = type_of(slot);
      const abi::ObjId was = old_->at(abi::name(slot)), is = now.at(abi::name(slot));
      const Formula asked = s_.setup.profile.configured.has(type)
                                ? asks(abi::flag_of(type))
                                : judge_.context().bool_val(false);
      require(Law::change, is == was ? !asked : asked && is_new(is), now,
              std::string(abi::name(slot)) + (is == was ? " is not changed though its flag asks"
                                                        : " is changed though no flag asks"));
      if (is != was) owned_by_whom(is);
    }
  }
  // What is made belongs to the user namespace that the call made, or else to the caller's, and
  // the caller had CAP_SYS_ADMIN there.
  void owned_by_whom(abi::ObjId made) {
    const Node* const ns = after_.find(made);
    if (ns == nullptr) return;
    capable(ns->at("owner"), *ns, "is made without CAP_SYS_ADMIN over its owner");
    charged_to_euid(*ns);
  }
  // UCNT-01: it is charged to the caller's effective uid, where its owner is.
  void charged_to_euid(const Node& ns) {
    const Node* const ucounts = after_.find(ns.at("charged"));
    if (ucounts == nullptr) return;
    require(Law::charge,
            ucounts->field("uid") == cred_->fields[kEuid].value &&
                ucounts->at("user") == ns.at("owner"),
            ns, "it is not charged to the caller's effective uid in its owner");
  }
  void capable(abi::ObjId over, const Node& about, std::string_view what) {
    require(Law::capability, is_capable(over), about, what);
  }
  void owner_is(const Node& now, abi::ObjId user) {
    for (const NsLink slot : kMadeSlots) {
      const Node* const ns = after_.find(now.at(abi::name(slot)));
      if (ns == nullptr || !is_new(ns->id)) continue;
      require(Law::change, ns->at("owner") == user, *ns, "its owner is another user namespace");
    }
  }

  // CAP-01, of the caller's credentials before the call.
  Formula is_capable(abi::ObjId over) const {
    z3::context& c = judge_.context();
    const Node* const mine = before_.find(cred_->at("user"));
    for (const Node* ns = after_or_before(over); ns != nullptr;
         ns = after_or_before(ns->at("owner"))) {
      if (ns->id == mine->id) {
        const Formula caps = cred_->effective.formula(c);
        const Formula bit = c.bv_val(std::uint64_t{abi::cap_bit(abi::cap::SYS_ADMIN)}, 64);
        return (caps & bit) != c.bv_val(0, 64);
      }
      if (ns->field("level") <= mine->field("level")) break;
      if (ns->at("owner") == mine->id && ns->field("owner uid") == cred_->fields[kEuid].value) {
        return c.bool_val(true);
      }
    }
    return c.bool_val(false);
  }

 private:
  const Node* after_or_before(abi::ObjId id) const {
    const Node* const now = after_.find(id);
    return now != nullptr ? now : before_.find(id);
  }

  Judge& judge_;
  const Situation& s_;
  const Heap& before_;
  const Heap& after_;
  const Node* old_ = nullptr;
  const Node* cred_ = nullptr;
  const Node* now_ = nullptr;
  const Node* now_cred_ = nullptr;
};

bool failed(const Ran& ran) { return ran.error != abi::Errno::kOk || !ran.troubles.empty(); }

}  // namespace

void made_as_flags_say(Judge& judge, const Ran& ran, const Situation& s) {
  if (failed(ran)) return;
  // Shown again as a whole call, it is unshare, and the task has it.
  if (s.op.function == Function::call) return task_as_flags_say(judge, ran, s);
  Effect effect(judge, s);
  for (const Link& l : judge.after().caller) {
    const Node* const made = judge.after().find(l.to);
    if (made == nullptr || made->kind != index(abi::ObjKind::nsproxy)) continue;
    effect.slots_made(*made);
    effect.owner_is(*made, effect.cred()->at("user"));
    effect.require(Law::time, made->at("time") == effect.old()->at("time"), *made,
                   "it is in another time namespace");
  }
  no_task_moves(judge, ran, s);
}

void no_task_moves(Judge& judge, const Ran& ran, const Situation& s) {
  if (failed(ran)) return;
  Effect effect(judge, s);
  for (const Node& was : judge.before().nodes) {
    if (was.kind != kTaskNode) continue;
    const Node* const now = judge.after().find(was.id);
    if (now == nullptr) continue;
    for (const std::string_view role : {"nsproxy", "credentials", "struct pid"}) {
      const abi::ObjId to = now->at(role);
      if (to == abi::kNoObject || was.at(role) == abi::kNoObject) continue;  // it ends, or begins
      effect.require(Law::change, to == was.at(role), was,
                     std::string(role) + " is changed though nothing asks");
    }
  }
}

namespace {

// CLONE-41 and, before 6.2, the rule that it replaced: which time namespace a child is in.
void child_time(Effect& effect, const Node& ns) {
  const Formula keeps = effect.time_moves() && effect.asks(flag::VM);
  const bool stays = ns.at("time") == effect.old()->at("time");
  const bool moves = ns.at("time") == ns.at("time_for_children");
  if (stays && moves) return;
  effect.require(Law::time,
                 stays   ? keeps
                 : moves ? !keeps
                         : effect.never(),
                 ns,
                 stays ? "the child stays in the old time namespace"
                       : "the child moves to the pending time namespace");
}

}  // namespace

void child_as_flags_say(Judge& judge, const Ran& ran, const Situation& s) {
  if (failed(ran)) return;
  Effect effect(judge, s);
  const auto* const clone = std::get_if<abi::Clone3>(&s.op.call.op);
  const Node* const child = clone != nullptr ? judge.after().task(clone->child) : nullptr;
  if (child == nullptr) return;
  const Node* const ns = judge.after().find(child->at("nsproxy"));
  const Node* const cred = judge.after().find(child->at("credentials"));
  if (ns == nullptr || cred == nullptr) return;
  effect.slots_made(*ns);
  effect.owner_is(*ns, cred->at("user"));
  child_time(effect, *ns);
  if (s.op.function == Function::call) {
    const bool moved = cred->at("user") != effect.cred()->at("user");
    const Formula asked = effect.asks(flag::NEWUSER);
    effect.require(Law::change, moved ? asked && effect.is_new(cred->at("user")) : !asked, *cred,
                   moved ? "it is in another user namespace" : "it is in the old user namespace");
  }
  no_task_moves(judge, ran, s);
}

void task_as_flags_say(Judge& judge, const Ran& ran, const Situation& s) {
  if (failed(ran)) return;
  Effect effect(judge, s);
  const Node* const ns = effect.now();
  effect.slots_made(*ns);
  effect.owner_is(*ns, effect.now_cred()->at("user"));
  effect.require(Law::time, ns->at("time") == effect.old()->at("time"), *ns,
                 "unshare moves the task to another time namespace");
  const abi::ObjId user = effect.now_cred()->at("user");
  const bool moved = user != effect.cred()->at("user");
  const Formula asked = effect.asks(flag::NEWUSER);
  effect.require(Law::change, moved ? asked && effect.is_new(user) : !asked, *effect.now_cred(),
                 moved ? "it is in another user namespace" : "it is in the old user namespace");
}

void joined_as_flags_say(Judge& judge, const Ran& ran, const Situation& s) {
  if (failed(ran)) return;
  Effect effect(judge, s);
  const Node* const ns = effect.now();
  const abi::ObjId user = effect.now_cred()->at("user");
  for (std::size_t i = 0; i < abi::kNsproxySlots; ++i) {
    const auto slot = static_cast<NsLink>(i);
    const abi::ObjId is = ns->at(abi::name(slot));
    if (is == effect.old()->at(abi::name(slot))) continue;
    const Node* const joined = judge.after().find(is);
    effect.require(Law::change, !effect.is_new(is), *joined, "setns makes a namespace");
    effect.capable(joined->at("owner"), *joined, "is joined without CAP_SYS_ADMIN over its owner");
    effect.capable(user, *joined, "is joined without CAP_SYS_ADMIN over the own user namespace");
  }
  if (user == effect.cred()->at("user")) return;
  const Node* const joined = judge.after().find(user);
  effect.capable(user, *joined, "is joined without CAP_SYS_ADMIN over it");
}

void time_as_exec_says(Judge& judge, const Ran& ran, const Situation& s) {
  if (failed(ran)) return;
  Effect effect(judge, s);
  const Node *const was = effect.old(), *const now = effect.now();
  // The function itself does not ask: it is called where the version says so.
  const Formula moves = s.op.function == Function::call ? effect.time_moves() : !effect.never();
  const bool moved = now->at("time") == was->at("time_for_children");
  const bool stayed = now->at("time") == was->at("time");
  effect.require(Law::time,
                 moved == stayed ? (moved ? !effect.never() : effect.never())
                 : moved         ? moves
                                 : !moves,
                 *now, "execve leaves the task in the wrong time namespace");
  for (const NsLink slot : kMadeSlots) {
    effect.require(Law::change, now->at(abi::name(slot)) == was->at(abi::name(slot)), *now,
                   std::string(abi::name(slot)) + " is changed by execve");
  }
}

void counts_for_real_uid(Judge& judge, const Ran& ran, const Situation& s) {
  if (failed(ran)) return;
  Effect effect(judge, s);
  const Node* const cred = effect.now_cred();
  const Node* const ucounts = judge.after().find(cred->at("ucounts"));
  if (ucounts == nullptr) return;
  effect.require(Law::charge,
                 ucounts->field("uid") == cred->fields[kRealUid].value &&
                     ucounts->at("user") == cred->at("user"),
                 *cred, "they do not count for the real uid");
}

void nothing_changes(Judge& judge, const Ran& ran, const Situation&) {
  if (ran.error == abi::Errno::kOk) judge.unchanged(ran);
}

}  // namespace proofs
