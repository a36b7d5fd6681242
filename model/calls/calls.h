// One function per call: asks its rule table and, if no rule fires, has its effect.
//
// The caller is a running task (Model::apply has seen to that). Each returns the Result with the
// deciding rule and the steps reached.
#pragma once

#include "model/facts.h"
#include "model/process.h"
#include "model/rules/all.h"

namespace model::calls {

abi::Result run(State& s, Slot caller, const abi::Fork& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::Vfork& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::Clone& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::Clone3& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::Unshare& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::Setns& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::Execve& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::Exit& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::Kill& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::Wait& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::OpenNs& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::OpenPidfd& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::OpenFile& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::Close& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::BindNs& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::UnbindNs& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::NsIoctl& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::Chroot& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::PivotRoot& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::Setresuid& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::Setresgid& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::Capset& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::Prctl& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::WriteIdMap& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::WriteSetgroups& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::SetLimit& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::WriteTimens& c, std::uint16_t fault);
abi::Result run(State& s, Slot caller, const abi::Semop& c, std::uint16_t fault);

// The open file of that name, kNoSlot if there is none.
inline Slot find_file(const State& s, abi::FileId id) {
  const Slot slot = s.file_names.find(id.n);
  return slot == kGone ? kNoSlot : slot;
}
// The unreaped task of that name, kNoSlot if it is gone (or was never made).
inline Slot find_task(const State& s, abi::TaskId id) {
  const Slot slot = s.task_names.find(id.n);
  return slot == kGone ? kNoSlot : slot;
}
// Has a name been given to a task, be it gone now?
inline bool was_made(const State& s, abi::TaskId id) { return s.task_names.find(id.n) != kNoSlot; }

// The new namespaces of clone and unshare (create_new_namespaces): the slots of the caller's
// nsproxy with those in `flags` made anew, owned by `owner` and charged to (owner, uid).
Slots new_namespaces(State& s, Slot caller, Flags flags, Slot owner, abi::Id uid);
// The root of `fs` follows its mount namespace into the copy (copy_mnt_ns).
void move_root(State& s, Slot fs, Slot from, Slot to);
void freeze(State& s, Slot time_ns);

}  // namespace model::calls
