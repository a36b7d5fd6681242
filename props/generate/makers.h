// One maker per call: an operation with operands and arguments for the state at hand.
#pragma once

#include "props/generate/generator.h"

namespace props {

// op_index as in abi::Op. The caller is for arguments that depend on who asks (its own ids,
// threads or not); it may be any task.
abi::Op make_op(Generator& g, const Live& live, abi::TaskId caller, std::size_t op_index);

// Flag words (flags.cc).
abi::Flags clone_flags(Generator& g, bool clone3);
abi::Flags unshare_flags(Generator& g);
abi::Flags wild_flags(Generator& g, abi::Flags valid);
abi::Flags some_types(Generator& g);

// Calls with many arguments (make_clone.cc, make_creds.cc).
abi::Op make_clone(Generator& g, const Live& live);
abi::Op make_clone3(Generator& g, const Live& live);
abi::Op make_setns(Generator& g, const Live& live);
abi::Op make_ioctl(Generator& g, const Live& live);
abi::Op make_setresuid(Generator& g);
abi::Op make_setresgid(Generator& g);
abi::Op make_capset(Generator& g, const Live& live, abi::TaskId caller);
abi::Op make_prctl(Generator& g);
abi::Op make_id_map(Generator& g, const Live& live, abi::TaskId caller);
abi::Op make_timens(Generator& g, const Live& live, abi::TaskId caller);
abi::Op make_limit(Generator& g);

}  // namespace props
