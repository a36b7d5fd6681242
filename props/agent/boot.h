// The agent as the first program of a kernel that was started for it alone.
//
// Its file is `/init` in the initramfs (props/systems/guests). Linux gives it what stands after
// "--" on the kernel's command line: the terminal device that carries the protocol, then the
// agent's own arguments. It mounts what the agent looks at, makes the terminal carry bytes as they
// are, and ends the machine when the agent ends.
#pragma once

#include <functional>
#include <span>
#include <vector>

namespace props::agent {

// The path at which the kernel starts it.
inline constexpr char kBootPath[] = "/init";

// Whether this process is the first of its kernel and started as kBootPath.
bool booted(const char* path);

// Of the words after the terminal those that are options: user-mode Linux appends words of its own.
std::vector<char*> own_words(std::span<char* const> words);

// Runs `agent` in a child with the terminal as standard input and output, reaps orphans, and ends
// the machine. Does not return.
[[noreturn]] void boot(const char* terminal, const std::function<int()>& agent);

}  // namespace props::agent
