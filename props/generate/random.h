// The generator's source of numbers: one 64-bit word of state, a multiplication per number.
//
// RapidCheck's own Random is a cryptographic hash, which is right for splitting and too slow for a
// million calls a second: a program draws its seed from there and everything else from here. The
// same seed gives the same numbers on every machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace props {

// A bijection on 64-bit words under which neighbours end up far apart.
constexpr std::uint64_t scramble(std::uint64_t x) {
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93;
  x ^= x >> 32;
  x *= 0xd6e8feb86659fd93;
  return x ^ x >> 32;
}

class Random {
 public:
  explicit constexpr Random(std::uint64_t seed) : state_(scramble(seed + kStep)) {}

  constexpr std::uint64_t next() {
    state_ += kStep;
    return scramble(state_);
  }
  // 0 … n - 1; n must not be 0.
  constexpr std::uint32_t below(std::uint32_t n) {
    return static_cast<std::uint32_t>((next() >> 32) * n >> 32);
  }
  constexpr std::size_t below(std::size_t n) { return below(static_cast<std::uint32_t>(n)); }
  constexpr bool one_in(std::uint32_t n) { return below(n) == 0; }
  // True in `share` of 256 cases.
  constexpr bool often(std::uint32_t share) { return (next() >> 56) < share; }

  template <class T, std::size_t N>
  constexpr const T& of(const T (&items)[N]) {
    return items[below(static_cast<std::uint32_t>(N))];
  }
  template <class T, std::size_t N>
  constexpr const T& of(const std::array<T, N>& items) {
    return items[below(N)];
  }
  template <class T>
  constexpr const T& of(std::span<const T> items) {
    return items[below(items.size())];
  }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15;
  std::uint64_t state_;
};

// The seed of the n-th program of a run. Program 0 has the run's own seed, so that one program is
// repeated by `--seed S --cases 1`.
constexpr std::uint64_t program_seed(std::uint64_t run_seed, std::uint64_t n) {
  return n == 0 ? run_seed : scramble(run_seed ^ scramble(n));
}

}  // namespace props
