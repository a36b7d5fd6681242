// The theorems about making and installing namespaces: see creation.h and prove_creation.h.
//
// The rules are a part of the call's own table, by the ids of its first rule and of the first that
// comes after it. Steps are counted on both sides: the n-th fails, whichever it is.
#include "proofs/flags/creation.h"

#include <algorithm>

#include "proofs/flags/prove_creation.h"
#include "proofs/flags/told.h"

namespace proofs {

std::string_view name(Situation s) {
  switch (s) {
    case Situation::plain:
      return "nothing special";
    case Situation::pid_pending:
      return "the caller's children go to another pid namespace than its own";
    case Situation::foreign_owner:
      return "the caller's pid namespace belongs to a user namespace below its own";
    case Situation::pid_too_deep:
      return "the caller's pid namespace is at the last level";
    case Situation::time_pending:
      return "the caller's children go to another time namespace than its own";
    case Situation::chrooted:
      return "the caller's root is not the root of its mount namespace";
    case Situation::uid_unmapped:
      return "the caller's effective uid has no mapping in its user namespace";
    case Situation::gid_unmapped:
      return "the caller's effective gid has no mapping in its user namespace";
    case Situation::user_too_deep:
      return "the caller's user namespace is at the last level";
  }
  return "";
}

std::string_view name(Era e) {
  return e == Era::with_active_refs ? "active references" : "no active references";
}

abi::Profile of(Era e) {
  abi::Profile p;
  if (e == Era::with_active_refs) p.version = {6, 19};
  return p;
}

std::unique_ptr<Creation> make_creation(FlagVariant variant, Proof& proof,
                                        const SymbolicProfile& profile, Era era,
                                        Situation situation) {
  if (variant == FlagVariant::seeded) return seeded_creation(proof, profile, era, situation);
  if (variant == FlagVariant::optimized) return optimized_creation(proof, profile, era, situation);
  return baseline_creation(proof, profile, era, situation);
}

namespace {

using model::spec::Table;

// The checks of a table from one to another that is not in it any more; none: to the last.
std::vector<CheckTerm> part(const std::vector<CheckTerm>& all, std::string_view first,
                            std::string_view end) {
  const auto at = [&](std::string_view id) {
    return std::find_if(all.begin(), all.end(),
                        [id](const CheckTerm& t) { return t.info->id == id; });
  };
  return {at(first), at(end)};
}

// No stage has more steps; sums of so few bits are cheap.
constexpr unsigned kStepBits = 8;

// What a maker is about, of the call's table.
std::vector<CheckTerm> stage_of(Maker maker, const std::vector<CheckTerm>& all) {
  switch (maker) {
    case Maker::unshare:
      return part(all, "UNSHARE-41", "STEP-cred_ucounts");
    case Maker::clone:
      return part(all, "CLONE-31", "CLONE-50");
    case Maker::unshare_user:
      return part(all, "STEP-copy_fs", "");
    case Maker::clone_user:
      break;
  }
  // Between the two, everything else is copied.
  std::vector<CheckTerm> both = part(all, "STEP-prepare_creds", "STEP-nproc");
  for (const CheckTerm& t : part(all, "CLONE-31", "CLONE-50")) both.push_back(t);
  return both;
}

// As answer_of(), but that the `fault`-th step that is reached fails.
Formula answer_with_fault(z3::context& c, const std::vector<CheckTerm>& terms,
                          const Formula& fault) {
  std::vector<Formula> decides;
  Formula reached = c.bv_val(0, kStepBits);
  for (const CheckTerm& t : terms) {
    if (!t.info->is_step) {
      decides.push_back(t.fires);
      continue;
    }
    const Formula next = reached + c.bv_val(1, kStepBits);
    decides.push_back(t.fires && fault == z3::zext(next, 64 - kStepBits));
    reached = z3::ite(t.fires, next, reached);
  }
  Formula answer = errno_value(c, abi::Errno::kOk);
  for (std::size_t i = terms.size(); i-- > 0;) {
    answer = z3::ite(decides[i], errno_value(c, terms[i].info->error), answer);
  }
  return answer;
}

// What the symbols of a kernel mean for the facts of the rules.
Formula tie(Proof& proof, const SymbolicFacts& f, Situation s) {
  z3::context& c = proof.context();
  const auto is = [&](const Formula& fact, bool value) { return value ? fact : !fact; };
  Formula all = is(f.pid_pending(), s == Situation::pid_pending) &&
                is(f.pid_owner_covers(), s != Situation::foreign_owner) &&
                is(f.pid_level_full(), s == Situation::pid_too_deep) &&
                is(f.user_level_full(), s == Situation::user_too_deep) &&
                is(f.chrooted(), s == Situation::chrooted) &&
                is(f.euid_mapped(), s != Situation::uid_unmapped) &&
                is(f.egid_mapped(), s != Situation::gid_unmapped) && !f.fs_shared() &&
                is(f.time_pending(), s == Situation::time_pending);
  for (const NsType t : abi::kAllNsTypes) {
    const std::string type(abi::name(t));
    const Formula charged = c.int_const(("charged_" + type).c_str());
    const Formula limit = c.int_const(("limit_" + type).c_str());
    all = all && charged >= 0 && limit >= 0 && f.quota_full(t) == !(charged < limit);
  }
  const Formula admin = has_any(proof.number("capabilities"), abi::cap_bit(abi::cap::SYS_ADMIN));
  return all && f.admin_over_own() == admin;
}

struct CreationCase {
  Maker maker;
  FlagVariant variant;
  Era era;
  Situation situation;
};

// -- a counterexample as a program ---------------------------------------------------------------

class Program {
 public:
  Program(const CreationCase& what, const abi::Profile& profile, abi::Flags flags,
          const std::set<std::string, std::less<>>& facts, std::uint64_t fault)
      : what_(what), flags_(flags), facts_(facts), fault_(fault) {
    trace_.setup.profile = profile;
  }

  abi::Trace trace() {
    for (const NsType t : abi::kAllNsTypes) {
      if (t != NsType::mnt && !facts_.contains("built_" + std::string(abi::name(t)))) {
        trace_.setup.profile.configured = trace_.setup.profile.configured.without(t);
      }
    }
    bring_about();
    for (const NsType t : abi::kAllNsTypes) {
      if (!facts_.contains("quota_full_" + std::string(abi::name(t)))) continue;
      add(abi::kInitialTask, abi::SetLimit{t, 0});
    }
    if (!facts_.contains("admin_over_own")) {
      const abi::CapSet less = abi::kCapFull & ~abi::cap_bit(abi::cap::SYS_ADMIN);
      add(caller_, abi::Capset{.effective = less, .permitted = abi::kCapFull, .inheritable = 0});
    }
    if (!is_clone(what_.maker)) {
      add(caller_, abi::Unshare{flags_});
      if (what_.maker == Maker::unshare && flags_.has(flag::NEWNS)) ++before_;  // copy_fs
    } else {
      add(caller_, abi::Clone3{.child = {90}, .flags = flags_});
      // dup_task, prepare_creds, max_threads, files, fs, sighand, signal; undo_list; mm
      before_ = 7u + (flags_.has(flag::SYSVSEM) ? 1u : 0u) + (flags_.has(flag::VM) ? 0u : 1u);
      if (makes_user(what_.maker)) before_ = fault_ <= steps_of_credentials() ? 1 : before_ - 1;
    }
    if (fault_ != 0 && fault_ < 64) {
      trace_.lines.back().call.fault = static_cast<std::uint16_t>(fault_ + before_);
    }
    return trace_;
  }

 private:
  // prepare_creds; charge, alloc, inum, init of the user namespace; cred_ucounts.
  std::uint64_t steps_of_credentials() const {
    return trace_.setup.profile.at_least(5, 14) ? 6 : 5;
  }
  void add(abi::TaskId caller, abi::Op op) {
    trace_.lines.push_back({.call = {.caller = caller, .fault = 0, .op = std::move(op)}});
  }
  void child(abi::Flags flags) {
    const abi::TaskId next{++last_};
    add(caller_, abi::Clone{.child = next, .flags = flags | abi::Flags(abi::kSIGCHLD)});
    caller_ = next;
  }
  void bring_about() {
    switch (what_.situation) {
      case Situation::plain:
        break;
      case Situation::pid_pending:
        add(caller_, abi::Unshare{flag::NEWPID});
        break;
      case Situation::foreign_owner:
        child(flag::NEWUSER | flag::NEWPID);
        add(abi::kInitialTask, abi::OpenNs{.target = caller_, .link = abi::NsLink::pid});
        caller_ = abi::kInitialTask;
        add(caller_, abi::Setns{.flags = flag::NEWPID});
        child({});
        break;
      case Situation::pid_too_deep:
        for (int level = 0; level < 32; ++level) child(flag::NEWPID);
        break;
      case Situation::time_pending:
        add(caller_, abi::Unshare{flag::NEWTIME});
        break;
      case Situation::chrooted:
        add(caller_, abi::Chroot{});
        break;
      case Situation::uid_unmapped:
      case Situation::gid_unmapped: {
        child(flag::NEWUSER);
        const bool uid = what_.situation == Situation::gid_unmapped;
        add(abi::kInitialTask, abi::WriteIdMap{.target = caller_,
                                               .kind = uid ? abi::MapKind::uid : abi::MapKind::gid,
                                               .extents = {{0, 0, 1}}});
        break;
      }
      case Situation::user_too_deep:
        for (int level = 0; level < 33; ++level) {
          const abi::TaskId parent = caller_;
          child(flag::NEWUSER);
          for (const abi::MapKind kind : {abi::MapKind::uid, abi::MapKind::gid}) {
            add(parent, abi::WriteIdMap{.target = caller_, .kind = kind, .extents = {{0, 0, 1}}});
          }
        }
        break;
    }
  }

  const CreationCase& what_;
  abi::Flags flags_;
  const std::set<std::string, std::less<>>& facts_;
  std::uint64_t fault_;
  std::size_t before_ = 0;
  abi::Trace trace_;
  abi::TaskId caller_ = abi::kInitialTask;
  std::uint32_t last_ = 0;
};

Native native_of(FlagVariant v) {
  if (v == FlagVariant::seeded) return Native::seeded;
  return v == FlagVariant::optimized ? Native::optimized : Native::baseline;
}

void show(Counterexample& found, const abi::Trace& trace, FlagVariant variant, impl::Bug bug) {
  if (const auto difference = first_difference(trace, native_of(variant), bug)) {
    found.facts.push_back({"run", difference->says});
    found.trace = difference->trace;
  }
}

Counterexample told(Proof& proof, const CreationCase& what, const SymbolicProfile& kernel,
                    abi::Errno is, abi::Errno should, const z3::model& state) {
  const abi::Profile profile = kernel.in(state);
  const abi::Flags flags = flags_in(state, proof.number("flags"));
  const std::uint64_t fault = state.eval(proof.number("fault"), true).get_numeral_uint64();
  const auto facts = facts_in(state);
  Counterexample found;
  found.title = std::string(is_clone(what.maker) ? "clone3(" : "unshare(") +
                to_string(flags, abi::FlagStyle::bits) + ")" +
                (fault != 0 && fault < 64 ? ", step " + std::to_string(fault) + " failing," : "") +
                " on " + to_string(profile) + ": the implementation says " + to_string(is) +
                ", the rules " + to_string(should);
  found.facts.push_back({"in a state where", std::string(name(what.situation))});
  std::string full;
  for (const std::string& f : facts) {
    if (f.starts_with("quota_full_")) full += (full.empty() ? "" : ", ") + f.substr(11);
  }
  if (!full.empty()) found.facts.push_back({"limits that are used up", full});
  if (!facts.contains("admin_over_own")) {
    found.facts.push_back({"the caller", "has no CAP_SYS_ADMIN over its user namespace"});
  }
  show(found, Program(what, profile, flags, facts, fault).trace(), what.variant, proof.bug());
  return found;
}

// Plain first: everything is built, nothing is full, no step fails, few flags.
std::vector<Formula> plainest(Proof& proof, const SymbolicProfile& profile,
                              const SymbolicFacts& facts) {
  std::vector<Formula> wishes = profile.wishes();
  wishes.push_back(facts.admin_over_own());
  wishes.push_back(proof.number("fault") == proof.context().bv_val(0, 64));
  for (const NsType t : abi::kAllNsTypes) {
    wishes.push_back(facts.configured(t));
    wishes.push_back(!facts.quota_full(t));
  }
  for (const Formula& f : simplest(proof, proof.number("flags"), {})) wishes.push_back(f);
  return wishes;
}

void creation_case(Proof& proof, const CreationCase& what) {
  z3::context& c = proof.context();
  proof.begin_case(std::string(name(what.variant)) + ", " + std::string(name(what.era)) + ", " +
                   std::string(name(what.situation)));
  const SymbolicProfile profile(proof);
  const Formula flags = proof.number("flags"), fault = proof.number("fault");
  const SymbolicCloneFacts facts(proof, profile, flags);
  const std::vector<CheckTerm> all =
      is_clone(what.maker)
          ? terms_of<Table::clone>(facts, profile)
          : terms_of<Table::unshare>(SymbolicUnshareFacts(proof, profile, flags), profile);
  const std::vector<CheckTerm> terms = stage_of(what.maker, all);
  // A symbol for the rules' answer, so that an obligation has the formula once, not for each path.
  const Formula model_says = proof.number("answer", kErrnoBits);
  proof.assume(model_says == answer_with_fault(c, terms, fault));
  // With NEWUSER, the stage begins earlier. There, what entry checks refuse is left out, and what
  // has nothing to do with namespaces.
  const Flags others = flag::THREAD | flag::SIGHAND | flag::FILES | flag::FS |
                       (is_clone(what.maker) ? Flags{} : Flags{flag::VM});
  proof.assume(makes_user(what.maker) ? facts.has(flag::NEWUSER) && !facts.has(others)
                                      : !facts.has(flag::NEWUSER));
  proof.assume(tie(proof, facts, what.situation));
  proof.assume(profile.exists());
  // Where a stage fails is the same in every situation; it is looked at in the plain one.
  if (what.situation != Situation::plain) proof.assume(fault == c.bv_val(0, 64));
  proof.prefer(plainest(proof, profile, facts));
  proof.for_all_paths([&] {
    const auto kernel = make_creation(what.variant, proof, profile, what.era, what.situation);
    const abi::Errno e = kernel->make(what.maker, Word(proof.explorer(), flags), facts);
    proof.require(model_says == errno_value(c, e), [&, e](const z3::model& state) {
      const auto should = state.eval(model_says, true).get_numeral_uint64();
      return told(proof, what, profile, e, static_cast<abi::Errno>(should), state);
    });
  });
}

void prove_creation(Proof& proof, Maker maker) {
  using enum Situation;
  // The one with the most paths last: most mutants are found before.
  constexpr Situation kOfNamespaces[] = {pid_pending, foreign_owner, pid_too_deep, time_pending,
                                         plain};
  constexpr Situation kOfUsers[] = {chrooted, uid_unmapped, gid_unmapped, user_too_deep, plain};
  for (const FlagVariant v : flag_variants(proof)) {
    if (v == FlagVariant::one_pass) continue;  // it asks nothing here
    // Active references decide nothing here; each kind of heap is met by one of those that ship.
    const Era era = v == FlagVariant::optimized ? Era::with_active_refs : Era::before_active_refs;
    for (const Situation s : makes_user(maker) ? kOfUsers : kOfNamespaces) {
      creation_case(proof, {maker, v, era, s});
    }
  }
}

// -- setns into a user namespace -----------------------------------------------------------------

abi::Trace install_program(const abi::Profile& profile,
                           const std::set<std::string, std::less<>>& facts) {
  abi::Trace trace{.setup = {.profile = profile}, .lines = {}};
  const auto add = [&](abi::Op op) { trace.lines.push_back({.call = {.op = std::move(op)}}); };
  const abi::Flags signal(abi::kSIGCHLD);
  const bool same = facts.contains("same_user");
  if (!same) add(abi::Clone{.child = {1}, .flags = flag::NEWUSER | signal});
  add(abi::OpenNs{.target = {same ? 0u : 1u}, .link = abi::NsLink::user});
  if (facts.contains("group_shared")) {
    add(abi::Clone{.child = {2}, .flags = flag::VM | flag::SIGHAND | flag::THREAD});
  }
  if (facts.contains("fs_shared")) add(abi::Clone{.child = {3}, .flags = flag::FS | signal});
  // Another user than the owner, without capabilities.
  if (!facts.contains("admin_over_user")) add(abi::Setresuid{1000, 1000, 1000});
  add(abi::Setns{.flags = flag::NEWUSER});
  return trace;
}

}  // namespace

void prove_unshare_creation(Proof& proof) { prove_creation(proof, Maker::unshare); }
void prove_clone_creation(Proof& proof) { prove_creation(proof, Maker::clone); }
void prove_unshare_user(Proof& proof) { prove_creation(proof, Maker::unshare_user); }
void prove_clone_user(Proof& proof) { prove_creation(proof, Maker::clone_user); }

void prove_user_install(Proof& proof) {
  z3::context& c = proof.context();
  for (const FlagVariant v : flag_variants(proof)) {
    if (v == FlagVariant::one_pass) continue;
    proof.begin_case(std::string(name(v)));
    const SymbolicProfile profile(proof);
    const SymbolicSetnsFacts facts(proof, profile, proof.number("flags"));
    const auto terms = part(terms_of<Table::setns>(facts, profile), "SETNS-80", "SETNS-41-owner");
    const Formula model_says = answer_of(c, terms);
    proof.assume(profile.exists() && facts.installs(NsType::user));
    std::vector<Formula> wishes = profile.wishes();
    for (const Formula& f :
         {!facts.same_user(), !facts.group_shared(), !facts.fs_shared(), facts.admin_over_user()}) {
      wishes.push_back(f);
    }
    proof.prefer(wishes);
    const auto kernel = make_creation(v, proof, profile, Era::before_active_refs, Situation::plain);
    proof.for_all_paths([&] {
      const abi::Errno e = kernel->install_user(facts);
      proof.require(model_says == errno_value(c, e), [&, e](const z3::model& state) {
        const auto should = state.eval(model_says, true).get_numeral_uint64();
        const abi::Profile p = profile.in(state);
        Counterexample found;
        found.title = "setns to a user namespace on " + to_string(p) +
                      ": the implementation says " + to_string(e) + ", the rules " +
                      to_string(static_cast<abi::Errno>(should));
        show(found, install_program(p, facts_in(state)), v, proof.bug());
        return found;
      });
    });
  }
}

}  // namespace proofs
