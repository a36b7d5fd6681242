// Generators of any value: see arbitrary.h. They are compiled once, because they are slow to
// compile.
//
// Members are named one by one, and counted: one that is forgotten would keep its default in every
// law.
#include "abi/testing/arbitrary.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <ostream>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace nsabi {

void showValue(const Call& call, std::ostream& out) { out << print(call); }
void showValue(const Trace& trace, std::ostream& out) { out << print(trace); }
void showValue(const Setup& setup, std::ostream& out) { out << print(setup); }
void showValue(const Profile& profile, std::ostream& out) { out << to_string(profile); }
void showValue(Version version, std::ostream& out) { out << to_string(version); }
void showValue(Flags flags, std::ostream& out) { out << to_string(flags, FlagStyle::bits); }

namespace {

template <class E>
constexpr unsigned kValues = 0;
template <>
constexpr unsigned kValues<Pointer> = 3;
template <>
constexpr unsigned kValues<NsType> = kNsTypes;
template <>
constexpr unsigned kValues<NsLink> = kNsLinks;
template <>
constexpr unsigned kValues<FileKind> = 4;
template <>
constexpr unsigned kValues<NsOp> = kNsOps;
template <>
constexpr unsigned kValues<RootPlace> = 2;
template <>
constexpr unsigned kValues<PrctlOp> = kPrctlOps;
template <>
constexpr unsigned kValues<MapKind> = 2;

template <class T>
struct Any {
  static rc::Gen<T> gen() {
    if constexpr (std::is_enum_v<T>) {
      static_assert(kValues<T> > 0);
      return rc::gen::map(rc::gen::inRange(0u, kValues<T>),
                          [](unsigned n) { return static_cast<T>(n); });
    } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
      // Small ones, all widths, and the ends of the range.
      using Limits = std::numeric_limits<T>;
      return rc::gen::oneOf(
          rc::gen::arbitrary<T>(), rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<T>()),
          rc::gen::element<T>(0, 1, 5, 40, 41, Limits::max(), Limits::max() - 1, Limits::min()));
    } else {
      return rc::gen::arbitrary<T>();
    }
  }
};
template <>
struct Any<Errno> {
  // One with a name, or any number.
  static rc::Gen<Errno> gen() {
    return rc::gen::map(Any<std::uint16_t>::gen(), [](std::uint16_t n) { return Errno{n}; });
  }
};
template <class T>
struct Any<std::optional<T>> {
  static rc::Gen<std::optional<T>> gen() {
    return rc::gen::oneOf(rc::gen::just(std::optional<T>{}),
                          rc::gen::cast<std::optional<T>>(Any<T>::gen()));
  }
};
template <class T>
struct Any<std::vector<T>> {
  static rc::Gen<std::vector<T>> gen() { return rc::gen::container<std::vector<T>>(Any<T>::gen()); }
};

// How many members an aggregate has: how many initializers it takes.
struct AnyInit {
  template <class T>
  operator T() const {
    return T{};
  }
};
template <class T, class... Inits>
constexpr std::size_t members_of() {
  if constexpr (requires { T{Inits{}..., AnyInit{}}; }) {
    return members_of<T, Inits..., AnyInit>();
  } else {
    return sizeof...(Inits);
  }
}

// A T whose members have any value, each shrunk by itself.
template <class T, class... Members>
rc::Gen<T> built(Members T::*... members) {
  static_assert(members_of<T>() == sizeof...(Members), "a member was forgotten");
  return rc::gen::build<T>(rc::gen::set(members, Any<Members>::gen())...);
}

// Mostly few names, so that calls share them.
template <class Name>
rc::Gen<Name> any_name() {
  return rc::gen::map(
      rc::gen::weightedOneOf<std::uint32_t>(
          {{8, rc::gen::inRange<std::uint32_t>(0, 8)}, {1, Any<std::uint32_t>::gen()}}),
      [](std::uint32_t n) { return Name{n}; });
}

// Every bit up to the last one with a name.
constexpr Flags kUpToLast{(flag::INTO_CGROUP.bits() << 1) - 1};

// Sets of named flags, one flag, and any 64 bits.
rc::Gen<Flags> any_flags() {
  const auto word = rc::gen::resize(rc::kNominalSize, rc::gen::arbitrary<std::uint64_t>());
  return rc::gen::oneOf(
      rc::gen::map(word, [](std::uint64_t bits) { return Flags(bits) & kUpToLast; }),
      rc::gen::map(rc::gen::inRange(0, 64), [](int n) { return Flags(std::uint64_t{1} << n); }),
      rc::gen::map(Any<std::uint64_t>::gen(), [](std::uint64_t bits) { return Flags(bits); }));
}

rc::Gen<Version> any_version() {
  return rc::gen::map(
      rc::gen::tuple(rc::gen::element(5, 6, 7), rc::gen::inRange(0, 20), Any<std::uint16_t>::gen()),
      [](const std::tuple<int, int, std::uint16_t>& parts) {
        const auto [major, minor, patch] = parts;
        const int least = major == 5 ? 8 : 0;
        const int most = major == 7 ? 9 : 19;
        return Version{static_cast<std::uint16_t>(major),
                       static_cast<std::uint16_t>(std::clamp(minor, least, most)), patch};
      });
}

rc::Gen<TypeSet> any_types() {
  return rc::gen::map(rc::gen::arbitrary<std::uint8_t>(), [](std::uint8_t left_out) {
    TypeSet set = TypeSet::all();
    for (const NsType t : kAllNsTypes) {
      if ((left_out >> index(t) & 1) != 0) set = set.without(t);
    }
    return set;
  });
}

template <std::size_t... kIndex>
rc::Gen<Op> any_op(std::index_sequence<kIndex...>) {
  return rc::gen::oneOf(
      rc::gen::cast<Op>(rc::gen::arbitrary<std::variant_alternative_t<kIndex, Op>>())...);
}

}  // namespace
}  // namespace nsabi

namespace rc {

using namespace nsabi;

// The members of a struct, all of any value.
#define NSABI_MEMBERS(Type, ...)           \
  Gen<Type> Arbitrary<Type>::arbitrary() { \
    using T = Type;                        \
    return built<T>(__VA_ARGS__);          \
  }
// A type without members, or with a generator of its own.
#define NSABI_GEN(Type, ...) \
  Gen<Type> Arbitrary<Type>::arbitrary() { return __VA_ARGS__; }

NSABI_GEN(TaskId, any_name<TaskId>())
NSABI_GEN(FileId, any_name<FileId>())
NSABI_GEN(BindId, any_name<BindId>())
NSABI_GEN(Flags, any_flags())
NSABI_GEN(Version, any_version())
NSABI_GEN(TypeSet, any_types())

NSABI_MEMBERS(Fork, &T::child)
NSABI_MEMBERS(Vfork, &T::child)
NSABI_MEMBERS(Clone, &T::child, &T::flags, &T::pidfd, &T::pidfd_pointer)
NSABI_MEMBERS(Clone3, &T::child, &T::flags, &T::exit_signal, &T::stack, &T::stack_size, &T::set_tid,
              &T::set_tid_size, &T::set_tid_pointer, &T::cgroup, &T::size, &T::args,
              &T::nonzero_tail, &T::pidfd, &T::pidfd_pointer, &T::same_tid_pointer)
NSABI_MEMBERS(Unshare, &T::flags)
NSABI_MEMBERS(Setns, &T::file, &T::flags)
NSABI_GEN(Execve, gen::just(Execve{}))
NSABI_MEMBERS(Exit, &T::group)
NSABI_MEMBERS(Kill, &T::target)
NSABI_MEMBERS(Wait, &T::child)
NSABI_MEMBERS(OpenNs, &T::file, &T::target, &T::link, &T::o_path)
NSABI_MEMBERS(OpenPidfd, &T::file, &T::target, &T::thread)
NSABI_MEMBERS(OpenFile, &T::file, &T::kind, &T::target)
NSABI_MEMBERS(Close, &T::file)
NSABI_MEMBERS(BindNs, &T::bind, &T::file)
NSABI_MEMBERS(UnbindNs, &T::bind)
NSABI_MEMBERS(NsIoctl, &T::file, &T::op, &T::made, &T::arg, &T::pointer)
NSABI_MEMBERS(Chroot, &T::place)
NSABI_GEN(PivotRoot, gen::just(PivotRoot{}))
NSABI_MEMBERS(Setresuid, &T::real, &T::effective, &T::saved)
NSABI_MEMBERS(Setresgid, &T::real, &T::effective, &T::saved)
NSABI_MEMBERS(Capset, &T::effective, &T::permitted, &T::inheritable)
NSABI_MEMBERS(Prctl, &T::op, &T::arg)
NSABI_MEMBERS(Extent, &T::inside, &T::outside, &T::count)
NSABI_MEMBERS(WriteIdMap, &T::target, &T::kind, &T::extents)
NSABI_MEMBERS(WriteSetgroups, &T::target, &T::allow)
NSABI_MEMBERS(SetLimit, &T::type, &T::max)
NSABI_MEMBERS(WriteTimens, &T::target, &T::seconds, &T::nanoseconds)
NSABI_GEN(Semop, gen::just(Semop{}))

NSABI_GEN(Op, any_op(std::make_index_sequence<kOps>{}))
NSABI_MEMBERS(Call, &T::caller, &T::fault, &T::op)
NSABI_MEMBERS(Profile, &T::version, &T::configured, &T::userns_off)
NSABI_MEMBERS(Setup, &T::profile, &T::uid, &T::gid, &T::caps, &T::bounding)

NSABI_GEN(Errno, Any<Errno>::gen())
NSABI_MEMBERS(Expectation, &T::error, &T::skipped, &T::value)

// A line's number is not part of what it says.
NSABI_GEN(TraceLine, gen::build<TraceLine>(gen::set(&TraceLine::call),
                                           gen::set(&TraceLine::expected,
                                                    Any<std::optional<Expectation>>::gen())))
NSABI_MEMBERS(Trace, &T::setup, &T::lines)

}  // namespace rc
