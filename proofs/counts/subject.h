// A symbolic kernel, whatever its optimizations: set up by a known program, then looked at and run
// with symbols.
//
// The kernel functions are templates over machine and policy, and slow to compile; theorems are
// not, and go through this door. What is behind it is impl/'s own code (subject_impl.h).
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "abi/system.h"
#include "impl/bugs.h"
#include "proofs/counts/heap.h"
#include "proofs/symbolic_profile.h"

namespace proofs {

// What is run. A function gets what its callers give it: a private fs, a child that has
// credentials, a nsproxy of its own.
enum class Function : std::uint8_t {
  call,  // the whole system call, of any kind
  create_new_namespaces,
  unshare_nsproxy_namespaces,
  copy_namespaces,
  switch_task_namespaces,  // to a nsproxy that was made with the known flags of the call
  exit_task_namespaces,
  exec_task_namespaces,
  prepare_nsset,  // and put_nsset, as for a setns that is refused
  create_user_ns,
  copy_creds,
};
std::string_view name(Function f);

// `call` names the task and what the function needs; its flags are symbolic where it has any.
struct Operation {
  Function function = Function::call;
  abi::Call call{};
};

// How many holders an object has that are not in sight.
enum class Elsewhere : std::uint8_t {
  any,   // any number, none included
  some,  // at least one: it cannot be the last reference that goes
  none,
};

// Which symbols a heap gets, by kind of object.
struct Symbols {
  Elsewhere nsproxies = Elsewhere::any;
  Elsewhere namespaces = Elsewhere::any;  // but for user
  Elsewhere users = Elsewhere::any;       // user namespaces, credentials, ucounts
  Elsewhere others = Elsewhere::any;
  bool capabilities = false;  // the caller's effective set
};

class Subject {
 public:
  virtual ~Subject() = default;
  virtual abi::Result set_up(const abi::Call& call) = 0;
  // The function's arguments are made; from here on, what is not in sight is symbolic. Gives the
  // premise: what is known of the symbols.
  virtual std::vector<Formula> become_symbolic(Proof& proof, const Operation& op,
                                               const Symbols& symbols,
                                               const SymbolicProfile& kernel) = 0;
  virtual Heap look() const = 0;
  virtual Ran run(const Word& flags) = 0;
};

// The implementation with some of its optimizations, or the faithful port with bugs compiled in.
enum class Variant : std::uint8_t { baseline, take_over, optimized, seeded };
std::string_view name(Variant v);
// What a theorem goes through: what ships, or, for a mutant, that alone.
std::span<const Variant> variants_of(const Proof& proof);

std::unique_ptr<Subject> make_subject(Variant variant, const abi::Setup& setup, impl::Bug bug);

}  // namespace proofs
