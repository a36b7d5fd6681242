// Words and truth values that may be known or symbolic, and fork the path where they are branched
// on.
//
// What is known is computed at once: only what depends on a symbol reaches Z3. There is no way back
// from a symbol to a number; a symbolic Bool becomes a bool by Explorer::decide() alone.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "proofs/explorer.h"

namespace proofs {

class Bool {
 public:
  Bool() = default;
  Bool(bool known) : known_(known) {}  // NOLINT: as in the implementation, `return true`
  Bool(Explorer& explorer, Formula f) : explorer_(&explorer), symbol_(std::move(f)) {}

  explicit operator bool() const { return symbol_ ? explorer_->decide(*symbol_) : known_; }
  // Without forking.
  Formula formula(z3::context& c) const { return symbol_ ? *symbol_ : c.bool_val(known_); }

 private:
  bool known_ = false;
  Explorer* explorer_ = nullptr;
  std::optional<Formula> symbol_;
};

// A 64-bit word.
class Word {
 public:
  Word() = default;
  explicit Word(std::uint64_t known) : known_(known) {}
  Word(Explorer& explorer, Formula bits) : explorer_(&explorer), symbol_(std::move(bits)) {}

  Bool has_bits(std::uint64_t any_of) const {
    if (!symbol_) return (known_ & any_of) != 0;
    return {*explorer_, (*symbol_ & constant(any_of)) != constant(0)};
  }
  Word operator&(const Word& o) const {
    if (!symbol_ && !o.symbol_) return Word(known_ & o.known_);
    const Word& one = symbol_ ? *this : o;
    return {*one.explorer_, one.bits_of(*this) & one.bits_of(o)};
  }
  Word operator|(const Word& o) const {
    if (!symbol_ && !o.symbol_) return Word(known_ | o.known_);
    const Word& one = symbol_ ? *this : o;
    return {*one.explorer_, one.bits_of(*this) | one.bits_of(o)};
  }
  Word operator~() const { return symbol_ ? Word(*explorer_, ~*symbol_) : Word(~known_); }

  bool is_known() const { return !symbol_.has_value(); }
  std::uint64_t known() const { return known_; }
  Formula formula(z3::context& c) const {
    return symbol_ ? *symbol_ : c.bv_val(std::uint64_t{known_}, 64);
  }

 private:
  Formula constant(std::uint64_t n) const { return symbol_->ctx().bv_val(n, 64); }
  Formula bits_of(const Word& w) const { return w.symbol_ ? *w.symbol_ : constant(w.known_); }

  std::uint64_t known_ = 0;
  Explorer* explorer_ = nullptr;
  std::optional<Formula> symbol_;
};

}  // namespace proofs
