// Flag words as text (include/uapi/linux/sched.h).
#include "abi/flags.h"

#include <array>

#include "abi/words.h"

namespace nsabi {
namespace {

constexpr std::uint64_t kSignalMask = flag::EXIT_SIGNAL.bits();

constexpr std::array<FlagName, 27> kNames = {{
    {flag::NEWTIME, "CLONE_NEWTIME"},
    {flag::VM, "CLONE_VM"},
    {flag::FS, "CLONE_FS"},
    {flag::FILES, "CLONE_FILES"},
    {flag::SIGHAND, "CLONE_SIGHAND"},
    {flag::PIDFD, "CLONE_PIDFD"},
    {flag::PTRACE, "CLONE_PTRACE"},
    {flag::VFORK, "CLONE_VFORK"},
    {flag::PARENT, "CLONE_PARENT"},
    {flag::THREAD, "CLONE_THREAD"},
    {flag::NEWNS, "CLONE_NEWNS"},
    {flag::SYSVSEM, "CLONE_SYSVSEM"},
    {flag::SETTLS, "CLONE_SETTLS"},
    {flag::PARENT_SETTID, "CLONE_PARENT_SETTID"},
    {flag::CHILD_CLEARTID, "CLONE_CHILD_CLEARTID"},
    {flag::DETACHED, "CLONE_DETACHED"},
    {flag::UNTRACED, "CLONE_UNTRACED"},
    {flag::CHILD_SETTID, "CLONE_CHILD_SETTID"},
    {flag::NEWCGROUP, "CLONE_NEWCGROUP"},
    {flag::NEWUTS, "CLONE_NEWUTS"},
    {flag::NEWIPC, "CLONE_NEWIPC"},
    {flag::NEWUSER, "CLONE_NEWUSER"},
    {flag::NEWPID, "CLONE_NEWPID"},
    {flag::NEWNET, "CLONE_NEWNET"},
    {flag::IO, "CLONE_IO"},
    {flag::CLEAR_SIGHAND, "CLONE_CLEAR_SIGHAND"},
    {flag::INTO_CGROUP, "CLONE_INTO_CGROUP"},
}};

// Signals 1 to 31, by number (include/uapi/asm-generic/signal.h).
constexpr std::array<std::string_view, 32> kSignals = {
    "",          "SIGHUP",  "SIGINT",    "SIGQUIT", "SIGILL",   "SIGTRAP", "SIGABRT", "SIGBUS",
    "SIGFPE",    "SIGKILL", "SIGUSR1",   "SIGSEGV", "SIGUSR2",  "SIGPIPE", "SIGALRM", "SIGTERM",
    "SIGSTKFLT", "SIGCHLD", "SIGCONT",   "SIGSTOP", "SIGTSTP",  "SIGTTIN", "SIGTTOU", "SIGURG",
    "SIGXCPU",   "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO",   "SIGPWR",  "SIGSYS"};

constexpr std::string_view kSignalKey = "signal=";

// One word between bars.
std::optional<std::uint64_t> word_bits(std::string_view word, FlagStyle style) {
  for (const FlagName& n : kNames) {
    if (n.name != word) continue;
    // Legacy clone has no CLONE_NEWTIME: the kernel takes that bit for part of the signal.
    if (style == FlagStyle::signal && n.flag == flag::NEWTIME) return std::nullopt;
    return n.flag.bits();
  }
  if (style == FlagStyle::signal) {
    if (const auto signal = find_word(kSignals, word)) return *signal;
    if (word.starts_with(kSignalKey)) {
      return number_from<std::uint8_t>(word.substr(kSignalKey.size()));
    }
  }
  return number_from<std::uint64_t>(word);
}

}  // namespace

std::span<const FlagName> flag_names() { return kNames; }

std::string to_string(Flags f, FlagStyle style) {
  std::uint64_t left = f.bits();
  const std::uint64_t signal = style == FlagStyle::signal ? left & kSignalMask : 0;
  left &= ~signal;
  std::string out;
  for (const FlagName& n : kNames) {
    if ((left & n.flag.bits()) == 0) continue;
    append_word(out, 0, '|', n.name);
    left &= ~n.flag.bits();
  }
  if (signal != 0 && signal < kSignals.size()) {
    append_word(out, 0, '|', kSignals[signal]);
  } else if (signal != 0) {
    append_word(out, 0, '|', kSignalKey);
    append_number(out, signal);
  }
  if (left != 0) {
    append_word(out, 0, '|', {});
    append_hex(out, left);
  }
  return out.empty() ? "0" : out;
}

std::optional<Flags> flags_from(std::string_view text, FlagStyle style) {
  std::uint64_t bits = 0;
  for (Split words{text}; words.more;) {
    const auto word = word_bits(words.next('|'), style);
    if (!word) return std::nullopt;
    // Two signals would be ored into a third one.
    if (style == FlagStyle::signal && (bits & kSignalMask) != 0 && (*word & kSignalMask) != 0) {
      return std::nullopt;
    }
    bits |= *word;
  }
  return Flags(bits);
}

}  // namespace nsabi
