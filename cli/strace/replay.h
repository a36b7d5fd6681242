// The replay: one pass over the log's steps, each call translated, judged and carried out.
//
// The pieces: replay.cc drives, replay_judge.cc compares, replay_tasks.cc makes tasks,
// replay_ends.cc ends them, replay_files.cc keeps descriptors and opens namespaces, replay_ns.cc
// joins and leaves them, replay_mounts.cc, replay_creds.cc and replay_proc.cc do what their names
// say. Private to this folder.
//
// When a call takes effect: where its line says that it returned. A fork takes effect earlier, as
// soon as its child speaks; an execve or an exit, as soon as somebody can only go on after it (a
// vfork parent, a wait, a SIGCHLD). Other calls that overlap took effect in an order that the log
// does not say: where the model disagrees about one, the log is replayed again with that call, or
// one under way at the same time, carried out where it began (report.cc). After a divergence the
// model is moved to what the log says as well as it can be, and what the same task disagrees about
// from then on is not counted as diverged again.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "abi/errno.h"
#include "cli/strace/identities.h"
#include "cli/strace/log.h"
#include "cli/strace/outsiders.h"
#include "cli/strace/proc_path.h"
#include "cli/strace/program.h"
#include "cli/strace/start.h"
#include "cli/strace/strace_log.h"
#include "cli/strace/tasks.h"
#include "cli/strace/timeline.h"
#include "cli/strace/value.h"

namespace cli::strace_log {

// A disagreement, and what else may have been the case.
struct Dispute {
  std::uint32_t call;                   // index
  bool overlaps;                        // it may have taken effect earlier than its result says
  std::vector<std::uint32_t> rivals;    // calls under way, that may have taken effect before it
  std::vector<std::int32_t> outsiders;  // that may be where the log started
};
// What the log leaves open, decided otherwise than usual.
struct Hints {
  std::set<std::uint32_t> early;  // calls to be carried out where they begin
  // Calls of others to be carried out right before one; of exit_group and kill: what follows.
  std::map<std::uint32_t, std::vector<std::uint32_t>> before;
  std::set<std::int32_t> at_home;  // processes outside of the log, in the namespaces of the start
};

class Replay {
 public:
  Replay(const Log& log, const Start& start, const Options& options, const Hints& hints,
         LogReport& report);
  void run();
  // One for each divergence, in the same order, as far as they were kept.
  const std::vector<Dispute>& disputes() const { return disputes_; }

 private:
  // A call that has come back, with its arguments read.
  struct Now {
    const LoggedCall& call;
    std::uint32_t index;  // of the call
    std::uint32_t task;   // index of its caller
    std::uint32_t line;
    CallText text;

    bool ok() const { return text.ret.kind == Return::Kind::value; }
    bool failed() const { return text.ret.kind == Return::Kind::error; }
    std::string_view error() const { return text.ret.error; }
    std::int64_t value() const { return text.ret.value; }
    const Value* arg(std::size_t i) const { return text.arg(i); }
  };
  enum class Outcome : std::uint8_t {
    both_ok,       // carried out
    both_refused,  // agreed
    kernel_only,   // the kernel did it, the model would not: not carried out
    model_only,    // the kernel refused, the model would have: not carried out
  };
  struct Judged {
    Outcome outcome;
    abi::Result result;
  };

  // replay.cc
  void step(const Step& s);
  std::uint32_t speaker(std::uint32_t life);
  void carry_out(std::uint32_t index, std::uint32_t task);
  void dispatch(Now& now);
  void changed(const Now& now);  // the caller's namespaces or credentials: keep it for reports
  void close_dropped();
  void child_gone(const Notice& notice);
  Task& task(std::uint32_t index) { return tasks_.at(index); }
  abi::TaskId id(std::uint32_t index) const { return tasks_.at(index).id; }

  // replay_judge.cc
  // `excuse` names the reason under which a disagreement is counted as outside. `number` is what
  // the model has to return.
  Judged judge(const Now& now, const abi::Op& op, std::string_view excuse = {},
               std::optional<std::int64_t> number = std::nullopt);
  void agree(const Now& now);
  void outside(const Now& now, std::string_view reason);
  // From now on the log does not show what the caller is in: nothing is held against it.
  void doubt(const Now& now, std::string_view reason);
  void diverge(const Now& now, std::string_view name, std::string kernel, std::string model,
               const abi::Result& result);
  std::vector<std::string> state_of(std::uint32_t task);
  std::string_view standing_excuse(const Now& now, const abi::Result& result);
  std::string_view gap_excuse(const Now& now, const abi::Result& result) const;
  void look_for_gaps();
  Dispute dispute_of(const Now& now) const;
  void carry_out_rival(std::uint32_t index);
  Tally& tally(std::string_view name);
  bool see_inum(const Now& now, abi::NsType type, std::uint64_t inum, abi::ObjId ns);

  // replay_tasks.cc
  void start_first(std::uint32_t life, bool orphan);
  void claim(std::uint32_t life, bool must);
  std::uint32_t maker_of(std::int32_t label) const;
  // A child without a label: made, or to be made by a call under way.
  struct Candidate {
    std::int64_t number;  // for its maker; 0 unknown
    abi::ObjId pid_ns;    // … in that namespace
    std::uint32_t index;  // of the task, or the call
    bool is_maker;
    bool asked;  // by set_tid: out of the order in which numbers are given out
  };
  std::vector<Candidate> candidates() const;
  std::uint32_t labelled_child() const;
  bool make_now(std::uint32_t call, std::uint32_t life);
  std::optional<abi::Op> clone_op(const Now& now, abi::TaskId child, abi::Flags& flags);
  void do_clone(Now& now, std::uint32_t life);
  std::uint32_t add_child(const Now& now, abi::TaskId id, abi::Flags flags, const abi::Op& op);
  void keep_pidfd(const Now& now, std::uint32_t child, const abi::Op& op);
  void name_child(const Now& now, std::uint32_t child, std::uint32_t life);
  bool number_is_sure(const Now& now, abi::ObjId pid_ns) const;
  void resynchronize_child(const Now& now, abi::TaskId child, abi::Flags flags);

  // replay_ends.cc
  void do_execve(Now& now);
  void carry_out_execve(std::uint32_t task, std::uint32_t line);
  void do_wait(Now& now);
  void reap(const Now& now, std::uint32_t child);
  bool comes_later(const Now& now, std::uint32_t child) const;
  void do_kill(Now& now);
  void end_life(std::uint32_t life);
  void end_process(std::uint32_t task);
  void release_vfork(std::uint32_t parent);
  void no_longer_fatal(std::uint32_t target);
  bool has_ended(std::uint32_t target) const { return target != kNone && tasks_.at(target).ended; }
  // Its parent is somebody outside of the log, who reaps it when nobody sees it.
  bool orphaned(std::uint32_t target) const;
  // `comment`: of the argument or result, which may say the number in strace's namespace.
  std::uint32_t resolve_pid(std::uint32_t task, std::int64_t number,
                            std::string_view comment = {}) const;
  std::uint32_t resolve_proc_pid(std::uint32_t task, std::int64_t number) const;
  bool proc_is_sure(std::uint32_t task, const ProcPath& proc) const;
  void learn_number(Now& now);

  // replay_files.cc
  FdTable& fds(std::uint32_t index) {
    FdTable& table = *tasks_.at(index).files;
    table.line = line_;
    return table;
  }
  Thing thing_of(std::uint32_t task, const Value* fd);
  Thing new_thing() { return std::make_shared<OpenThing>(&dropped_); }
  std::string path_of(std::uint32_t task, const Value* dirfd, const Value* path);
  void do_open(Now& now);
  void open_ns(Now& now, const ProcPath& proc, std::string path, bool cloexec, bool o_path);
  void open_control(Now& now, const std::string& path, std::string_view note, bool cloexec);
  void do_pidfd_open(Now& now);
  void do_pidfd_getfd(Now& now);
  void do_dup(Now& now);
  void do_fcntl(Now& now);
  void do_close(Now& now);
  void do_close_range(Now& now);
  void do_recvmsg(Now& now);
  void do_readlink(Now& now);
  void do_stat(Now& now);
  std::uint32_t proc_target(std::uint32_t task, const ProcPath& proc) const;
  // Without -f nothing of the children is in the log: what they did is as unknown as a stranger's.
  bool unfollowed(std::uint32_t task) const {
    return log_.lives.size() == 1 && tasks_.at(task).life == kNone;
  }

  // replay_ns.cc
  void do_unshare(Now& now);
  void do_setns(Now& now);
  Thing realized(const Now& now, const Value* fd, abi::Flags flags, std::string_view& excuse);
  bool realize_ns(OpenThing& thing, abi::NsType type, const std::string& key,
                  abi::TaskId within = abi::kInitialTask);
  bool realize_pidfd(OpenThing& thing, abi::Flags flags, const std::string& key);
  std::uint32_t inhabitant(abi::ObjId ns, abi::NsType type) const;
  void do_ioctl(Now& now);

  // replay_mounts.cc
  Thing ns_file_at(const Now& now, const std::string& path);
  void bind_ns(Now& now, const Thing& thing, const std::string& path);
  void do_mount(Now& now);
  void do_umount(Now& now);
  void do_tree(Now& now);
  void do_chroot(Now& now);
  void do_pivot_root(Now& now);
  void do_chdir(Now& now);
  void new_mount_ns(abi::ObjId before, std::uint32_t task);

  // replay_creds.cc, replay_proc.cc
  void do_set_ids(Now& now);
  void do_capset(Now& now);
  void do_prctl(Now& now);
  void do_write(Now& now);
  void write_map(const Now& now, const OpenThing& thing, const std::string& text);
  std::string_view map_excuse(const Now& now);
  void assume_maps(std::uint32_t task);
  void write_timens(const Now& now, const OpenThing& thing, std::string_view text);

  const Log& log_;
  const Start& start_;
  const Options& options_;
  LogReport& report_;
  // Descriptions whose last number is gone; outlives what holds descriptions.
  std::vector<abi::FileId> dropped_;
  Tasks tasks_;
  Program program_;
  Identities identities_;
  Outsiders outsiders_;
  Timeline timeline_;

  std::uint32_t line_ = 0;
  const Hints& hints_;
  std::vector<Dispute> disputes_;
  std::vector<bool> done_;             // calls that were carried out
  std::set<std::uint32_t> under_way_;  // entered, not left: of those that change something
  std::unordered_map<std::uint32_t, std::uint32_t> fatal_;      // target -> the kill that ends it
  std::unordered_map<std::uint32_t, std::uint32_t> late_wait_;  // child -> the call that reaps it
  std::set<std::uint32_t> pending_clones_;                      // entered, not yet carried out
  // Lives, by label, that were announced before their clone came back.
  std::set<std::pair<std::int32_t, std::uint32_t>> waiting_lives_;
  std::unordered_map<std::uint32_t, std::uint32_t> vfork_child_;  // blocked parent -> child
  abi::ObjId home_pid_ns_ = abi::kNoObject;                       // strace's, and the first task's
  bool numbers_unsure_ = false;                                   // some fork is not in the log
  bool ends_shown_ = false;                                       // the log says when tasks end
  bool exits_shown_ = false;                                      // … and what ends them
  bool writes_shown_ = false;                                     // strace was asked for writes
  bool closes_shown_ = false;                                     // … and for close
  bool privileges_shown_ = false;  // … and for the calls that change ids and capabilities
  bool threads_shown_ = false;     // … and for the calls that make threads
  bool mid_life_ = false;          // the first task was at work when the log began
  std::unordered_set<abi::ObjId> seen_pid_ns_;
  std::unordered_map<abi::ObjId, std::uint32_t> last_clone_in_;  // pid namespace -> line
  std::unordered_set<abi::ObjId> unsure_in_;
  struct Bind {
    abi::BindId id;
    Thing thing;
  };
  std::unordered_map<std::string, Bind> binds_;            // path -> what is mounted there
  std::unordered_map<abi::ObjId, abi::ObjId> proc_shows_;  // mnt ns -> pid ns of its /proc
};

}  // namespace cli::strace_log
