// A subject that crashes or hangs in this process still leaves the program that did it.
//
// While a campaign runs, fatal signals and a program that takes more processor time than any can
// (30 s) are met by a handler that prints and saves the calls made so far, and then lets the signal
// take its course. A handler may not do such things; it does them as the last act of a process that
// is lost anyway, and an alarm ends it if it gets stuck.
#pragma once

#include <array>
#include <csignal>
#include <cstdint>
#include <string>

#include "props/differ/run.h"

namespace props {

class CrashWatch {
 public:
  // `directory` as in CampaignOptions; `save` false: only prints. One at a time in a process.
  CrashWatch(std::string_view subject, std::string directory, bool save);
  ~CrashWatch();
  CrashWatch(const CrashWatch&) = delete;
  CrashWatch& operator=(const CrashWatch&) = delete;

  // Before each program. Both outlive its run; `program` grows with each call, before it is made.
  void begin(std::uint64_t seed, const abi::Setup& setup, const abi::Program& program);

 private:
  static void on_signal(int signal);
  void tell(int signal) const;

  static constexpr std::array kSignals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGPROF};

  std::string subject_, directory_;
  bool save_;
  std::uint64_t seed_ = 0;
  const abi::Setup* setup_ = nullptr;
  const abi::Program* program_ = nullptr;
  std::array<struct sigaction, kSignals.size()> before_{};
};

}  // namespace props
