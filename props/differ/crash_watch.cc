#include "props/differ/crash_watch.h"

#include <sys/time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "props/differ/finding.h"

namespace props {
namespace {

CrashWatch* watching = nullptr;

void limit_processor_time(long seconds) {
  const itimerval limit{.it_interval = {}, .it_value = {.tv_sec = seconds, .tv_usec = 0}};
  setitimer(ITIMER_PROF, &limit, nullptr);
}

}  // namespace

CrashWatch::CrashWatch(std::string_view subject, std::string directory, bool save)
    : subject_(subject), directory_(std::move(directory)), save_(save) {
  struct sigaction action {};
  action.sa_handler = &CrashWatch::on_signal;
  watching = this;
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &action, &before_[i]);
}

CrashWatch::~CrashWatch() {
  limit_processor_time(0);
  for (std::size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before_[i], nullptr);
  watching = nullptr;
}

void CrashWatch::begin(std::uint64_t seed, const abi::Setup& setup, const abi::Program& program) {
  constexpr long kSeconds = 30;
  seed_ = seed;
  setup_ = &setup;
  program_ = &program;
  limit_processor_time(kSeconds);
}

void CrashWatch::tell(int signal) const {
  abi::Trace trace{.setup = *setup_, .lines = {}};
  for (const abi::Call& call : *program_) trace.lines.push_back({.call = call, .expected = {}});
  const std::string what =
      signal == SIGPROF ? "does not come back" : "crashed (" + std::string(strsignal(signal)) + ")";
  const std::string about =
      subject_ + " " + what + " in the last call; program seed " + std::to_string(seed_);
  std::fprintf(stderr, "%s\n%s", about.c_str(), print(trace).c_str());
  if (!save_) return;
  const std::string file = subject_ + "-" + std::to_string(seed_) + "-crash.ns";
  std::fprintf(stderr, "saved: %s\n", save_trace(directory_, file, trace, about).c_str());
}

void CrashWatch::on_signal(int signal) {
  const CrashWatch* const watch = std::exchange(watching, nullptr);
  for (std::size_t i = 0; watch != nullptr && i < kSignals.size(); ++i) {
    sigaction(kSignals[i], &watch->before_[i], nullptr);
  }
  ::signal(SIGALRM, SIG_DFL);
  alarm(10);
  if (watch != nullptr && watch->program_ != nullptr) watch->tell(signal);
  if (signal == SIGPROF) std::abort();
  // Back to what faulted: it faults again, and whoever came before this handler sees it.
}

}  // namespace props
