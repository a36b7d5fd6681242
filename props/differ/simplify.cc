// What is simpler than a call: the variants that shrinking tries in its place.
#include <map>

#include "props/differ/names.h"
#include "props/differ/shrink.h"

namespace props {
namespace {

using abi::Flags;

class Variants {
 public:
  explicit Variants(const abi::Call& call) : call_(call) {}

  template <class C>
  void add(C op) {
    abi::Call simpler = call_;
    simpler.op = std::move(op);
    if (simpler != call_) all_.push_back(std::move(simpler));
  }
  void add_call(abi::Call simpler) {
    if (simpler != call_) all_.push_back(std::move(simpler));
  }
  // One variant for each way to drop a flag, and one with all of `keep` only.
  template <class C>
  void add_flags(const C& op, Flags keep) {
    C all_dropped = op;
    all_dropped.flags &= keep;
    add(all_dropped);
    for (std::uint64_t left = op.flags.bits() & ~keep.bits(); left != 0; left &= left - 1) {
      C dropped = op;
      dropped.flags &= ~Flags(left & (~left + 1));
      add(dropped);
    }
  }
  std::vector<abi::Call> take() { return std::move(all_); }

 private:
  const abi::Call& call_;
  std::vector<abi::Call> all_;
};

void simplify(const abi::Vfork& c, Variants& v) { v.add(abi::Fork{c.child}); }

void simplify(const abi::Clone& c, Variants& v) {
  const Flags signal{abi::kSIGCHLD};
  v.add(abi::Fork{c.child});
  abi::Clone plain = c;
  plain.flags = (c.flags & ~abi::flag::EXIT_SIGNAL) | signal;
  plain.pidfd_pointer = abi::Pointer::good;
  v.add(plain);
  v.add_flags(c, abi::flag::EXIT_SIGNAL);
}

void simplify(const abi::Clone3& c, Variants& v) {
  v.add(abi::Fork{c.child});
  abi::Clone as_clone{.child = c.child, .flags = c.flags & ~abi::flag::EXIT_SIGNAL};
  as_clone.flags |= Flags(abi::kSIGCHLD);
  v.add(as_clone);
  abi::Clone3 plain;
  plain.child = c.child;
  plain.pidfd = c.pidfd;
  plain.flags = c.flags;
  v.add(plain);
  plain.exit_signal = c.exit_signal;
  v.add(plain);
  plain.set_tid = c.set_tid;
  plain.set_tid_size = c.set_tid_size;
  plain.set_tid_pointer = c.set_tid_pointer;
  v.add(plain);
  v.add_flags(c, {});
  if (c.set_tid.size() > 1) {
    abi::Clone3 shorter = c;
    shorter.set_tid.pop_back();
    shorter.set_tid_size = shorter.set_tid.size();
    v.add(shorter);
  }
  const auto reset = [&](auto member) {
    abi::Clone3 less = c;
    less.*member = abi::Clone3{}.*member;
    v.add(less);
  };
  reset(&abi::Clone3::stack);
  reset(&abi::Clone3::stack_size);
  reset(&abi::Clone3::cgroup);
  reset(&abi::Clone3::size);
  reset(&abi::Clone3::args);
  reset(&abi::Clone3::nonzero_tail);
  reset(&abi::Clone3::pidfd_pointer);
  reset(&abi::Clone3::same_tid_pointer);
}

void simplify(const abi::Unshare& c, Variants& v) { v.add_flags(c, {}); }
void simplify(const abi::Setns& c, Variants& v) { v.add_flags(c, {}); }

void simplify(const abi::OpenNs& c, Variants& v) {
  abi::OpenNs simpler = c;
  simpler.o_path = false;
  v.add(simpler);
}

void simplify(const abi::NsIoctl& c, Variants& v) {
  abi::NsIoctl simpler = c;
  simpler.pointer = abi::Pointer::good;
  v.add(simpler);
}

void simplify(const abi::Setresuid& c, Variants& v) {
  for (const auto member :
       {&abi::Setresuid::real, &abi::Setresuid::effective, &abi::Setresuid::saved}) {
    abi::Setresuid simpler = c;
    simpler.*member = abi::kUnchanged;
    v.add(simpler);
  }
}

void simplify(const abi::Setresgid& c, Variants& v) {
  for (const auto member :
       {&abi::Setresgid::real, &abi::Setresgid::effective, &abi::Setresgid::saved}) {
    abi::Setresgid simpler = c;
    simpler.*member = abi::kUnchanged;
    v.add(simpler);
  }
}

void simplify(const abi::Capset& c, Variants& v) {
  v.add(abi::Capset{});
  v.add(abi::Capset{c.effective, c.permitted, 0});
  v.add(abi::Capset{c.permitted, c.permitted, 0});
}

void simplify(const abi::WriteIdMap& c, Variants& v) {
  for (std::size_t i = 0; c.extents.size() > 1 && i < c.extents.size(); ++i) {
    abi::WriteIdMap simpler = c;
    simpler.extents.erase(simpler.extents.begin() + static_cast<std::ptrdiff_t>(i));
    v.add(simpler);
  }
  if (c.extents.size() > 2) {
    abi::WriteIdMap half = c;
    half.extents.resize(c.extents.size() / 2);
    v.add(half);
  }
}

void simplify(const abi::WriteTimens& c, Variants& v) {
  v.add(abi::WriteTimens{c.target, 1, 0});
  v.add(abi::WriteTimens{c.target, c.seconds, 0});
}

template <class C>
void simplify(const C&, Variants&) {}

}  // namespace

std::vector<abi::Call> simpler(const abi::Call& call) {
  Variants variants(call);
  if (call.fault != 0) {
    abi::Call without = call;
    without.fault = 0;
    variants.add_call(without);
  }
  abi::Call by_t0 = call;
  by_t0.caller = abi::kInitialTask;
  variants.add_call(by_t0);
  std::visit([&](const auto& c) { simplify(c, variants); }, call.op);
  // An operand that is t0.
  abi::Call on_t0 = call;
  visit_names(on_t0.op, [](auto& name, bool makes) {
    if constexpr (std::is_same_v<std::decay_t<decltype(name)>, abi::TaskId>) {
      if (!makes) name = abi::kInitialTask;
    }
  });
  variants.add_call(on_t0);
  return variants.take();
}

abi::Program renumbered(const abi::Program& program) {
  std::map<std::uint32_t, std::uint32_t> tasks{{0, 0}}, files, binds;
  const auto number = [](auto& name, std::map<std::uint32_t, std::uint32_t>& known) {
    name.n = known.try_emplace(name.n, static_cast<std::uint32_t>(known.size())).first->second;
  };
  abi::Program out = program;
  for (abi::Call& call : out) {
    number(call.caller, tasks);
    visit_names(call.op, [&](auto& name, bool) {
      using Name = std::decay_t<decltype(name)>;
      if constexpr (std::is_same_v<Name, abi::TaskId>) number(name, tasks);
      if constexpr (std::is_same_v<Name, abi::FileId>) number(name, files);
      if constexpr (std::is_same_v<Name, abi::BindId>) number(name, binds);
    });
  }
  return out;
}

}  // namespace props
