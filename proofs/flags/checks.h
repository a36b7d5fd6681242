// The entry checks of each call, as one variant of the implementation makes them, on symbols.
//
// The kernel functions are templates over machine and policy, and slow to compile; theorems are
// not, and go through this door. What is behind it (checks_impl.h) is impl/'s own code.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "abi/errno.h"
#include "proofs/proof.h"
#include "proofs/symbolic_facts.h"

namespace proofs {

// What ships, the one optimization that flag checks ask about (kOnePassFlags) alone, and the
// faithful port with bugs compiled in.
enum class FlagVariant : std::uint8_t { baseline, one_pass, optimized, seeded };
std::string_view name(FlagVariant v);
// What a theorem goes through: all that ship, or, for a mutant, that alone.
std::span<const FlagVariant> flag_variants(const Proof& proof);

// What setns is called on.
enum class SetnsFile : std::uint8_t { ns, pidfd, other };

// The two sides cut the facts about struct clone_args differently: what the model calls "set_tid is
// null though set_tid_size is not 0" is two facts of the implementation. These are the primitive
// ones; the model's are tied to them by the premise.
struct Clone3Primitives {
  explicit Clone3Primitives(Proof& proof);
  Formula null, empty, bad, cgroup_large, size_below_v2;

  Formula tie(const SymbolicCloneFacts& f) const;
};

class EntryChecks {
 public:
  virtual ~EntryChecks() = default;
  // CLONE-10 to 19, of flags without the exit signal.
  virtual abi::Errno clone(const SymbolicCloneFacts& f) = 0;
  // CLONE3-01 to 11.
  virtual abi::Errno clone3_arguments(const SymbolicCloneFacts& f, const Clone3Primitives& p) = 0;
  // UNSHARE-01, then 02 to 05: the flags with what they imply, and the verdict.
  struct Unshare {
    Word flags;
    abi::Errno error = abi::Errno::kOk;
  };
  virtual Unshare unshare(const Word& asked, const SymbolicUnshareFacts& f) = 0;
  // SETNS-02 to 05, on a namespace file of that type or on another file. The kernel is configured
  // as the facts say.
  virtual abi::Errno setns(const SymbolicSetnsFacts& f, SetnsFile file, abi::NsType type) = 0;
};

std::unique_ptr<EntryChecks> make_checks(FlagVariant variant, Proof& proof,
                                         const SymbolicProfile& profile);

}  // namespace proofs
