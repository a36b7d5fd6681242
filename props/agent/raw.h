// System calls without libc.
//
// A puppet shares memory with others (CLONE_VM), or has lost its thread-local storage
// (CLONE_SETTLS), or was forked while nobody holds libc's locks but also nobody knows them: it may
// use neither errno nor malloc nor stdio. Everything that it does goes through these two functions.
#pragma once

#include <cstdint>

namespace props::agent {

// What raw_clone's child runs; it never returns.
using ChildMain = void (*)(void*);

#if defined(__x86_64__)

inline constexpr bool kHasFork = true;  // fork and vfork are system calls of their own

inline std::int64_t raw_syscall(std::int64_t number, std::uint64_t a = 0, std::uint64_t b = 0,
                                std::uint64_t c = 0, std::uint64_t d = 0, std::uint64_t e = 0,
                                std::uint64_t f = 0) {
  register std::uint64_t r10 asm("r10") = d;
  register std::uint64_t r8 asm("r8") = e;
  register std::uint64_t r9 asm("r9") = f;
  std::int64_t result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
               : "rcx", "r11", "memory");
  return result;
}

// A system call that returns twice. The child leaves its parent's stack before it touches it, so
// that it may share the parent's memory: it runs child(argument) on the stack that ends at `top`
// (16-byte aligned), whatever stack the call itself gave it.
inline std::int64_t raw_clone(std::int64_t number, const std::uint64_t* args, void* top,
                              ChildMain child, void* argument) {
  register std::uint64_t r10 asm("r10") = args[3];
  register std::uint64_t r8 asm("r8") = args[4];
  register std::uint64_t r9 asm("r9") = args[5];
  std::int64_t result;
  asm volatile(
      "syscall\n\t"
      "testq %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "movq %[top], %%rsp\n\t"
      "movq %[argument], %%rdi\n\t"
      "movq %[child], %%rax\n\t"
      "xorl %%ebp, %%ebp\n\t"  // last: without a frame pointer an operand may be in it
      "callq *%%rax\n\t"
      "ud2\n"
      "1:"
      : "=a"(result)
      : "a"(number), "D"(args[0]), "S"(args[1]), "d"(args[2]), "r"(r10), "r"(r8),
        "r"(r9), [top] "r"(top), [child] "r"(child), [argument] "r"(argument)
      : "rcx", "r11", "memory");
  return result;
}

#else
#error "the agent's raw system calls are written for x86-64 only"
#endif

inline constexpr bool failed(std::int64_t result) { return result < 0 && result >= -4095; }

}  // namespace props::agent
