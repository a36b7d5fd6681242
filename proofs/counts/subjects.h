// The symbolic kernels, one function each: see subject.cc.
#pragma once

#include "proofs/counts/subject.h"

namespace proofs {

std::unique_ptr<Subject> make_baseline(const abi::Setup& setup, impl::Bug bug);
std::unique_ptr<Subject> make_take_over(const abi::Setup& setup, impl::Bug bug);
std::unique_ptr<Subject> make_optimized(const abi::Setup& setup, impl::Bug bug);
std::unique_ptr<Subject> make_seeded(const abi::Setup& setup, impl::Bug bug);

}  // namespace proofs
