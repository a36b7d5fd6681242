// The situations and calls that `nsproxy explain` tries: see explain.h.
//
// A list of what people meet, not of what rules there are: which rule fires in each is for the
// model to say. A test holds that every rule about unshare, setns and clone that depends on the
// state is met by one of them.
#include <algorithm>

#include "cli/explain.h"

namespace cli {
namespace {

namespace flag = abi::flag;

using Calls = std::vector<std::string>;

constexpr std::size_t kShortCall = 70;

// The operand that says which namespaces the call is about.
std::optional<abi::Flags> flags_of(const abi::Call& call) {
  return std::visit(
      [](const auto& op) -> std::optional<abi::Flags> {
        if constexpr (requires { op.flags; }) {
          return op.flags;
        } else {
          return std::nullopt;
        }
      },
      call.op);
}

std::vector<abi::NsType> types_in(abi::Flags flags) {
  std::vector<abi::NsType> out;
  for (abi::NsType type : abi::kAllNsTypes) {
    if (flags.has(abi::flag_of(type))) out.push_back(type);
  }
  return out;
}

std::string task(abi::TaskId id) { return "t" + std::to_string(id.n); }
std::string file(const abi::Setns& setns) { return "f" + std::to_string(setns.file.n); }

// The options that lead from one situation to the other.
std::vector<std::string> options_between(const Situation& from, const Situation& to) {
  std::vector<std::string> out;
  const auto add = [&out](std::string option) { out.push_back(std::move(option)); };
  if (to.caller) add("called by " + task(*to.caller) + ":");
  if (!(to.profile == from.profile)) add("--profile " + abi::to_string(to.profile));
  for (std::size_t i = from.limits.size(); i < to.limits.size(); ++i) {
    add("--limit " + to.limits[i]);
  }
  if (to.uid != from.uid) add("--uid " + std::to_string(*to.uid));
  if (to.caps != from.caps) add("--caps '" + abi::caps_to_string(*to.caps) + "'");
  if (to.unmapped != from.unmapped) add("--unmapped");
  if (to.chroot != from.chroot) add("--chroot");
  if (to.threads != from.threads) add("--threads");
  if (to.shared_fs != from.shared_fs) add("--shared-fs");
  if (to.own != from.own) add("--own");
  for (std::size_t i = from.after.size(); i < to.after.size(); ++i) {
    add("--after '" + to.after[i] + "'");
  }
  return out;
}

class Harder {
 public:
  Harder(const Situation& base, std::string_view text, const abi::Call& call)
      : base_(base), text_(text), call_(call) {}

  std::vector<Variant> list() {
    credentials();
    shared_things();
    pid_namespaces();
    if (std::holds_alternative<abi::Setns>(call_.op)) files();
    for (abi::NsType type : types_in(flags_of(call_).value_or(abi::Flags{}))) limits(type);
    older_kernels();
    return std::move(out_);
  }

 private:
  void add(const Situation& s) { out_.push_back({options_between(base_, s), s, text_}); }
  void add(const Situation& s, std::string shown) {
    out_.push_back({{std::move(shown)}, s, text_});
  }
  Situation with_uid() const {
    Situation s = base_;
    s.uid = 1000;
    return s;
  }
  Situation after(const Calls& calls, std::optional<std::uint32_t> caller = std::nullopt) const {
    return after(base_, calls, caller);
  }
  static Situation after(Situation s, const Calls& calls,
                         std::optional<std::uint32_t> caller = std::nullopt) {
    s.after.insert(s.after.end(), calls.begin(), calls.end());
    if (caller) s.caller = abi::TaskId{*caller};
    return s;
  }

  void credentials() {
    Situation s = base_;
    s.unmapped = true;
    Situation chroot = base_;
    chroot.chroot = true;
    add(with_uid());
    add(chroot);
    add(s);
    // Its uid is mapped, its gid is not.
    add(after({"unshare(CLONE_NEWUSER)", "write_uid_map(t0, [0 0 1])"}));
    Situation debian = with_uid();
    debian.profile.userns_off = true;
    add(debian);
  }

  void shared_things() {
    Situation threads = base_;
    threads.threads = true;
    add(threads);
    Situation fs = base_;
    fs.shared_fs = true;
    add(fs);
    add(after({"t1 = clone(CLONE_VM|CLONE_SIGHAND|SIGCHLD)"}));
    add(after({"t1 = clone(CLONE_VM|SIGCHLD)"}));
    add(after({"t1 = vfork()"}, 1));
  }

  void pid_namespaces() {
    add(after({"unshare(CLONE_NEWPID)"}));
    add(after({"unshare(CLONE_NEWPID)", "t1 = fork()", "t1.exit_group()"}));
    add(after({"t1 = clone(CLONE_NEWPID|SIGCHLD)"}, 1));
    add(after({"t1 = clone(CLONE_NEWUSER|CLONE_NEWPID|SIGCHLD)", "f9 = open_ns(t1, pid)",
               "setns(f9, CLONE_NEWPID)", "t2 = fork()"},
              2));
    Calls deep;
    for (std::uint32_t i = 1; i <= 32; ++i) {
      deep.push_back(task({i}) + " = " + task({i - 1}) + ".clone(CLONE_NEWPID|SIGCHLD)");
    }
    add(after(deep, 32), "called in 32 pid namespaces, one in the other");
  }

  void limits(abi::NsType type) {
    const std::string name(abi::name(type));
    Situation limited = base_;
    limited.limits.push_back(name);
    add(limited);
    if (type == abi::NsType::mnt) return;  // every kernel has it
    Situation without = base_;
    without.profile.configured = without.profile.configured.without(type);
    // That kernel has no file of this type to open.
    if (const auto* setns = std::get_if<abi::Setns>(&call_.op)) {
      without.after.push_back(file(*setns) + " = open_pidfd(t0)");
    }
    add(without);
    if (type != abi::NsType::user) return;
    Calls deep;
    for (std::uint32_t i = 1; i <= 33; ++i) {
      const std::string t = task({i});
      deep.push_back(t + " = " + task({i - 1}) + ".clone(CLONE_NEWUSER|SIGCHLD)");
      deep.push_back(t + ".write_setgroups(" + t + ", deny)");
      deep.push_back(t + ".write_uid_map(" + t + ", [0 0 1])");
      deep.push_back(t + ".write_gid_map(" + t + ", [0 0 1])");
    }
    add(after(deep, 33), "called in 33 user namespaces, one in the other");
  }

  // Of setns.
  void files() {
    const auto& setns = std::get<abi::Setns>(call_.op);
    const std::string f = file(setns);
    Situation own = base_;
    own.own = true;
    add(own);
    add(after({"unshare(CLONE_NEWUSER)"}));
    add(after({f + " = open_file(regular)"}));
    for (abi::NsType type : types_in(setns.flags)) {
      const std::string link(abi::name(type));
      const std::string other = type == abi::NsType::uts ? "ipc" : "uts";
      const std::string open = f + " = open_ns(t0, " + link + ")";
      add(after({open, "close(" + f + ")"}));
      add(after({f + " = open_ns(t0, " + link + ", o_path)"}));
      add(after({f + " = open_ns(t0, " + other + ")"}));
      add(after({open, "unshare(CLONE_NEWUSER)"}));
      add(after({"t1 = clone(CLONE_NEWPID|SIGCHLD)", open}, 1));
      Situation no_chroot = base_;
      no_chroot.caps = abi::kCapFull & ~abi::cap_bit(abi::cap::SYS_CHROOT);
      add(no_chroot);
      // The caller owns the user namespace that owns the target, and has no privilege at home.
      const abi::Flags flags = abi::flag_of(type) | flag::NEWUSER;
      const Calls owned{"t1 = fork()",
                        "t1.unshare(" + abi::to_string(flags, abi::FlagStyle::bits) + ")",
                        "t2 = t1.fork()", f + " = open_ns(t2, " + link + ")"};
      Situation owner = with_uid();
      add(after(owner, owned));
      owner.caps = abi::cap_bit(abi::cap::SYS_CHROOT);
      if (type == abi::NsType::mnt) add(after(owner, owned));
    }
    const std::string pidfd = f + " = open_pidfd(t1)";
    add(after({"t1 = fork()", pidfd, "t1.exit_group()"}));
    add(after({"t1 = fork()", pidfd, "t1.exit_group()", "wait(t1)"}));
    add(after(with_uid(), {"t1 = fork()", pidfd, "t1.prctl(PR_SET_DUMPABLE, 0)"}));
  }

  void older_kernels() {
    // The newest that differs says most.
    const auto profiles = abi::standard_profiles();
    for (auto profile = profiles.rbegin(); profile != profiles.rend(); ++profile) {
      if (profile->version >= base_.profile.version) continue;
      Situation s = base_;
      s.profile.version = profile->version;
      add(s);
      add(after(s, {"unshare(CLONE_NEWTIME)"}));
      s.shared_fs = true;
      add(s);
    }
  }

  const Situation& base_;
  std::string text_;
  const abi::Call& call_;
  std::vector<Variant> out_;
};

class Cures {
 public:
  Cures(const Situation& base, const abi::Call& call) : base_(base), call_(call) {}

  std::vector<Variant> list() {
    const std::string t = task(call_.caller);
    if (const auto flags = flags_of(call_)) {
      change_flags(*flags);
    } else {
      after("after unshare(CLONE_NEWUSER)", {t + ".unshare(CLONE_NEWUSER)"});
    }
    if (const auto* clone3 = std::get_if<abi::Clone3>(&call_.op)) change_fields(*clone3);
    if (std::holds_alternative<abi::Vfork>(call_.op)) {
      abi::Call fork = call_;
      fork.op = abi::Fork{std::get<abi::Vfork>(call_.op).child};
      add("as fork()", base_, fork);
    }
    after("after unshare(CLONE_FS)", {t + ".unshare(CLONE_FS)"});
    after("after pivot_root()", {t + ".pivot_root()"});
    write_maps(t);
    after("after setns back to the caller's own pid namespace",
          {"f900 = " + t + ".open_ns(" + t + ", pid)", t + ".setns(f900, CLONE_NEWPID)"});
    if (const auto* setns = std::get_if<abi::Setns>(&call_.op)) join_owner(t, *setns);
    if (std::holds_alternative<abi::WriteTimens>(call_.op)) {
      after("after another unshare(CLONE_NEWTIME)", {t + ".unshare(CLONE_NEWTIME)"});
    }
    Situation child = base_;
    child.after.push_back("t900 = " + t + ".fork()");
    child.caller = abi::TaskId{900};
    add("from a forked child", child, call_);
    after("after execve()", {t + ".execve()"});
    if (base_.uid || base_.caps) {
      Situation root = base_;
      root.uid.reset();
      root.caps.reset();
      add("as root with all capabilities", root, call_);
    }
    if (!base_.limits.empty()) {
      Situation raised = base_;
      raised.limits.clear();
      add("after root raised user.max_" + base_.limits.back() + "_namespaces", raised, call_);
    }
    for (abi::NsType type : types_in(flags_of(call_).value_or(abi::Flags{}))) {
      const std::string limit = "max_" + std::string(abi::name(type)) + "_namespaces";
      after("after raising " + limit,
            {t + ".set_limit(" + std::string(abi::name(type)) + ", 100)"});
    }
    return std::move(out_);
  }

 private:
  void add(std::string shown, const Situation& s, const abi::Call& call) {
    out_.push_back({{std::move(shown)}, s, abi::print(call)});
  }
  void after(std::string shown, const Calls& calls) {
    Situation s = base_;
    s.after.insert(s.after.end(), calls.begin(), calls.end());
    add(std::move(shown), s, call_);
  }

  void with_flags(abi::Flags flags, const std::string& how) {
    abi::Call changed = call_;
    std::visit(
        [flags](auto& op) {
          if constexpr (requires { op.flags; }) op.flags = flags;
        },
        changed.op);
    const std::string text = abi::print(changed);
    add(text.size() <= kShortCall ? how + ": " + text : how, base_, changed);
  }

  void change_flags(abi::Flags flags) {
    const bool legacy = std::holds_alternative<abi::Clone>(call_.op);
    if (std::holds_alternative<abi::Setns>(call_.op)) {
      with_flags(abi::Flags{}, "with flags 0");
      // One type is that of the file: another would ask for another file.
      if (types_in(flags).size() < 2) return;
    }
    if (!flags.has(flag::NEWUSER)) with_flags(flags | flag::NEWUSER, "with CLONE_NEWUSER");
    abi::Flags nameless = flags;
    for (const abi::FlagName& name : abi::flag_names()) {
      nameless &= ~name.flag;
      if (legacy && name.flag == flag::NEWTIME) continue;  // part of the exit signal there
      without(flags, name.flag, std::string(name.name), legacy);
    }
    without(flags, nameless, "the bits that have no name", legacy);
  }

  void without(abi::Flags flags, abi::Flags dropped, const std::string& name, bool legacy) {
    const abi::Flags rest = flags & ~dropped;
    const bool asks_nothing = (legacy ? rest & ~flag::EXIT_SIGNAL : rest).empty();
    if (flags.has(dropped) && !asks_nothing) with_flags(rest, "without " + name);
  }

  void change_fields(const abi::Clone3& clone3) {
    const auto changed = [&](const std::string& how, const auto& change) {
      abi::Call call = call_;
      change(std::get<abi::Clone3>(call.op));
      add(how, base_, call);
    };
    if (clone3.exit_signal != 0) {
      changed("with exit_signal=0", [](abi::Clone3& op) { op.exit_signal = 0; });
    }
    if (clone3.exit_signal != static_cast<std::uint64_t>(abi::kSIGCHLD)) {
      changed("with exit_signal=17 (SIGCHLD)", [](abi::Clone3& op) { op.exit_signal = 17; });
    }
    if (clone3.set_tid_size != 0) {
      changed("without set_tid", [](abi::Clone3& op) {
        op.set_tid.clear();
        op.set_tid_size = 0;
        op.set_tid_pointer = abi::Pointer::null;
      });
    }
    if (clone3.stack != 0 || clone3.stack_size != 0) {
      changed("without a stack of its own", [](abi::Clone3& op) { op.stack = op.stack_size = 0; });
    }
  }

  // The caller maps its own id, as an unprivileged process may.
  void write_maps(const std::string& t) {
    const std::string id = std::to_string(base_.uid.value_or(0));
    const std::string extents = ", [0 " + id + " 1])";
    after("after \"deny\" to setgroups", {t + ".write_setgroups(" + t + ", deny)"});
    after("after \"deny\" to setgroups and one-id maps in uid_map and gid_map",
          {t + ".write_setgroups(" + t + ", deny)", t + ".write_uid_map(" + t + extents,
           t + ".write_gid_map(" + t + extents});
  }

  void join_owner(const std::string& t, const abi::Setns& setns) {
    const std::string f = file(setns);
    after("after joining the user namespace that owns it (the ioctl NS_GET_USERNS gives it)",
          {"f900 = " + t + ".ioctl(" + f + ", NS_GET_USERNS)", t + ".setns(f900, CLONE_NEWUSER)"});
  }

  const Situation& base_;
  const abi::Call& call_;
  std::vector<Variant> out_;
};

}  // namespace

std::vector<Variant> harder_variants(const Situation& base, std::string_view text,
                                     const abi::Call& call) {
  return Harder(base, text, call).list();
}

std::vector<Variant> cure_variants(const Situation& base, const abi::Call& call) {
  return Cures(base, call).list();
}

}  // namespace cli
