// The grammar of each call, once: what it makes and which operands it has, read by parser and
// printer alike, so that one cannot forget what the other knows.
//
// results(v, call) names what the call makes:
//   makes(name)            always
//   may_make(due, name)    `due`: always; otherwise only if the program says so
// operands(v, call) lists the operands in order, those in place before those with a key:
//   operand(codec, value)            in its place
//   operand(codec, value, due)       in its place, last; not `due`: left out at its default, 0
//   named(key, codec, value)         key=value
//   option(key, codec, value, usual) key=value, left out where it is as usual
//   mark(word, value)                the word, left out where false
// A description may look at what it described before: the parser has read that by then.
//
// Private to this folder.
#pragma once

#include <concepts>
#include <optional>
#include <string_view>
#include <type_traits>

#include "abi/call.h"
#include "abi/trace_codecs.h"

namespace nsabi {

// The call's word, and the call that a word begins: its operands all default.
std::string_view word_of(const Op& op);
std::optional<Op> op_from(std::string_view word);
std::span<const std::string_view> op_words();

// A const or mutable Struct: printed or read.
template <class T, class Struct>
concept Of = std::same_as<std::remove_const_t<T>, Struct>;

// Whether an ioctl gives back a descriptor on a namespace.
constexpr bool makes_file(NsOp op) {
  return op == NsOp::get_userns || op == NsOp::get_parent || op >= NsOp::pidfd_get_cgroup;
}

template <class V>
void results(V&, auto&) {}
template <class V>
void results(V& v, Of<Fork> auto& c) {
  v.makes(c.child);
}
template <class V>
void results(V& v, Of<Vfork> auto& c) {
  v.makes(c.child);
}
template <class V>
void results(V& v, Of<Clone> auto& c) {
  v.makes(c.child);
  v.may_make(c.flags.has(flag::PIDFD), c.pidfd);
}
template <class V>
void results(V& v, Of<Clone3> auto& c) {
  v.makes(c.child);
  v.may_make(c.flags.has(flag::PIDFD), c.pidfd);
}
template <class V>
void results(V& v, Of<OpenNs> auto& c) {
  v.makes(c.file);
}
template <class V>
void results(V& v, Of<OpenPidfd> auto& c) {
  v.makes(c.file);
}
template <class V>
void results(V& v, Of<OpenFile> auto& c) {
  v.makes(c.file);
}
template <class V>
void results(V& v, Of<BindNs> auto& c) {
  v.makes(c.bind);
}
template <class V>
void results(V& v, Of<NsIoctl> auto& c) {
  v.may_make(makes_file(c.op), c.made);
}

// fork, vfork, execve, exit, exit_group, pivot_root, semop have no operands.
template <class V, class C>
void operands(V&, C&) {
  static_assert(Of<C, Fork> || Of<C, Vfork> || Of<C, Execve> || Of<C, Exit> || Of<C, PivotRoot> ||
                Of<C, Semop>);
}
template <class V>
void operands(V& v, Of<Clone> auto& c) {
  v.operand(kCloneFlags, c.flags);
  v.option("pidfd_pointer", kPointer, c.pidfd_pointer, Pointer::good);
}
template <class V>
void operands(V& v, Of<Clone3> auto& c) {
  constexpr Clone3 usual{};
  v.operand(kFlags, c.flags);
  v.option("exit_signal", kNumber<std::uint64_t>, c.exit_signal, usual.exit_signal);
  v.option("stack", kNumber<std::uint64_t>, c.stack, usual.stack);
  v.option("stack_size", kNumber<std::uint64_t>, c.stack_size, usual.stack_size);
  v.option("set_tid", kTids, c.set_tid, usual.set_tid);
  // Who names tids means an array of just these.
  v.option("set_tid_size", kNumber<std::uint64_t>, c.set_tid_size, std::uint64_t{c.set_tid.size()});
  v.option("set_tid_pointer", kPointer, c.set_tid_pointer,
           c.set_tid.empty() ? Pointer::null : Pointer::good);
  v.option("cgroup", kNumber<std::uint64_t>, c.cgroup, usual.cgroup);
  v.option("size", kNumber<std::uint64_t>, c.size, usual.size);
  v.option("args", kPointer, c.args, usual.args);
  v.mark("nonzero_tail", c.nonzero_tail);
  v.option("pidfd_pointer", kPointer, c.pidfd_pointer, usual.pidfd_pointer);
  v.mark("same_tid_pointer", c.same_tid_pointer);
}
template <class V>
void operands(V& v, Of<Unshare> auto& c) {
  v.operand(kFlags, c.flags);
}
template <class V>
void operands(V& v, Of<Setns> auto& c) {
  v.operand(kFile, c.file);
  v.operand(kFlags, c.flags);
}
template <class V>
void operands(V& v, Of<Kill> auto& c) {
  v.operand(kTask, c.target);
}
template <class V>
void operands(V& v, Of<Wait> auto& c) {
  v.operand(kTask, c.child);
}
template <class V>
void operands(V& v, Of<OpenNs> auto& c) {
  v.operand(kTask, c.target);
  v.operand(kLink, c.link);
  v.mark("o_path", c.o_path);
}
template <class V>
void operands(V& v, Of<OpenPidfd> auto& c) {
  v.operand(kTask, c.target);
  v.mark("thread", c.thread);
}
template <class V>
void operands(V& v, Of<OpenFile> auto& c) {
  v.operand(kFileKind, c.kind);
  v.operand(kTask, c.target, c.kind == FileKind::proc_dir);
}
template <class V>
void operands(V& v, Of<Close> auto& c) {
  v.operand(kFile, c.file);
}
template <class V>
void operands(V& v, Of<BindNs> auto& c) {
  v.operand(kFile, c.file);
}
template <class V>
void operands(V& v, Of<UnbindNs> auto& c) {
  v.operand(kBind, c.bind);
}
template <class V>
void operands(V& v, Of<NsIoctl> auto& c) {
  v.operand(kFile, c.file);
  v.operand(kNsOp, c.op);
  v.option("arg", kNumber<std::int64_t>, c.arg, std::int64_t{0});
  v.option("pointer", kPointer, c.pointer, Pointer::good);
}
template <class V>
void operands(V& v, Of<Chroot> auto& c) {
  v.operand(kPlace, c.place);
}
template <class V>
void operands(V& v, Of<Setresuid> auto& c) {
  v.operand(kId, c.real);
  v.operand(kId, c.effective);
  v.operand(kId, c.saved);
}
template <class V>
void operands(V& v, Of<Setresgid> auto& c) {
  v.operand(kId, c.real);
  v.operand(kId, c.effective);
  v.operand(kId, c.saved);
}
template <class V>
void operands(V& v, Of<Capset> auto& c) {
  v.named("effective", kCaps, c.effective);
  v.named("permitted", kCaps, c.permitted);
  v.named("inheritable", kCaps, c.inheritable);
}
template <class V>
void operands(V& v, Of<Prctl> auto& c) {
  v.operand(kPrctlOp, c.op);
  switch (c.op) {
    case PrctlOp::capbset_drop:
    case PrctlOp::ambient_raise:
    case PrctlOp::ambient_lower:
      v.operand(kCap, c.arg);
      break;
    default:
      v.operand(kNumber<std::uint64_t>, c.arg, c.op != PrctlOp::ambient_clear_all);
  }
}
template <class V>
void operands(V& v, Of<WriteIdMap> auto& c) {
  v.operand(kTask, c.target);
  v.operand(kExtents, c.extents);
}
template <class V>
void operands(V& v, Of<WriteSetgroups> auto& c) {
  v.operand(kTask, c.target);
  v.operand(kAllow, c.allow);
}
template <class V>
void operands(V& v, Of<SetLimit> auto& c) {
  v.operand(kType, c.type);
  v.operand(kNumber<std::uint32_t>, c.max);
}
template <class V>
void operands(V& v, Of<WriteTimens> auto& c) {
  v.operand(kTask, c.target);
  v.operand(kNumber<std::int64_t>, c.seconds);
  v.operand(kNumber<std::int64_t>, c.nanoseconds);
}

// The header's words after the format's version.
template <class V>
void operands(V& v, Of<Setup> auto& s) {
  constexpr Setup usual{};
  v.named("profile", kProfile, s.profile);
  v.option("uid", kNumber<Id>, s.uid, usual.uid);
  v.option("gid", kNumber<Id>, s.gid, usual.gid);
  v.option("caps", kCaps, s.caps, usual.caps);
  v.option("bounding", kCaps, s.bounding, usual.bounding);
}

}  // namespace nsabi
