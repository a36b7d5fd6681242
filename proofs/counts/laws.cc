// The laws: see laws.h.
#include "proofs/counts/laws.h"

#include <algorithm>

namespace proofs {

std::string_view name(Law law) {
  constexpr std::array<std::string_view, 10> names = {"misuse", "balance",   "lifetime",  "use",
                                                      "charge", "rollback",  "published", "change",
                                                      "time",   "capability"};
  return names[static_cast<std::size_t>(law)];
}

Judge::Judge(z3::context& context, const Heap& before, const Heap& after)
    : context_(context), before_(before), after_(after), held_before_(before), held_after_(after) {}

Formula Judge::all() const {
  if (claims_.empty()) return context_.bool_val(true);  // Z3's `and` of nothing is not SMT-LIB
  z3::expr_vector every(context_);
  for (const Claim& c : claims_) every.push_back(c.holds);
  return z3::mk_and(every);
}

Formula Judge::unseen(const Number& n) const { return n.unseen ? *n.unseen : context_.int_val(0); }

Formula Judge::is_positive(const Number& n) const {
  if (n.known > 0) return context_.bool_val(true);
  if (!n.unseen) return context_.bool_val(false);
  return *n.unseen != 0;
}

void Judge::misuse(const Ran& ran) {
  for (const std::string& what : ran.troubles)
    claim(Law::misuse, kTaskNode, false, [&] { return what; });
}

bool Judge::changed() const {
  return !std::equal(before_.nodes.begin(), before_.nodes.end(), after_.nodes.begin(),
                     after_.nodes.end(), [](const Node& was, const Node& now) {
                       return was.id == now.id && was.refs.known == now.refs.known &&
                              was.fields == now.fields;
                     });
}

// -- counts --------------------------------------------------------------------------------------

void Judge::balance(const Node& now, const Node* was) {
  const std::int64_t holders = held_after_.at(now.id).holders;
  const auto told = [&](std::string_view wrong) {
    return who(now.id) + ": " + std::string(wrong) + " (count " + std::to_string(now.refs.known) +
           ", holders in sight " + std::to_string(holders) + ": " +
           holders_of(after_, before_, now.id) + ")";
  };
  const auto change = [&] {
    if (was == nullptr) return now.refs.known == holders;
    if (now.initial && !after_.initial_counted) return now.refs.known == was->refs.known;
    return now.refs.known - was->refs.known == holders - held_before_.at(now.id).holders;
  };
  claim(Law::balance, now.kind, change(),
        [&] { return told("its count is not the number of its holders"); });
  if (now.initial) return;
  claim(Law::lifetime, now.kind, is_positive({holders, now.refs.unseen}),
        [&] { return told("nobody holds it, and it is not freed"); });
}

void Judge::gone(const Node& was) {
  if (was.kind == kTaskNode) return;  // nobody holds tasks
  const std::int64_t holders = held_after_.at(was.id).holders;
  const Formula free =
      holders == 0 && !was.initial ? unseen(was.refs) == 0 : context_.bool_val(false);
  claim(Law::lifetime, was.kind, free, [&] {
    return who(was.id) + ": it is freed while it is held (holders in sight " +
           std::to_string(holders) + ": " + holders_of(after_, before_, was.id) + ")";
  });
}

// A kernel that reuses memory gives what it frees another name at once.
void Judge::dangles(const Node& now, const Link& link) {
  if (!link.holds || after_.find(link.to) != nullptr || before_.find(link.to) != nullptr) return;
  claim(Law::lifetime, link.kind, false, [&] {
    return who(now.id) + ": its " + std::string(link.role) +
           " has been freed, and it still holds it";
  });
}

// -- uses ----------------------------------------------------------------------------------------

// In use now minus in use then, as the users say it, is what the counter says.
void Judge::use(const Node& now, const Node* was) {
  if (!after_.counts_uses || now.kind >= abi::kNsTypes) return;
  const Tally::Entry& a = held_after_.at(now.id);
  const Tally::Entry& b = held_before_.at(now.id);
  const auto told = [&](std::string_view wrong) {
    return who(now.id) + ": " + std::string(wrong) + " (active count " +
           std::to_string(now.active.known) + ", users in sight " + std::to_string(a.users) + ")";
  };
  if (now.initial) {
    claim(Law::use, now.kind, was != nullptr && now.active.known == was->active.known,
          [&] { return told("an initial namespace's uses are counted"); });
    return;
  }
  const std::int64_t counted = now.active.known - (was != nullptr ? was->active.known : 0);
  const std::int64_t certain = a.users - (was != nullptr ? b.users : 0);
  Formula users = context_.int_val(certain);
  const auto add = [&](const std::vector<Formula>& perhaps, std::int64_t each) {
    for (const Formula& f : perhaps) {
      users = users + z3::ite(f, context_.int_val(each), context_.int_val(0));
    }
  };
  add(a.perhaps_users, 1);
  if (was != nullptr) add(b.perhaps_users, -1);
  const auto wrong = [&] { return told("its active count is not the number of its users"); };
  if (a.perhaps_users.empty() && b.perhaps_users.empty()) {
    claim(Law::use, now.kind, counted == certain, wrong);
  } else {
    claim(Law::use, now.kind, context_.int_val(counted) == users, wrong);
  }
  if (now.refs.known > 0) return;
  claim(Law::use, now.kind, z3::implies(is_positive(now.active), is_positive(now.refs)),
        [&] { return told("it is in use and nobody holds it"); });
}

// -- charges -------------------------------------------------------------------------------------

void Judge::charge(const Node& now, const Node* was) {
  if (now.kind != index(abi::ObjKind::ucounts)) return;
  for (const abi::NsType type : abi::kAllNsTypes) {
    const std::size_t t = abi::index(type);
    const std::int64_t before = was != nullptr ? was->charges[t].known : 0;
    const std::int64_t charged = now.charges[t].known - before;
    const std::int64_t made = held_after_.at(now.id).charges[t] -
                              (was != nullptr ? held_before_.at(now.id).charges[t] : 0);
    const auto told = [&](std::string_view wrong) {
      return who(now.id) + ": " + std::string(wrong) + " (" + std::string(abi::name(type)) +
             ": charged " + std::to_string(charged) + " more, namespaces " + std::to_string(made) +
             " more)";
    };
    claim(Law::charge, now.kind, charged == made,
          [&] { return told("its charges are not its namespaces"); });
    if (charged > 0) {
      claim(Law::charge, now.kind,
            now.charges[t].formula(context_) <= now.limits[t].formula(context_),
            [&] { return told("it is charged above the limit"); });
    }
  }
}

void Judge::books() {
  for (const Node& now : after_.nodes) {
    for (const Link& l : now.links) dangles(now, l);
    if (now.kind == kTaskNode) continue;
    const Node* const was = before_.find(now.id);
    balance(now, was);
    use(now, was);
    charge(now, was);
  }
  for (const Node& was : before_.nodes) {
    if (after_.find(was.id) == nullptr) gone(was);
  }
}

// -- everything ----------------------------------------------------------------------------------

// The fs of a child that nobody can see yet: its maker may write to it (NSP-09).
bool Judge::is_private(const Node& was) const {
  if (was.id == before_.own) return true;
  if (was.kind != index(abi::ObjKind::fs)) return false;
  return std::none_of(before_.nodes.begin(), before_.nodes.end(), [&](const Node& n) {
    return n.kind == kTaskNode && n.at("fs") == was.id &&
           n.field("state") != static_cast<std::uint64_t>(abi::TaskState::none);
  });
}

void Judge::same(const Node& was, const Node& now, const Traces& left) {
  const auto differs = [&](const std::string& what) {
    claim(Law::rollback, was.kind, false, [&] { return who(was.id) + ": " + what; });
  };
  const auto number = [&](std::string_view what, const Number& a, const Number& b) {
    if (a.known == b.known) return;
    differs(std::string(what) + " " + std::to_string(a.known) + " before, " +
            std::to_string(b.known) + " after");
  };
  number("count", was.refs, now.refs);
  number("active count", was.active, now.active);
  for (const abi::NsType type : abi::kAllNsTypes) {
    const std::size_t t = abi::index(type);
    number("charges for " + std::string(abi::name(type)), was.charges[t], now.charges[t]);
  }
  if (was.links != now.links) {
    for (const Link& l : was.links) {
      const abi::ObjId to = now.at(l.role);
      if (to == l.to) continue;
      differs(std::string(l.role) + " was " + who(l.to) + ", is " +
              (to == abi::kNoObject ? "none" : who(to)));
    }
    if (was.links.size() != now.links.size()) differs("it has more or fewer pointers");
  }
  for (std::size_t i = 0; i < was.fields.size() && !is_private(was); ++i) {
    const std::string_view field = was.fields[i].name;
    const bool drawn = field == "last number" && left.numbers > 0;
    if (drawn && now.fields[i].value > was.fields[i].value) continue;
    const bool dies = field == "adding" && left.gave_number && now.field("processes") == 0;
    if (was.fields[i] == now.fields[i] && !(dies && was.fields[i].value != 0)) continue;
    if (dies && now.fields[i].value == 0) continue;
    if (field == "frozen" && now.fields[i].value != 0) continue;
    differs(std::string(field) + " was " + std::to_string(was.fields[i].value) + ", is " +
            std::to_string(now.fields[i].value));
  }
  const Formula before = was.effective.formula(context_), after = now.effective.formula(context_);
  if (!z3::eq(before, after)) {
    claim(Law::rollback, was.kind, before == after,
          [&] { return who(was.id) + ": effective capabilities differ"; });
  }
}

// TASK-07: the innermost namespace may be new, or begin anew; each other has moved on.
void Judge::used_up(const Traces& left) {
  std::int64_t moved_on = 0;
  for (const Node& was : before_.nodes) {
    const Node* const now = after_.find(was.id);
    if (now != nullptr && now->field("last number") > was.field("last number")) ++moved_on;
  }
  claim(Law::rollback, index(abi::ObjKind::pid_ns), moved_on + 1 >= left.numbers, [&] {
    return "of " + std::to_string(left.numbers) + " numbers that were drawn, only " +
           std::to_string(moved_on) + " are used up";
  });
}

void Judge::unchanged(const Ran& ran) {
  // The steps of clone that come after the number.
  const abi::Step last = ran.steps.empty() ? abi::Step::dup_task : ran.steps.back();
  Traces left;
  left.gave_number =
      last == abi::Step::pidfd || last == abi::Step::cgroup_fork || last == abi::Step::fatal_signal;
  left.numbers = std::count(ran.steps.begin(), ran.steps.end(), abi::Step::pid_number);
  if (last == abi::Step::pid_number) --left.numbers;
  used_up(left);
  for (const Node& was : before_.nodes) {
    if (const Node* const now = after_.find(was.id)) {
      same(was, *now, left);
    } else {
      claim(Law::rollback, was.kind, false, [&] { return who(was.id) + ": it is gone"; });
    }
  }
  for (const Node& now : after_.nodes) {
    if (before_.find(now.id) == nullptr) {
      claim(Law::rollback, now.kind, false, [&] { return who(now.id) + ": it is left behind"; });
    }
  }
}

bool Judge::lives(abi::TaskId caller) const {
  const Node* const task = after_.task(caller);
  return task != nullptr && task->field("exiting") == 0;
}

void Judge::published() {
  for (const Node& was : before_.nodes) {
    if (was.kind != index(abi::ObjKind::nsproxy)) continue;
    const Node* const now = after_.find(was.id);
    if (now == nullptr) continue;
    for (std::size_t i = 0; i < was.links.size() && i < now->links.size(); ++i) {
      if (was.links[i].to == now->links[i].to) continue;
      claim(Law::published, was.kind, false, [&] {
        return who(was.id) + ": its " + std::string(was.links[i].role) +
               " slot is written while tasks can see it";
      });
    }
  }
}

const Claim& broken_in(const z3::model& state, const std::vector<Claim>& claims) {
  const auto broken = std::find_if(claims.begin(), claims.end(), [&](const Claim& c) {
    return !state.eval(c.holds, true).is_true();
  });
  return broken != claims.end() ? *broken : claims.back();
}

}  // namespace proofs
