// Obligations as text: see smtlib.h.
#include "proofs/smtlib.h"

namespace proofs {

std::string to_smtlib(z3::context& context, const std::vector<Formula>& assertions) {
  z3::solver solver(context);
  for (const Formula& f : assertions) solver.add(f);
  std::string text = solver.to_smt2();
  const std::size_t check = text.rfind("(check-sat)");
  if (check != std::string::npos) text.erase(check);
  return text;
}

}  // namespace proofs
