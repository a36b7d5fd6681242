// The flags of clone, clone3, unshare and setns: 64 bits, by their UAPI names.
//
// Source: include/uapi/linux/sched.h. The constants leave out the prefix CLONE_, because <sched.h>
// makes macros of the full names; text always shows the full name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "abi/namespace.h"

namespace nsabi {

class Flags {
 public:
  constexpr Flags() = default;
  explicit constexpr Flags(std::uint64_t bits) : bits_(bits) {}

  constexpr std::uint64_t bits() const { return bits_; }
  constexpr bool has(Flags f) const { return (bits_ & f.bits_) != 0; }  // any bit of f
  constexpr bool empty() const { return bits_ == 0; }

  constexpr Flags operator|(Flags o) const { return Flags(bits_ | o.bits_); }
  constexpr Flags operator&(Flags o) const { return Flags(bits_ & o.bits_); }
  constexpr Flags operator~() const { return Flags(~bits_); }
  constexpr Flags& operator|=(Flags o) { return *this = *this | o; }
  constexpr Flags& operator&=(Flags o) { return *this = *this & o; }
  constexpr bool operator==(const Flags&) const = default;

 private:
  std::uint64_t bits_ = 0;
};

namespace flag {
inline constexpr Flags EXIT_SIGNAL{0xff};  // CSIGNAL: the exit signal of legacy clone
inline constexpr Flags NEWTIME{0x80};      // inside CSIGNAL: not for legacy clone
inline constexpr Flags VM{0x100};
inline constexpr Flags FS{0x200};
inline constexpr Flags FILES{0x400};
inline constexpr Flags SIGHAND{0x800};
inline constexpr Flags PIDFD{0x1000};
inline constexpr Flags PTRACE{0x2000};
inline constexpr Flags VFORK{0x4000};
inline constexpr Flags PARENT{0x8000};
inline constexpr Flags THREAD{0x10000};
inline constexpr Flags NEWNS{0x20000};
inline constexpr Flags SYSVSEM{0x40000};
inline constexpr Flags SETTLS{0x80000};
inline constexpr Flags PARENT_SETTID{0x100000};
inline constexpr Flags CHILD_CLEARTID{0x200000};
inline constexpr Flags DETACHED{0x400000};
inline constexpr Flags UNTRACED{0x800000};
inline constexpr Flags CHILD_SETTID{0x1000000};
inline constexpr Flags NEWCGROUP{0x2000000};
inline constexpr Flags NEWUTS{0x4000000};
inline constexpr Flags NEWIPC{0x8000000};
inline constexpr Flags NEWUSER{0x10000000};
inline constexpr Flags NEWPID{0x20000000};
inline constexpr Flags NEWNET{0x40000000};
inline constexpr Flags IO{0x80000000};
inline constexpr Flags CLEAR_SIGHAND{std::uint64_t{1} << 32};  // clone3 only
inline constexpr Flags INTO_CGROUP{std::uint64_t{1} << 33};    // clone3 only

// The seven types that live in a nsproxy, and all eight.
inline constexpr Flags NSPROXY{NEWNS | NEWUTS | NEWIPC | NEWPID | NEWNET | NEWCGROUP | NEWTIME};
inline constexpr Flags NAMESPACES{NSPROXY | NEWUSER};
}  // namespace flag

inline constexpr int kSIGCHLD = 17;

// How a flag word is meant: what bit 0x80 and the low byte are differs between the calls.
enum class FlagStyle : std::uint8_t {
  signal,  // legacy clone: the low byte is a signal, printed as SIGCHLD or signal=N
  bits,    // clone3, unshare, setns: the low byte holds flags, 0x80 is CLONE_NEWTIME
};

// "CLONE_NEWUTS|CLONE_NEWIPC"; bits without a name are printed last in hex, no bits as "0".
std::string to_string(Flags f, FlagStyle style);
// The inverse of to_string(); also takes plain numbers. Nothing for an unknown word.
std::optional<Flags> flags_from(std::string_view text, FlagStyle style);

// Every flag that has a name of its own, lowest bit first.
struct FlagName {
  Flags flag;
  std::string_view name;  // "CLONE_NEWUTS"
};
std::span<const FlagName> flag_names();

}  // namespace nsabi
