// The puppet: runs the scripts that the supervisor puts into its slot (shared.h).
#pragma once

#include <cstddef>

namespace props::agent {

// Maps the memory that the supervisor shares from `memfd`, and the puppets' stacks. False if either
// cannot be had at its address.
bool map_shared(int memfd);

// The life of a puppet, on the stack it is called on. Async-signal-safe; makes no use of libc.
[[noreturn]] void run_puppet(std::size_t slot);

// `nsproxy-agent --puppet SLOT`: a puppet after execve.
int puppet_main(const char* slot);

}  // namespace props::agent
