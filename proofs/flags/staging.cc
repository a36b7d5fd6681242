// Programs for facts: see staging.h.
#include "proofs/flags/staging.h"

#include <array>
#include <utility>

namespace proofs {
namespace {

using abi::Flags;
namespace flag = abi::flag;

constexpr Flags kChild{static_cast<std::uint64_t>(abi::kSIGCHLD)};
constexpr abi::FileId kFile{0};
constexpr abi::TaskId kMade{90};  // what the call in question would make
constexpr abi::FileId kPidfd{90};

// A program that grows. Calls are made by `caller`, the task that will make the call in question.
class Stage {
 public:
  explicit Stage(const Ask& ask) : ask_(ask) { trace_.setup.profile = ask.profile; }

  std::optional<abi::Trace> play() {
    if (ask_.call == Entry::setns) return with_file();
    if (ask_.call == Entry::unshare) {
      share();
    } else {
      if (ask_.has("unkillable")) become_child(flag::NEWPID | kChild);
      if (ask_.has("pid_pending")) add(abi::Unshare{flag::NEWPID});
      if (ask_.has("time_pending")) add(abi::Unshare{flag::NEWTIME});
    }
    if (ask_.has("userns_refused")) add(abi::Capset{});
    switch (ask_.call) {
      case Entry::clone:
        if (!ask_.has("one_tid_pointer")) return std::nullopt;
        add(abi::Clone{.child = kMade, .flags = ask_.flags | kChild, .pidfd = kPidfd});
        break;
      case Entry::clone3: {
        auto call = clone3();
        if (!call) return std::nullopt;
        add(*std::move(call));
        break;
      }
      default:
        add(abi::Unshare{ask_.flags});
    }
    return std::move(trace_);
  }

 private:
  void add(abi::Op op) {
    trace_.lines.push_back({.call = {.caller = caller_, .fault = 0, .op = std::move(op)}});
  }
  abi::TaskId make(Flags flags) {
    const abi::TaskId child{next_++};
    add(abi::Clone{.child = child, .flags = flags});
    return child;
  }
  void become_child(Flags flags) { caller_ = make(flags); }

  // Threads share everything; others who share end as zombies where the mm must be the caller's
  // alone again.
  void share() {
    // Somebody sees whether the fs was copied.
    if (ask_.flags.has(flag::NEWNS)) make(flag::FS | kChild);
    const bool thread = ask_.has("group_shared"), sighand = ask_.has("sighand_shared");
    const bool mm = ask_.has("not_single_threaded");
    if (thread) {
      const abi::TaskId other = make(flag::VM | flag::SIGHAND | flag::THREAD);
      if (mm) return;
      add(abi::Exit{.group = false});  // a dead leader counts as a thread, but uses no mm
      caller_ = other;
    } else if (sighand) {
      const abi::TaskId other = make(flag::VM | flag::SIGHAND | kChild);
      if (!mm) std::exchange(caller_, other), add(abi::Exit{}), caller_ = abi::kInitialTask;
    } else if (mm) {
      make(flag::VM | kChild);
    }
  }

  std::optional<abi::Clone3> clone3() const {
    abi::Clone3 c{.child = kMade, .flags = ask_.flags, .exit_signal = 0, .pidfd = kPidfd};
    const bool null = ask_.has("set_tid_pointer_is_null"), empty = ask_.has("set_tid_size_is_0");
    if (ask_.has("size_below_88")) c.size = 80;
    if (ask_.has("size_too_small")) c.size = 32;
    if (ask_.has("tail_nonzero")) c.size = 96, c.nonzero_tail = true;
    if (ask_.has("size_too_big")) c.size = 8192;
    if (ask_.has("args_bad")) c.args = abi::Pointer::bad;
    c.set_tid_pointer = null                             ? abi::Pointer::null
                        : ask_.has("set_tid_unreadable") ? abi::Pointer::bad
                                                         : abi::Pointer::good;
    c.set_tid_size = empty ? 0 : ask_.has("set_tid_too_long") ? 33 : 1;
    // A number that is free; in a new pid namespace, the only one that there is.
    if (!null && !empty) c.set_tid = {ask_.flags.has(flag::NEWPID) ? 1 : 7};
    if (ask_.has("exit_signal_set")) c.exit_signal = abi::kSIGCHLD;
    if (ask_.has("exit_signal_bad")) c.exit_signal = 65;
    if (ask_.has("cgroup_above_int_max")) c.cgroup = 0x80000000;
    if (ask_.has("stack_bad")) c.stack = 0x1000;
    c.same_tid_pointer = ask_.has("one_tid_pointer");
    return exactly(c) ? std::optional(c) : std::nullopt;
  }
  // Whether the struct says what was asked for: not every combination fits one.
  bool exactly(const abi::Clone3& c) const {
    const bool null = c.size < 72 || c.set_tid_pointer == abi::Pointer::null;
    const std::uint64_t tids = c.size < 80 ? 0 : c.set_tid_size;
    const std::pair<std::string_view, bool> says[] = {
        {"size_too_big", c.size > 4096},
        {"size_too_small", c.size < 64},
        {"size_below_88", c.size < 88},
        {"tail_nonzero", c.size > 88 && c.nonzero_tail},
        {"set_tid_pointer_is_null", null},
        {"set_tid_size_is_0", tids == 0},
        {"set_tid_too_long", tids > 32},
        {"exit_signal_set", c.exit_signal != 0},
        {"cgroup_above_int_max", c.size >= 88 && c.cgroup > 0x7fffffff}};
    for (const auto& [fact, holds] : says) {
      if (ask_.has(fact) != holds) return false;
    }
    return true;
  }

  // A configuration is part of the profile, which the facts may override.
  std::optional<abi::Trace> with_file() {
    for (const abi::NsType t : abi::kAllNsTypes) {
      const bool built = ask_.has("built_" + std::string(abi::name(t)));
      abi::TypeSet& types = trace_.setup.profile.configured;
      if (t != abi::NsType::mnt && !built) types = types.without(t);
    }
    const bool o_path = ask_.has("file_opath");
    if (ask_.has("file_closed")) {
      // Nothing opens it.
    } else if (ask_.has("file_nsfs") || o_path) {
      add(abi::OpenNs{.file = kFile, .link = link(), .o_path = o_path});
    } else if (ask_.has("file_pidfd")) {
      add(abi::OpenPidfd{.file = kFile});
    } else {
      add(abi::OpenFile{.file = kFile});
    }
    add(abi::Setns{.file = kFile, .flags = ask_.flags});
    return std::move(trace_);
  }

  // Of the type that the file is said to have.
  abi::NsLink link() const {
    for (const abi::NsType t : abi::kAllNsTypes) {
      const std::string_view name = abi::name(t);
      if (ask_.has("file_type_" + std::string(name))) return *abi::ns_link_from(name);
    }
    return abi::NsLink::mnt;  // there is no kernel without it
  }

  const Ask& ask_;
  abi::Trace trace_;
  abi::TaskId caller_ = abi::kInitialTask;
  std::uint32_t next_ = 1;
};

}  // namespace

std::string_view name(Entry e) {
  constexpr std::array<std::string_view, 4> names = {"clone", "clone3", "unshare", "setns"};
  return names[static_cast<std::size_t>(e)];
}

std::optional<abi::Trace> stage(const Ask& ask) { return Stage(ask).play(); }

std::string_view in_words(std::string_view fact) {
  constexpr std::pair<std::string_view, std::string_view> kWords[] = {
      {"one_tid_pointer", "pidfd and parent_tid are one address"},
      {"unkillable", "the caller is the init of a pid namespace"},
      {"pid_pending", "the caller's children go to another pid namespace than its own"},
      {"time_pending", "the caller's children go to another time namespace than its own"},
      {"userns_refused",
       "unprivileged_userns_clone is 0, and the caller has no CAP_SYS_ADMIN at the top"},
      {"group_shared", "the caller's process has other threads"},
      {"sighand_shared", "the signal handlers are shared"},
      {"not_single_threaded", "another task uses the address space"},
      {"size_too_big", "size is above a page"},
      {"size_too_small", "size is below 64"},
      {"size_below_88", "size is below 88"},
      {"args_bad", "the struct is not readable"},
      {"tail_nonzero", "a byte beyond the known struct is not zero"},
      {"set_tid_too_long", "set_tid_size is above 32"},
      {"set_tid_null", "set_tid_size is set, set_tid is null"},
      {"set_tid_empty", "set_tid is set, set_tid_size is 0"},
      {"set_tid_bad", "the set_tid array is not readable"},
      {"set_tid_pointer_is_null", "set_tid is null"},
      {"set_tid_size_is_0", "set_tid_size is 0"},
      {"set_tid_unreadable", "the set_tid array is not readable"},
      {"exit_signal_bad", "exit_signal is above 64"},
      {"exit_signal_set", "exit_signal is not 0"},
      {"cgroup_bad", "cgroup is above INT_MAX, or size is below 88"},
      {"cgroup_above_int_max", "cgroup is above INT_MAX"},
      {"stack_bad", "stack and stack_size do not fit together"},
      {"file_nsfs", "the file is a namespace"},
      {"file_pidfd", "the file is a pidfd"},
      {"file_closed", "the descriptor is not open"},
      {"file_opath", "the descriptor was opened with O_PATH"},
  };
  for (const auto& [name, words] : kWords) {
    if (name == fact) return words;
  }
  return "";
}

}  // namespace proofs
