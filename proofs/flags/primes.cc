// Prime implicants: see primes.h.
#include "proofs/flags/primes.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>

namespace proofs {
namespace {

class Finder {
 public:
  Finder(z3::context& context, const Formula& premise, const Formula& in,
         const std::vector<Formula>& atoms)
      : context_(context),
        inside_(context, z3::solver::simple()),
        outside_(context, z3::solver::simple()),
        atoms_(atoms) {
    inside_.add(premise && in);
    outside_.add(premise && !in);
    // A name for each atom, so that literals can be assumed.
    for (std::size_t i = 0; i < atoms.size(); ++i) {
      names_.push_back(context.bool_const(("atom " + std::to_string(i)).c_str()));
      outside_.add(names_[i] == atoms[i]);
    }
  }

  std::vector<Cube> all() {
    while (inside_.check() == z3::sat) add(shrunk(state(inside_.get_model())));
    for (std::size_t i = 0; i < found_.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const auto both = resolved(found_[i], found_[j]);
        if (both && !is_covered(*both) && is_inside(*both)) add(shrunk(*both));
      }
    }
    return found_;
  }

 private:
  void add(Cube cube) {
    inside_.add(!formula_of(context_, cube, atoms_));
    found_.push_back(std::move(cube));
  }

  Cube state(const z3::model& model) const {
    Cube cube;
    for (std::size_t i = 0; i < atoms_.size(); ++i) {
      cube.push_back({i, model.eval(atoms_[i], true).is_true()});
    }
    return cube;
  }

  bool is_inside(const Cube& cube) {
    z3::expr_vector assumed(context_);
    for (const Literal& l : cube) assumed.push_back(l.value ? names_[l.atom] : !names_[l.atom]);
    return outside_.check(assumed) == z3::unsat;
  }

  // Of an implicant: a prime in it. Literals that are set go last, for they read better.
  Cube shrunk(Cube cube) {
    if (!is_inside(cube)) return cube;
    cube = core(cube);
    std::stable_partition(cube.begin(), cube.end(), [](const Literal& l) { return !l.value; });
    for (std::size_t i = 0; i < cube.size();) {
      Cube less = cube;
      less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
      if (is_inside(less)) {
        cube = std::move(less);
      } else {
        ++i;
      }
    }
    std::sort(cube.begin(), cube.end());
    return cube;
  }

  // The literals that the last check needed.
  Cube core(const Cube& cube) {
    std::map<unsigned, bool> needed;
    const z3::expr_vector core = outside_.unsat_core();
    for (unsigned i = 0; i < core.size(); ++i) needed[core[static_cast<int>(i)].id()] = true;
    Cube less;
    for (const Literal& l : cube) {
      const Formula name = l.value ? names_[l.atom] : !names_[l.atom];
      if (needed.contains(name.id())) less.push_back(l);
    }
    return less;
  }

  static std::optional<Cube> resolved(const Cube& a, const Cube& b) {
    std::size_t opposed = 0;
    Cube both;
    std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
    Cube rest;
    for (std::size_t i = 0; i < both.size(); ++i) {
      if (i + 1 < both.size() && both[i].atom == both[i + 1].atom) {
        ++opposed;
        ++i;
      } else {
        rest.push_back(both[i]);
      }
    }
    return opposed == 1 ? std::optional(rest) : std::nullopt;
  }

  bool is_covered(const Cube& cube) const {
    return std::any_of(found_.begin(), found_.end(), [&](const Cube& c) {
      return std::includes(cube.begin(), cube.end(), c.begin(), c.end());
    });
  }

  z3::context& context_;
  z3::solver inside_, outside_;
  const std::vector<Formula>& atoms_;
  std::vector<Formula> names_;
  std::vector<Cube> found_;
};

}  // namespace

Formula formula_of(z3::context& context, const Cube& cube, const std::vector<Formula>& atoms) {
  z3::expr_vector all(context);
  for (const Literal& l : cube) all.push_back(l.value ? atoms[l.atom] : !atoms[l.atom]);
  return z3::mk_and(all);
}

std::vector<Cube> primes(z3::context& context, const Formula& premise, const Formula& in,
                         const std::vector<Formula>& atoms) {
  return Finder(context, premise, in, atoms).all();
}

}  // namespace proofs
