// Making records: the part of each kernel constructor that decides who holds what.
//
// A record made here has no holder yet: the caller makes its first holder at once.
#pragma once

#include "model/query.h"

namespace model {

// The ucounts of (user_ns, uid), made if there is none (alloc_ucounts).
Slot get_ucounts(State& s, Slot user_ns, abi::Id uid);

// A namespace of a type other than user, owned by `owner`, charged to (charged_ns, uid). pid
// namespaces also need `parent`; time takes its offset from `like`, mnt its mounts.
Slot make_ns(State& s, NsType type, Slot owner, Slot charged_ns, abi::Id uid, Slot like);
// create_user_ns(): below the user namespace of `creator`, with its ids as owner.
Slot make_user_ns(State& s, const Cred& creator);

using Slots = std::array<Slot, abi::kNsproxySlots>;
Slots slots_of(const State& s, const Task& t);
Slot make_nsproxy(State& s, const Slots& slots);

// A copy of `from` that still has to be held; its user namespace and ucounts are held already.
Slot copy_cred(State& s, Slot from);
// Moves a cred that nobody but the caller uses into a user namespace, with all capabilities there
// (CAP-02).
void enter_user_ns(State& s, Slot cred, Slot user_ns);
// After a change of the real uid.
void set_cred_ucounts(State& s, Slot cred);

Slot make_mm(State& s, Slot user_ns, bool dumpable);
Slot make_file(State& s, OpenKind kind, Slot opener, abi::FileId name);
// The nsfs inode of a namespace, made if there is none.
Slot get_inode(State& s, Slot ns);
// A descriptor of the namespace (open_ns, ioctls).
void open_ns_file(State& s, Slot ns, Slot opener, abi::FileId name, bool o_path);

}  // namespace model
