// `nsproxy explain 'CALL'`: what decides it, why, and what would make it pass.
#include <charconv>

#include "abi/words.h"
#include "cli/commands.h"
#include "cli/explain.h"
#include "cli/io.h"
#include "cli/process_state.h"

namespace cli {
namespace {

constexpr std::string_view kAbout =
    "Says whether a call passes, which rule decides, why, in which kernel function, and what would "
    "make it\npass. CALL is trace text (docs/trace.md) without a result, or pthread_create() or "
    "posix_spawn(); where\nno task is named, t0 makes it. t0 begins as root in the initial "
    "namespaces; the options bring it\nelsewhere, in this order. If the call passes, the rules "
    "that could refuse it elsewhere are listed.";

constexpr std::string_view kExamples =
    "Examples:\n"
    "  nsproxy explain 'unshare(CLONE_NEWUSER)' --threads\n"
    "  nsproxy explain 'vfork()' --profile 6.1 --after 'unshare(CLONE_NEWTIME)'\n"
    "  nsproxy explain 't1.setns(f0, CLONE_NEWNS)' --threads\n"
    "  nsproxy explain 'setns(f0, CLONE_NEWUSER)' --own\n"
    "  nsproxy explain --pid 4711 'setns(CLONE_NEWUSER|CLONE_NEWNS)'\n"
    "Exit status: 0 answered (whatever the answer), 2 wrong usage or input.";

}  // namespace

int run_explain(Arguments args) {
  Situation situation;
  std::string call, trace;
  std::optional<abi::Profile> profile;
  std::optional<pid_t> pid;
  Options options("explain", kAbout);
  options.operand("CALL", "the call, quoted: 'unshare(CLONE_NEWUSER)'", call);
  options.value("--profile", "V", "the kernel: 6.18 (the default), 6.1,no-time, 5.10,userns-off",
                read_into(profile, abi::profile_from,
                          "a kernel version from 5.8 to 7.9 such as 6.1, perhaps with ,no-TYPE or "
                          ",userns-off"));
  options.value("--state", "TRACE", "a file of trace text that is replayed first; - reads it here",
                keep_in(trace));
  options.values("--limit", "TYPE", "user.max_TYPE_namespaces is 0: mnt, uts, ipc, pid, ..., user",
                 situation.limits);
  options.value("--pid", "PID",
                "instead: a running process makes the call, as /proc shows it; setns(FLAGS) is "
                "this command's, to the process's namespaces",
                read_into(pid, nsabi::number_from<pid_t>, "the number of a process"));
  options.value("--uid", "N", "t0's uid and gid; others than 0 have no capabilities",
                read_into(situation.uid, nsabi::number_from<abi::Id>, "a number such as 1000"));
  options.value("--caps", "SET", "t0's capabilities: none, full, 'CAP_SYS_ADMIN|CAP_SETUID'",
                read_into(situation.caps, abi::caps_from,
                          "none, full, full-CAP_SYS_ADMIN or names joined by |"));
  options.flag("--unmapped", "t0 is in a fresh user namespace without id maps", situation.unmapped);
  options.flag("--chroot", "t0 is in a chroot", situation.chroot);
  options.flag("--threads", "t0's process has a second thread, t1", situation.threads);
  options.flag("--shared-fs", "t0 shares its root with another process (CLONE_FS)",
               situation.shared_fs);
  options.flag("--own", "the file of a setns is the caller's own namespace", situation.own);
  options.values("--after", "CALL", "a call made before; may be given several times",
                 situation.after);
  options.closing(kExamples);
  if (const auto status = options.read(args)) return *status;

  if (!trace.empty()) {
    auto read = read_trace(trace);
    if (const auto* failure = std::get_if<Failure>(&read)) return usage_error(failure->what);
    situation.trace = std::get<abi::Trace>(std::move(read));
    situation.profile = situation.trace->setup.profile;
  }
  if (pid) {
    auto read = read_process(*pid, call);
    if (const auto* failure = std::get_if<Failure>(&read)) return usage_error(failure->what);
    auto& process = std::get<ProcessState>(read);
    situation.profile = process.trace.setup.profile;
    situation.trace = std::move(process.trace);
    situation.caller = process.caller;
    print("Process " + std::to_string(*pid) + " is t" + std::to_string(process.process.n) +
          " below; t" + std::to_string(process.caller.n) + " makes the call.\n");
    call = process.call;
  }
  if (profile) situation.profile = *profile;

  const auto answer = explain(situation, call);
  if (const auto* failure = std::get_if<Failure>(&answer)) return usage_error(failure->what);
  print(to_text(std::get<Answer>(answer)));
  return kHolds;
}

}  // namespace cli
