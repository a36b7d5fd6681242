// The obligations of a proof, decided again by cvc5, a solver by other people.
#pragma once

#include <string>
#include <vector>

#include "proofs/proof.h"

namespace proofs {

struct SecondOpinion {
  std::size_t agreed = 0;
  std::string disagreed;  // the label of the first obligation that it finds a state for
  std::string unknown;    // … that it cannot decide, with its own words
};

// Whether the program is there.
bool has_cvc5();
// Asks about all of them; `milliseconds` is the limit of each.
SecondOpinion ask_cvc5(const std::vector<Obligation>& obligations, unsigned milliseconds);

// Writes each obligation into a file of its own in an existing folder, named by theorem and number.
// False if one could not be written.
bool write_obligations(const std::string& directory, const std::string& theorem,
                       const std::vector<Obligation>& obligations);

}  // namespace proofs
