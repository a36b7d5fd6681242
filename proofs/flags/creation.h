// The stage of clone and unshare that makes namespaces, and what setns asks before it installs a
// user namespace, as one variant of the implementation does them, on symbols.
//
// Behind it (creation_impl.h) is a kernel that has just started, brought into one of a few
// situations: those facts that are shapes of the heap. All others are symbols.
#pragma once

#include <memory>
#include <string_view>

#include "abi/errno.h"
#include "proofs/flags/checks.h"

namespace proofs {

// What makes the namespaces: its permission checks come first. With a user namespace, all that is
// made under it too, and the credentials' ucounts.
enum class Maker : std::uint8_t { unshare, clone, unshare_user, clone_user };
constexpr bool is_clone(Maker m) { return m == Maker::clone || m == Maker::clone_user; }
constexpr bool makes_user(Maker m) { return m >= Maker::unshare_user; }

enum class Situation : std::uint8_t {
  plain,
  pid_pending,    // the caller's children go to another pid namespace than its own
  foreign_owner,  // its pid namespace belongs to a user namespace below its own
  pid_too_deep,   // its pid namespace is at the last level
  time_pending,   // its children go to another time namespace than its own
  chrooted,       // its root is not the root of its mount namespace
  uid_unmapped,   // its effective uid has no mapping in its user namespace
  gid_unmapped,   // its effective gid has none
  user_too_deep,  // its user namespace is at the last level
};
std::string_view name(Situation s);

class Creation {
 public:
  virtual ~Creation() = default;
  // unshare_nsproxy_namespaces() or copy_namespaces(), once; with a user namespace,
  // make_unshared(), or copy_creds() and then copy_namespaces(). The symbols are: the types that
  // are built (f.configured); "capabilities", the caller's effective set; for each type T the
  // integers "charged_T" and "limit_T"; "fault", the number of the step that fails.
  virtual abi::Errno make(Maker maker, const Word& flags, const SymbolicFacts& f) = 0;
  // SETNS-80 to 83.
  virtual abi::Errno install_user(const SymbolicSetnsFacts& f) = 0;
};

// The heap of a kernel with active references (6.19 on) is another than that of one without: which
// of them it is, is known; everything else that depends on the version is a symbol, of any version
// in both: so the questions are the same ones, and answered once.
enum class Era : std::uint8_t { before_active_refs, with_active_refs };
std::string_view name(Era e);
abi::Profile of(Era e);

std::unique_ptr<Creation> make_creation(FlagVariant variant, Proof& proof,
                                        const SymbolicProfile& profile, Era era,
                                        Situation situation);

// By variant.
std::unique_ptr<Creation> baseline_creation(Proof&, const SymbolicProfile&, Era, Situation);
std::unique_ptr<Creation> optimized_creation(Proof&, const SymbolicProfile&, Era, Situation);
std::unique_ptr<Creation> seeded_creation(Proof&, const SymbolicProfile&, Era, Situation);

}  // namespace proofs
