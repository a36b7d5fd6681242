// setns, on a namespace file or a pidfd.
//
// Mirrors SYSCALL_DEFINE2(setns) of kernel/nsproxy.c (6.18). The system call's argument is an int:
// bits above 31 never arrive.
#pragma once

#include "impl/file/file.h"
#include "impl/nsproxy/nsset.h"

namespace impl {

// SETNS-02 to 05: the types that the call is about, or why it is refused.
template <class K>
Errno setns_flags(Cpu<K>& cpu, const File<K>& file, typename K::Word& flags) {
  if (file.type == FileType::pidfd) return check_setns_flags(cpu, flags);
  if (file.type != FileType::ns) {
    return cpu.bug(Bug::kRegularFileIsBad) ? Errno::kEBADF : Errno::kEINVAL;
  }
  const Flags type = abi::flag_of(file.inode->ns->type);
  const bool any = static_cast<bool>(cpu.m.has_bits(flags, ~std::uint64_t{0}));
  const bool other = static_cast<bool>(cpu.m.has_bits(flags, ~type.bits()));
  if (any && other && !cpu.bug(Bug::kSetnsTypeNotCompared)) return Errno::kEINVAL;
  flags = K::Machine::word(type);
  return Errno::kOk;
}

template <class K>
abi::Result sys_setns(Cpu<K>& cpu, abi::FileId name, typename K::Word flags) {
  constexpr std::uint64_t int_bits = 0xffffffff;
  flags = flags & typename K::Word{int_bits};
  const Fd<K> file(cpu, name);
  if (!file.usable()) {
    const bool lax = file && cpu.bug(Bug::kOPathUsable);
    if (!lax) return abi::Result::failure(Errno::kEBADF);
  }
  if (const Errno e = setns_flags(cpu, *file.get(), flags); e != Errno::kOk) {
    return abi::Result::failure(e);
  }
  Nsset<K> set;
  if (const Errno e = prepare_nsset(cpu, flags, set); e != Errno::kOk) {
    return abi::Result::failure(e);
  }
  const Errno e = file->type == FileType::ns ? validate_ns(cpu, set, *file->inode->ns)
                                             : validate_nsset(cpu, set, *file->pid);
  if (e == Errno::kOk) commit_nsset(cpu, set);
  put_nsset(cpu, set);
  return e == Errno::kOk ? abi::Result::success() : abi::Result::failure(e);
}

}  // namespace impl
