// A kernel's version and sysctl as a symbol, so that a theorem holds for every version: patch
// levels and what was taken back into stable series included. Or a known one, for what must be told
// apart.
//
// Both sides ask it as they ask an abi::Profile: the implementation where it starts (Rules of
// impl/kernel/state.h), the rules for their `since` and `until`.
#pragma once

#include <initializer_list>
#include <vector>

#include "abi/profile.h"
#include "model/table.h"
#include "proofs/proof.h"

namespace proofs {

class SymbolicProfile {
 public:
  explicit SymbolicProfile(Proof& proof)
      : userns_off(proof.choice("userns_off")),
        explorer_(&proof.explorer()),
        version_(proof.number("version", kBits)) {}
  SymbolicProfile(Proof& proof, const abi::Profile& known)
      : configured(known.configured),
        userns_off(known.userns_off),
        explorer_(&proof.explorer()),
        version_(value(known.version)) {}

  // What Rules asks. Of configured types there are other symbols (symbolic_facts.h).
  abi::TypeSet configured = abi::TypeSet::all();
  Bool userns_off;
  Bool at_least(std::uint16_t major, std::uint16_t minor) const {
    return {*explorer_, from({major, minor, 0})};
  }
  friend Bool behaves(const SymbolicProfile& p, std::initializer_list<abi::Since> since,
                      const abi::Since& until = abi::kNever) {
    Formula any = p.explorer_->context().bool_val(false);
    for (const abi::Since& s : since) any = any || p.has_reached(s);
    return {*p.explorer_, (any && !p.has_reached(until)).simplify()};
  }

  // Does a kernel of this version make a check with these versions?
  Formula contains(const model::Versions& v) const {
    return (has_reached(v.since) && !has_reached(v.until)).simplify();
  }
  Formula from(abi::Version v) const { return z3::uge(version_, value(v)).simplify(); }
  Formula is_off() const { return userns_off.formula(explorer_->context()); }

  // The versions that there are: abi/profile.h's.
  Formula exists() const {
    return from({5, 8, 0}) && !from({7, 10, 0}) && (!from({5, 20, 0}) || from({6, 0, 0})) &&
           (!from({6, 20, 0}) || from({7, 0, 0}));
  }
  // What reads best: the default one, one that everybody knows, the newest of its series.
  std::vector<Formula> wishes() const {
    Formula known = explorer_->context().bool_val(false);
    for (const abi::Profile& p : abi::standard_profiles()) {
      known = known || version_ == value(p.version);
    }
    const Formula patch = version_.extract(15, 0);
    return {!is_off(), version_ == value(abi::Profile{}.version), known,
            patch == explorer_->context().bv_val(unsigned{abi::Version::kNewest}, 16)};
  }
  abi::Profile in(const z3::model& state) const {
    const std::uint64_t n = state.eval(version_, true).get_numeral_uint64();
    abi::Profile p;
    p.version = {static_cast<std::uint16_t>(n >> 24), static_cast<std::uint16_t>(n >> 16 & 0xff),
                 static_cast<std::uint16_t>(n & 0xffff)};
    p.configured = configured;
    p.userns_off = state.eval(is_off(), true).is_true();
    return p;
  }

 private:
  static constexpr unsigned kBits = 32;  // 8 of major, 8 of minor, 16 of patch

  Formula value(abi::Version v) const {
    return explorer_->context().bv_val(unsigned{v.major} << 24 | unsigned{v.minor} << 16 | v.patch,
                                       kBits);
  }
  // As abi::Since::reached().
  Formula has_reached(const abi::Since& since) const {
    const bool never = since.mainline == abi::kNever.mainline;
    const Formula mainline = never ? explorer_->context().bool_val(false) : from(since.mainline);
    const abi::Version& b = since.backport;
    if (b.major == 0) return mainline;
    const abi::Version after{b.major, static_cast<std::uint16_t>(b.minor + 1), 0};
    return (mainline || (from(b) && !from(after))).simplify();
  }

  Explorer* explorer_;
  Formula version_;
};

}  // namespace proofs
