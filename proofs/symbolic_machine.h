// The machine on which the implementation is proved: words are Z3 bit-vectors, a count is what is
// in sight plus a symbol for every holder that is not, a step fails by a symbolic fault.
//
// It fits the templates of impl/ as impl/machine/native.h does; nothing of them is transcribed. One
// processor, so that locks and read sections do nothing: interleavings are checked elsewhere
// (props/). What a count may not do is noted in World::troubles and fails the theorem on that path.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "abi/call.h"
#include "abi/step.h"
#include "impl/kernel.h"
#include "proofs/symbolic_value.h"

namespace proofs {

// What the processors of one symbolic kernel share. Without an explorer everything is known: that
// is how a kernel starts and how its set-up program runs.
struct World {
  Explorer* explorer = nullptr;
  Word fault{};
  std::vector<std::string> troubles{};
  std::vector<abi::Step> steps{};     // reached with an explorer, in order
  std::vector<Formula> configured{};  // by NsType; empty: as the kernel's profile says
};

// A number of holders, users or charges: `known`, plus `unseen` where there is one, which is an
// integer: the premise of every theorem says that it is not negative, or near saturation.
struct Number {
  std::int64_t known = 0;
  std::optional<Formula> unseen{};

  Bool equals(Explorer* explorer, std::int64_t n) const {
    if (!unseen) return known == n;
    if (known > n) return false;  // unseen is at least 0
    return {*explorer, *unseen == unseen->ctx().int_val(std::int64_t{n - known})};
  }
  Formula formula(z3::context& c) const {
    const Formula number = c.int_val(std::int64_t{known});
    return unseen ? number + *unseen : number;
  }
};

// Thrown where a function would wait for ever.
struct Stuck {};

class SymbolicMachine {
 public:
  using Word = proofs::Word;
  using Bool = proofs::Bool;
  using Shared = World;

  class Count {
   public:
    const Number& number() const { return n_; }
    void see(Formula unseen) { n_.unseen = std::move(unseen); }

   private:
    friend class SymbolicMachine;
    Number n_;
    bool freed_ = false;
  };
  template <class T>
  class Pointer {
    friend class SymbolicMachine;
    T* p_ = nullptr;
  };
  // A truth value may be symbolic: it is decided where it is read.
  template <class T>
  class Cell {
   public:
    T get() const {
      if constexpr (std::same_as<T, bool>) {
        return static_cast<bool>(v_);
      } else {
        return v_;
      }
    }
    void set(T v) { v_ = v; }
    void set_symbol(Bool b) requires std::same_as<T, bool> { v_ = std::move(b); }
    // For quotas: what is charged or allowed beyond what is in sight.
    std::optional<Formula>& unseen() requires std::same_as<T, std::uint32_t> { return unseen_; }
    Number number() const requires std::same_as<T, std::uint32_t> { return {v_, unseen_}; }

   private:
    friend class SymbolicMachine;
    std::conditional_t<std::same_as<T, bool>, Bool, T> v_{};
    std::optional<Formula> unseen_;
  };
  class Lock {};
  class Claim {
    friend class SymbolicMachine;
    bool busy_ = false, killed_ = false;
  };

  // The second argument asks for plain counts on one processor, which all are here.
  SymbolicMachine(Shared& world, bool) : world_(world) {}

  // -- words -------------------------------------------------------------------------------------
  static Word word(abi::Flags f) { return Word(f.bits()); }
  // For views, which are only taken of words that are known.
  static std::uint64_t plain(const Word& w) { return w.known(); }
  static Bool has(const Word& w, abi::Flags any_of) { return w.has_bits(any_of.bits()); }
  static Bool has_bits(const Word& w, std::uint64_t any_of) { return w.has_bits(any_of); }

  // -- steps -------------------------------------------------------------------------------------
  void begin_call(std::uint16_t fault) {
    fault_ = fault;
    steps_ = 0;
  }
  std::uint16_t steps() const { return steps_; }
  Bool fails(abi::Step step) {
    ++steps_;
    if (world_.explorer != nullptr) world_.steps.push_back(step);
    if (world_.explorer == nullptr || world_.fault.is_known()) return steps_ == fault_;
    z3::context& c = world_.explorer->context();
    return {*world_.explorer, world_.fault.formula(c) == c.bv_val(unsigned{steps_}, 64)};
  }

  // -- memory ------------------------------------------------------------------------------------
  template <class T>
  void allocated(T& o) {
    o.refs = {};
  }
  template <class T>
  void freed(T& o) {
    if (o.refs.freed_) trouble("freed twice", o);
    // Tasks are not counted.
    constexpr bool counted = !requires { o.real_parent; };
    if (counted && !o.refs.n_.equals(world_.explorer, 0)) trouble("freed while it is held", o);
    o.refs.freed_ = true;
  }

  // -- counts ------------------------------------------------------------------------------------
  template <class T>
  void init_count(T& o, std::uint32_t n) {
    o.refs.n_ = {n, std::nullopt};
  }
  template <class T>
  void get(T& o) {
    alive(o);
    if (o.refs.n_.known < 1 && o.refs.n_.equals(world_.explorer, 0)) trouble("raised from 0", o);
    ++o.refs.n_.known;
  }
  template <class T>
  Bool try_get(T& o) {
    alive(o);
    if (o.refs.n_.equals(world_.explorer, 0)) return false;
    ++o.refs.n_.known;
    return true;
  }
  // What goes wrong ends there, as with refcount_t: the object is kept.
  template <class T>
  Bool put(T& o) {
    alive(o);
    if (o.refs.n_.known < 1) {
      trouble("dropped below what is held", o);
      return false;
    }
    --o.refs.n_.known;
    const Bool last = o.refs.n_.equals(world_.explorer, 0);
    if constexpr (requires { o.initial; }) {
      if (o.initial && last) {
        trouble("would be freed though it is an initial namespace", o);
        return false;
      }
    }
    return last;
  }
  template <class T>
  Bool put_sole(T& o) {
    alive(o);
    if (o.refs.n_.equals(world_.explorer, 1)) {
      o.refs.n_.known -= 1;
      return true;
    }
    return put(o);
  }
  template <class T>
  Bool put_unless_last(T& o) {
    alive(o);
    if (o.refs.n_.equals(world_.explorer, 1)) return false;
    return !static_cast<bool>(put(o));
  }
  template <class T>
  Bool retire(T& o) {
    alive(o);
    if (!o.refs.n_.equals(world_.explorer, 1)) return false;
    --o.refs.n_.known;
    return true;
  }
  template <class T>
  Bool shared(const T& o) {
    alive(o);
    return !static_cast<bool>(o.refs.n_.equals(world_.explorer, 1));
  }
  // Only asked where a view depends on it; an unseen holder makes it large enough.
  static std::uint32_t value(const Count& c) {
    return static_cast<std::uint32_t>(c.n_.known) + (c.n_.unseen ? 1u << 16 : 0u);
  }

  // -- active counts -----------------------------------------------------------------------------
  void init_active(Count& c) { c.n_ = {}; }
  Bool active_get(Count& c) {
    const Bool first = c.n_.equals(world_.explorer, 0);
    ++c.n_.known;
    return first;
  }
  template <class T>
  Bool active_put(T& o) {
    alive(o);
    if (o.active.n_.known < 1) {
      trouble("used less than never", o);
      return false;
    }
    --o.active.n_.known;
    return o.active.n_.equals(world_.explorer, 0);
  }

  // -- quotas ------------------------------------------------------------------------------------
  Bool charge(Cell<std::uint32_t>& n, const Cell<std::uint32_t>& limit) {
    if (!below(n.number(), limit.number())) return false;
    ++n.v_;
    return true;
  }
  void uncharge(Cell<std::uint32_t>& n) {
    if (n.v_ == 0) {
      world_.troubles.push_back("a charge is given back that nobody took");
    } else {
      --n.v_;
    }
  }

  // -- pointers ----------------------------------------------------------------------------------
  template <class T>
  static T* load(const Pointer<T>& p) {
    return p.p_;
  }
  template <class T>
  static T* own(const Pointer<T>& p) {
    return p.p_;
  }
  template <class T>
  static void init(Pointer<T>& p, T* to) {
    p.p_ = to;
  }
  template <class T>
  static void publish(Pointer<T>& p, T* to) {
    p.p_ = to;
  }
  template <class T>
  static bool replace(Pointer<T>& p, T*& now, T* to) {
    if (p.p_ != now) {
      now = p.p_;
      return false;
    }
    p.p_ = to;
    return true;
  }

  // -- one processor -----------------------------------------------------------------------------
  void lock(Lock&) {}
  void unlock(Lock&) {}
  Bool try_claim(Claim& c) {
    if (c.busy_) return false;
    return c.busy_ = true;
  }
  Bool unclaim(Claim& c) {
    if (c.killed_) return false;
    c.busy_ = false;
    return true;
  }
  Bool kill(Claim& c) {
    const bool idle = !c.busy_ && !c.killed_;
    c.busy_ = c.killed_ = true;
    return idle;
  }
  Bool killed(const Claim& c) const { return c.killed_; }
  void init_claim(Claim& c) { c = {}; }
  void read_lock() {}
  void read_unlock() {}
  // Readers may hold what is unpublished: memory is not reused within a call.
  Bool alone() const { return world_.explorer == nullptr; }
  void synchronize() {}
  // Waiting for another processor; there is none.
  static void pause() { throw Stuck{}; }

  const std::vector<impl::CountReport>& reports() const { return reports_; }

 private:
  Bool below(const Number& n, const Number& limit) {
    if (!n.unseen && !limit.unseen) return n.known < limit.known;
    z3::context& c = world_.explorer->context();
    return {*world_.explorer, n.formula(c) < limit.formula(c)};
  }
  template <class T>
  void alive(const T& o) {
    if (o.refs.freed_) trouble("touched after it was freed", o);
  }
  template <class T>
  void trouble(std::string_view what, const T& o) {
    world_.troubles.push_back(std::string(object_name(kind_of(o))) + " " + std::string(what));
  }
  template <class T>
  static std::size_t kind_of(const T& o) {
    if constexpr (requires { T::kKind; }) {
      return T::kKind;
    } else {
      return abi::index(o.type);
    }
  }
  static std::string_view object_name(std::size_t kind) {
    return kind < abi::kObjKinds ? abi::name(static_cast<abi::ObjKind>(kind)) : "task";
  }

  World& world_;
  std::uint16_t steps_ = 0, fault_ = 0;
  std::vector<impl::CountReport> reports_;
};

}  // namespace proofs

// A configuration that is symbolic. Found by the kernel functions before impl's own, because it is
// the more special one; it must therefore be declared wherever they meet this machine: here.
namespace impl {
template <class K>
bool configured(const Cpu<K>& cpu, abi::NsType type);
}  // namespace impl

namespace proofs {

template <class P>
bool configured(const impl::Cpu<impl::Build<SymbolicMachine, P>>& cpu, abi::NsType type) {
  const World& world = cpu.kernel.shared;
  if (world.configured.empty()) return impl::configured<impl::Build<SymbolicMachine, P>>(cpu, type);
  return static_cast<bool>(Bool(*world.explorer, world.configured[abi::index(type)]));
}

}  // namespace proofs
