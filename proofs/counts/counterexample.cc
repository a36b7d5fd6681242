// Counterexamples: see counterexample.h.
#include "proofs/counts/counterexample.h"

#include "abi/trace.h"
#include "proofs/counts/replay.h"

namespace proofs {
namespace {

constexpr std::uint16_t kMostSteps = 48;
constexpr int kNoLimit = 1 << 30;
constexpr std::string_view kLimitOf = "limit of ";

// The case says that there is one, so that it is nothing to tell.
bool is_given(const Proof& proof, const Formula& symbol) {
  for (const Formula& f : proof.premise()) {
    if (z3::eq(f, symbol >= 1)) return true;
  }
  return false;
}

std::uint64_t value(const z3::model& state, const Formula& f) {
  return state.eval(f, true).get_numeral_uint64();
}

Formula capabilities(Proof& proof) { return proof.number("effective_capabilities"); }

// Narrows a failing state by one wish after the other, as long as there still is one.
class Narrowing {
 public:
  Narrowing(Proof& proof, const Formula& failing) : proof_(proof), found_(failing) {}

  bool wish(const Formula& f) {
    const Formula narrower = found_ && f;
    const bool possible = proof_.explorer().possible(narrower) == Answer::yes;
    if (possible) found_ = narrower;
    return possible;
  }
  // All of them, else each half for itself.
  void wish_all(const std::vector<Formula>& wishes) {
    if (wishes.empty()) return;
    z3::expr_vector all(proof_.context());
    for (const Formula& f : wishes) all.push_back(f);
    if (wish(z3::mk_and(all)) || wishes.size() == 1) return;
    const auto middle = wishes.begin() + static_cast<std::ptrdiff_t>(wishes.size() / 2);
    wish_all({wishes.begin(), middle});
    wish_all({middle, wishes.end()});
  }
  z3::model state() {
    (void)proof_.explorer().possible(found_);
    return proof_.explorer().witness();
  }

 private:
  Proof& proof_;
  Formula found_;
};

z3::model simplest(Proof& proof, const Failure& failure) {
  z3::context& c = proof.context();
  Narrowing narrowing(proof, !failure.goal);
  // Misuse is best shown where it has done harm.
  z3::expr_vector books(c);
  for (const Claim& claim : failure.judge.claims()) {
    if (claim.law != Law::misuse) books.push_back(claim.holds);
  }
  narrowing.wish(!z3::mk_and(books));
  const Formula zero = c.bv_val(0, 64);
  for (const Formula& f : failure.kernel.wishes()) narrowing.wish(f);
  // Without any flag many a call ends before the function is reached.
  narrowing.wish(proof.number("flags") != zero);
  narrowing.wish(proof.number("fault") == zero);
  std::vector<Formula> bits, symbols, limits;
  for (int bit = 63; bit >= 0; --bit) {
    bits.push_back((proof.number("flags") & c.bv_val(std::uint64_t{1} << bit, 64)) == zero);
  }
  narrowing.wish_all(bits);
  const z3::model state = narrowing.state();
  for (unsigned i = 0; i < state.num_consts(); ++i) {
    const z3::func_decl symbol = state.get_const_decl(i);
    if (!symbol.range().is_int()) continue;
    // Limits as they are on a kernel that nobody has configured.
    const bool limit = symbol.name().str().rfind(kLimitOf, 0) == 0;
    if (limit) limits.push_back(symbol());
    symbols.push_back(symbol() == (limit ? kNoLimit : is_given(proof, symbol()) ? 1 : 0));
  }
  narrowing.wish_all(symbols);
  std::vector<Formula> used_up;
  const z3::model narrowed = narrowing.state();
  for (const Formula& limit : limits) {
    if (value(narrowed, limit) != kNoLimit) used_up.push_back(limit == 0);
  }
  narrowing.wish_all(used_up);
  if (!narrowing.wish(capabilities(proof) == c.bv_val(std::uint64_t{abi::kCapFull}, 64))) {
    narrowing.wish(capabilities(proof) == zero);
  }
  return narrowing.state();
}

// What else holds things in this state.
std::string elsewhere(const Proof& proof, const z3::model& state) {
  std::string all;
  for (unsigned i = 0; i < state.num_consts(); ++i) {
    const z3::func_decl symbol = state.get_const_decl(i);
    const std::string name = symbol.name().str();
    if (!symbol.range().is_int() || is_given(proof, symbol())) continue;
    const std::uint64_t n = value(state, symbol());
    if (n != 0 && n != kNoLimit) all += (all.empty() ? "" : ", ") + name + ": " + std::to_string(n);
  }
  return all.empty() ? "nobody" : all;
}

// Calls that make holders for the objects that have some elsewhere in this state.
std::vector<abi::Call> make_holders(const Proof& proof, const z3::model& state, const Heap& before,
                                    bool given_too) {
  std::vector<abi::Call> calls;
  std::uint32_t name = 70;
  const auto has_more = [&](const Node& n) {
    return n.refs.unseen && value(state, *n.refs.unseen) != 0 &&
           (given_too || !is_given(proof, *n.refs.unseen));
  };
  for (const Node& t : before.nodes) {
    if (t.kind != kTaskNode || t.at("struct pid") == abi::kNoObject) continue;
    const abi::TaskId task{static_cast<std::uint32_t>(t.field("name"))};
    const auto add = [&](abi::Op op) { calls.push_back({.caller = task, .op = std::move(op)}); };
    if (const Node* const ns = before.find(t.at("nsproxy"))) {
      // A fork shares it unless a time namespace is pending; then one on the same mm does.
      const bool pending = ns->at("time") != ns->at("time_for_children");
      const abi::Flags flags = pending ? abi::flag::VM : abi::Flags{};
      if (has_more(*ns)) add(abi::Clone3{.child = {name++}, .flags = flags});
      for (const Link& l : ns->links) {
        const Node* const held = before.find(l.to);
        if (held == nullptr || !has_more(*held)) continue;
        add(abi::OpenNs{.file = {name++}, .target = task, .link = *abi::ns_link_from(l.role)});
      }
    }
    const auto shared = [&](std::string_view role) {
      const Node* const n = before.find(t.at(role));
      return n != nullptr && has_more(*n);
    };
    if (shared("fs")) add(abi::Clone3{.child = {name++}, .flags = abi::flag::FS});
    if (shared("files")) add(abi::Clone3{.child = {name++}, .flags = abi::flag::FILES});
    if (shared("sighand")) {
      add(abi::Clone3{.child = {name++}, .flags = abi::flag::VM | abi::flag::SIGHAND});
    }
    const Node* const cred = before.find(t.at("credentials"));
    if (cred != nullptr && has_more(*cred)) {
      add(abi::OpenFile{.file = {name++}, .kind = abi::FileKind::regular});
    }
  }
  return calls;
}

// Limits that are used up in this state, set by a task of that user namespace; and last, the
// caller's capabilities.
std::vector<abi::Call> make_limits(Proof& proof, const z3::model& state, const Plan& plan,
                                   abi::TaskId caller, const Heap& before) {
  std::vector<abi::Call> calls;
  for (const Node& u : before.nodes) {
    if (u.kind != index(abi::ObjKind::ucounts)) continue;
    for (const Node& t : before.nodes) {
      if (t.kind != kTaskNode || t.at("user") != u.at("user")) continue;
      const abi::TaskId task{static_cast<std::uint32_t>(t.field("name"))};
      for (const abi::NsType type : abi::kAllNsTypes) {
        const std::optional<Formula>& limit = u.limits[abi::index(type)].unseen;
        if (!limit || value(state, *limit) == kNoLimit) continue;
        const auto most = static_cast<std::uint32_t>(value(state, *limit));
        calls.push_back({.caller = task, .op = abi::SetLimit{.type = type, .max = most}});
      }
      break;
    }
  }
  if (!plan.symbols.capabilities) return calls;
  const std::uint64_t caps = value(state, capabilities(proof)) & abi::kCapFull;
  if (caps != abi::kCapFull) {
    const abi::Capset cut{.effective = caps, .permitted = abi::kCapFull, .inheritable = 0};
    calls.push_back({.caller = caller, .op = cut});
  }
  return calls;
}

std::string step_in(const Ran& ran, std::uint64_t fault) {
  if (fault == 0 || fault > ran.steps.size()) return "none";
  return std::string(abi::name(ran.steps[fault - 1])) + " (step " + std::to_string(fault) + ")";
}

std::string trace_text(const abi::Setup& setup, const std::vector<abi::Call>& program,
                       const Shown& shown) {
  abi::Trace trace{.setup = setup, .lines = {}};
  for (const abi::Call& call : program) trace.lines.push_back({.call = call, .expected = {}});
  trace.lines.push_back(
      {.call = shown.call, .expected = abi::expectation_of(shown.call, shown.result)});
  return abi::print(trace);
}

}  // namespace

Counterexample counterexample(Proof& proof, const Failure& f) {
  const z3::model state = simplest(proof, f);
  abi::Setup setup = f.script.setup;
  setup.profile.version = f.kernel.in(state).version;
  const Claim& broken = broken_in(state, f.judge.claims());
  const abi::Flags flags{value(state, proof.number("flags"))};
  const std::uint64_t fault = value(state, proof.number("fault"));
  const std::string step = step_in(f.ran, fault);
  abi::Call call = f.script.call;
  if (f.plan.flags != abi::Flags{}) call = with_flags(call, flags);

  Counterexample found;
  const std::string what =
      f.plan.function == Function::call
          ? abi::print(call)
          : std::string(name(f.plan.function)) + "(" + to_string(flags, abi::FlagStyle::bits) + ")";
  found.title = what + (step == "none" ? "" : ", whose step `" + step + "` fails") + ", gives " +
                to_string(f.ran.error) + ": " + broken.says;
  found.facts = {{"function", std::string(name(f.plan.function))},
                 {"kernel", to_string(setup.profile)},
                 {"flags", to_string(flags, abi::FlagStyle::bits)},
                 {"failing step", step},
                 {"law", std::string(name(broken.law))},
                 {"holders elsewhere", elsewhere(proof, state)}};

  std::vector<abi::Call> last;
  // Of a function, its caller's own steps come before, and who is out of sight may add one: any
  // step of the call may be the one.
  if (f.plan.function == Function::call) call.fault = static_cast<std::uint16_t>(fault);
  last.push_back(call);
  for (std::uint16_t n = 1; n <= kMostSteps; ++n) {
    call.fault = n;
    last.push_back(call);
  }
  for (const bool given_too : {false, true}) {
    std::vector<abi::Call> program = f.script.program;
    for (abi::Call& more : make_holders(proof, state, f.judge.before(), given_too)) {
      program.push_back(std::move(more));
    }
    for (abi::Call& more :
         make_limits(proof, state, f.plan, f.script.call.caller, f.judge.before())) {
      program.push_back(std::move(more));
    }
    const auto shown = replay(f.variant, proof.bug(), f.plan, setup, program, last,
                              {broken.law, broken.kind, f.ran.steps});
    if (!shown) {
      if (given_too) {
        found.facts.push_back({"not shown by", trace_text(setup, program, {call, {}, {}})});
      }
      continue;
    }
    found.facts.push_back({"replayed", shown->says});
    found.trace = trace_text(setup, program, *shown);
    break;
  }
  return found;
}

}  // namespace proofs
