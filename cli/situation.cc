// Building scenes: see situation.h.
#include "cli/situation.h"

#include <algorithm>

#include "abi/words.h"
#include "cli/rules.h"

namespace cli {
namespace {

namespace flag = abi::flag;

// What libc's functions ask the kernel for (glibc 2.36).
struct Alias {
  std::string_view name, call;
};
constexpr Alias kAliases[] = {
    {"pthread_create()",
     "clone(CLONE_VM|CLONE_FS|CLONE_FILES|CLONE_SIGHAND|CLONE_THREAD|CLONE_SYSVSEM|CLONE_SETTLS|"
     "CLONE_PARENT_SETTID|CLONE_CHILD_CLEARTID)"},
    {"posix_spawn()", "clone(CLONE_VM|CLONE_VFORK|SIGCHLD)"},
};

// Every name that the call binds is below the result.
std::uint32_t above(const abi::Call& call, std::uint32_t next) {
  std::visit(
      [&next](const auto& op) {
        const auto raise = [&next](std::uint32_t n) { next = std::max(next, n + 1); };
        if constexpr (requires { op.child; }) raise(op.child.n);
        if constexpr (requires { op.file; }) raise(op.file.n);
        if constexpr (requires { op.made; }) raise(op.made.n);
        if constexpr (requires { op.pidfd; }) raise(op.pidfd.n);
        if constexpr (requires { op.bind; }) raise(op.bind.n);
      },
      call.op);
  return next;
}

class Builder {
 public:
  Builder(const Situation& situation, std::string_view text)
      : in_(situation), text_(text), scene_(setup(situation)) {}

  std::optional<Failure> run() {
    replay_trace();
    if (auto failure = read_the_call()) return failure;
    if (wants_file() && setns()->flags.empty()) {
      note("nothing opens " + file_name() + " here: name its type in the flags, or say --after '" +
           file_name() + " = open_ns(t0, net)'");
    } else if (wants_file() && !in_.own) {
      make_target();
    }
    for (const auto step : {&Builder::enter, &Builder::share, &Builder::open_own, &Builder::go_on,
                            &Builder::read_the_call}) {
      if (auto failure = (this->*step)()) return failure;
    }
    return std::nullopt;
  }
  Scene take() { return std::move(scene_); }

 private:
  static abi::Setup setup(const Situation& s) {
    abi::Setup setup = s.trace ? s.trace->setup : abi::Setup{};
    setup.profile = s.profile;
    return setup;
  }

  abi::Result apply(const abi::Call& call) {
    scene_.next_name = above(call, scene_.next_name);
    return scene_.model.apply(call);
  }

  void replay_trace() {
    if (!in_.trace) return;
    for (const abi::TraceLine& line : in_.trace->lines) {
      const Done done{line.call, apply(line.call)};
      if (line.expected && !line.expected->matches(done.result)) scene_.differing.push_back(done);
    }
    scene_.replayed = in_.trace->lines.size();
  }

  void note(std::string text) { scene_.notes.push_back(std::move(text)); }

  // A call of one of the shortcuts, which has to succeed.
  std::optional<Failure> must(std::string_view option, abi::Op op) {
    const abi::Call call{.op = std::move(op)};
    const abi::Result result = apply(call);
    if (result.ok()) return std::nullopt;
    return Failure{std::string(option) + " cannot be had here: " + abi::print(call) + " gives " +
                   outcome(result)};
  }

  std::optional<Failure> set_caps() {
    if (!in_.caps && (!in_.uid || *in_.uid == 0)) return std::nullopt;
    const abi::CapSet caps = in_.caps.value_or(0);
    return must("--caps", abi::Capset{.effective = caps, .permitted = caps});
  }

  std::optional<Failure> set_ids() {
    if (!in_.uid) return std::nullopt;
    const abi::Id id = *in_.uid;
    if (auto f = must("--uid", abi::Prctl{abi::PrctlOp::set_keepcaps, 1})) return f;
    if (auto f = must("--uid", abi::Setresgid{id, id, id})) return f;
    if (auto f = must("--uid", abi::Setresuid{id, id, id})) return f;
    // As after the execve of a login.
    return must("--uid", abi::Prctl{abi::PrctlOp::set_dumpable, 1});
  }

  std::optional<Failure> set_limits() {
    for (const std::string& name : in_.limits) {
      const auto type = abi::ns_type_from(name);
      if (!type) return Failure{"--limit: " + nsabi::quoted(name) + " is no namespace type"};
      if (auto f = must("--limit", abi::SetLimit{*type, 0})) return f;
    }
    return std::nullopt;
  }

  // Into the chroot, the ids, the capabilities and the user namespace asked for. Without ids mapped
  // a chroot needs the user namespace's capabilities, which otherwise are still t0's own.
  std::optional<Failure> enter() {
    if (auto f = set_limits()) return f;
    const auto chroot = [this]() -> std::optional<Failure> {
      return in_.chroot ? must("--chroot", abi::Chroot{}) : std::nullopt;
    };
    if (!in_.unmapped) {
      if (auto f = chroot()) return f;
      if (auto f = set_ids()) return f;
      return set_caps();
    }
    if (auto f = set_ids()) return f;
    if (auto f = must("--unmapped", abi::Unshare{flag::NEWUSER})) return f;
    note("t0's user namespace is fresh, and its id maps are not written");
    if (auto f = chroot()) return f;
    return in_.caps ? set_caps() : std::nullopt;
  }

  std::optional<Failure> share() {
    if (in_.threads) {
      const abi::Clone thread{
          .child = {scene_.next_name},
          .flags = flag::VM | flag::FS | flag::FILES | flag::SIGHAND | flag::THREAD};
      if (auto f = must("--threads", thread)) return f;
    }
    if (!in_.shared_fs) return std::nullopt;
    return must("--shared-fs", abi::Clone{.child = {scene_.next_name},
                                          .flags = flag::FS | abi::Flags(abi::kSIGCHLD)});
  }

  const abi::Setns* setns() const { return std::get_if<abi::Setns>(&scene_.call.op); }

  // A setns on a file that nothing opens: neither the trace nor a call given with --after.
  bool wants_file() const {
    if (setns() == nullptr || in_.trace) return false;
    const std::string name = file_name();
    return std::none_of(in_.after.begin(), in_.after.end(), [&name](const std::string& call) {
      const std::size_t equals = call.find('=');
      return equals != std::string::npos && call.substr(0, equals).find(name) != std::string::npos;
    });
  }
  // The one type that it joins; nothing: several, so it has to be a pidfd.
  std::optional<abi::NsType> type() const {
    for (abi::NsType t : abi::kAllNsTypes) {
      if (abi::flag_of(t) == setns()->flags) return t;
    }
    return std::nullopt;
  }
  static abi::NsLink link(abi::NsType type) {
    for (std::size_t i = abi::kNsLinks; i-- > 0;) {
      if (abi::type_of(static_cast<abi::NsLink>(i)) == type) return static_cast<abi::NsLink>(i);
    }
    return abi::NsLink::mnt;
  }

  // A process of root's in new namespaces of the types to join: a child of one that unshared them,
  // so that it is in the pid and time namespaces too.
  void make_target() {
    const abi::Flags wanted = setns()->flags & flag::NAMESPACES;
    const abi::TaskId maker{scene_.next_name + 1000}, target{scene_.next_name + 1001};
    const std::uint32_t next = scene_.next_name;
    apply({.op = abi::Fork{maker}});
    apply({.caller = maker, .op = abi::Unshare{wanted}});
    apply({.caller = maker, .op = abi::Fork{target}});
    const abi::Result opened = open(abi::TaskId{}, target);
    scene_.next_name = next;
    if (!opened.ok())
      return note(file_name() + " cannot be opened on this kernel: " + outcome(opened));
    const std::string made = " made in the initial user namespace";
    note(file_name() +
         (type() ? " is a " + std::string(abi::name(*type())) +
                       " namespace of another process, which root" + made
                 : " is a pidfd of another process, whose namespaces of these types root" + made));
  }

  std::string file_name() const { return "f" + std::to_string(setns()->file.n); }

  abi::Result open(abi::TaskId opener, abi::TaskId target) {
    if (const auto t = type()) {
      return apply({.caller = opener, .op = abi::OpenNs{setns()->file, target, link(*t)}});
    }
    return apply({.caller = opener, .op = abi::OpenPidfd{setns()->file, target}});
  }

  std::optional<Failure> open_own() {
    if (!in_.own) return std::nullopt;
    if (setns() == nullptr) return Failure{"--own is about the file of a setns"};
    if (!wants_file())
      return Failure{"--own: " + file_name() + " is something else already; leave one out"};
    if (setns()->flags.empty())
      return Failure{"--own: the flags of setns must say which namespace"};
    const std::uint32_t next = scene_.next_name;
    const abi::Result result = open(scene_.call.caller, scene_.call.caller);
    scene_.next_name = next;
    if (!result.ok()) return Failure{"--own cannot be had here: it cannot be opened"};
    note(file_name() + " is the caller's own " +
         (type() ? std::string(abi::name(*type())) + " namespace" : "pidfd"));
    return std::nullopt;
  }

  std::optional<Failure> go_on() {
    for (const std::string& text : in_.after) {
      const auto read = read_call(text, scene_.next_name);
      if (const auto* failure = std::get_if<Failure>(&read)) {
        return Failure{"--after " + failure->what};
      }
      const auto& call = std::get<abi::Call>(read);
      const abi::Result result = apply(call);
      if (result.skipped) {
        return Failure{"--after " + abi::print(call) +
                       ": not possible here: its caller does not run, or a name in it is unknown "
                       "or in use"};
      }
      scene_.before.push_back({call, result});
    }
    return std::nullopt;
  }

  std::optional<Failure> read_the_call() {
    auto read = read_call(text_, scene_.next_name);
    if (auto* failure = std::get_if<Failure>(&read)) return std::move(*failure);
    scene_.call = std::get<abi::Call>(std::move(read));
    if (in_.caller) scene_.call.caller = *in_.caller;
    return std::nullopt;
  }

  const Situation& in_;
  std::string_view text_;
  Scene scene_;
};

}  // namespace

std::variant<abi::Call, Failure> read_call(std::string_view text, std::uint32_t next_name) {
  std::string expanded(text);
  for (const Alias& alias : kAliases) {
    if (expanded.ends_with(alias.name)) {
      expanded.replace(expanded.size() - alias.name.size(), alias.name.size(), alias.call);
    }
  }
  auto read = abi::parse_call(expanded, next_name);
  if (const auto* error = std::get_if<abi::ParseError>(&read)) {
    return Failure{nsabi::quoted(text) + ": column " + std::to_string(error->column) +
                   ": expected " + error->expected};
  }
  return std::get<abi::Call>(std::move(read));
}

std::variant<Scene, Failure> build(const Situation& situation, std::string_view call) {
  Builder builder(situation, call);
  if (auto failure = builder.run()) return *failure;
  return builder.take();
}

}  // namespace cli
