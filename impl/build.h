// A kernel's two parameters in one: the machine that it runs on and the optimizations that it has.
//
// Functions are written `template <class K> … f(Cpu<K>& cpu, …)`, K being a Build.
#pragma once

#include "abi/errno.h"
#include "abi/flags.h"

namespace impl {

using abi::Errno;
using abi::Flags;
namespace flag = abi::flag;

template <class M, class P>
struct Build {
  using Machine = M;
  using Policy = P;
  using Word = typename M::Word;
  using Bool = typename M::Bool;
  using Count = typename M::Count;
  using Lock = typename M::Lock;
  using Claim = typename M::Claim;
  template <class T>
  using Pointer = typename M::template Pointer<T>;
  template <class T>
  using Cell = typename M::template Cell<T>;
};

template <class M, class P>
class State;
template <class K>
using KernelOf = State<typename K::Machine, typename K::Policy>;
template <class K>
class Cpu;

// An object or the reason why there is none.
template <class T>
struct Fallible {
  T* value = nullptr;
  Errno error = Errno::kOk;

  Fallible(T* made) : value(made) {}         // NOLINT: converts on purpose
  Fallible(Errno reason) : error(reason) {}  // NOLINT: converts on purpose
  bool failed() const { return error != Errno::kOk; }
};

}  // namespace impl
