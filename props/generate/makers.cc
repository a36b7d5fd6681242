#include "props/generate/makers.h"

namespace props {
namespace {

abi::NsLink some_link(Random& random) {
  return static_cast<abi::NsLink>(random.below(abi::kNsLinks));
}

// The names of what exists are taken: such a call is skipped, by every system alike.
bool reuse_name(Generator& g) { return g.stale() && g.random().one_in(4); }

abi::TaskId child_name(Generator& g, const Live& live) {
  return reuse_name(g) ? g.target(live) : g.new_task();
}

abi::FileId file_name(Generator& g, const Live& live) {
  return reuse_name(g) ? g.file(live, live.files()) : g.new_file();
}

abi::BindId some_bind(Generator& g, const Live& live) {
  if (live.binds().empty() || g.stale()) return abi::BindId{g.random().below(8u)};
  return abi::BindId{g.random().of(live.binds().items())};
}

// By position in abi::Op; the table below keeps one function per alternative.
using Maker = abi::Op (*)(Generator&, const Live&, abi::TaskId);
constexpr Maker kMakers[] = {
    [](Generator& g, const Live& l, abi::TaskId) -> abi::Op { return abi::Fork{child_name(g, l)}; },
    [](Generator& g, const Live& l, abi::TaskId) -> abi::Op {
      return abi::Vfork{child_name(g, l)};
    },
    [](Generator& g, const Live& l, abi::TaskId) { return make_clone(g, l); },
    [](Generator& g, const Live& l, abi::TaskId) { return make_clone3(g, l); },
    [](Generator& g, const Live&, abi::TaskId) -> abi::Op {
      return abi::Unshare{unshare_flags(g)};
    },
    [](Generator& g, const Live& l, abi::TaskId) { return make_setns(g, l); },
    [](Generator&, const Live&, abi::TaskId) -> abi::Op { return abi::Execve{}; },
    [](Generator& g, const Live&, abi::TaskId) -> abi::Op {
      return abi::Exit{g.random().one_in(3)};
    },
    [](Generator& g, const Live& l, abi::TaskId) -> abi::Op { return abi::Kill{g.target(l)}; },
    [](Generator& g, const Live& l, abi::TaskId) -> abi::Op { return abi::Wait{g.target(l)}; },
    [](Generator& g, const Live& l, abi::TaskId) -> abi::Op {
      const abi::TaskId target = g.target(l);
      const abi::NsLink link = some_link(g.random());
      return abi::OpenNs{file_name(g, l), target, link, g.random().one_in(12)};
    },
    [](Generator& g, const Live& l, abi::TaskId) -> abi::Op {
      const abi::TaskId target = g.target(l);
      return abi::OpenPidfd{file_name(g, l), target, g.random().one_in(6)};
    },
    [](Generator& g, const Live& l, abi::TaskId) -> abi::Op {
      abi::OpenFile c{.file = file_name(g, l)};
      c.kind = static_cast<abi::FileKind>(g.random().below(4u));
      if (c.kind == abi::FileKind::proc_dir) c.target = g.target(l);
      return c;
    },
    [](Generator& g, const Live& l, abi::TaskId) -> abi::Op {
      return abi::Close{g.file(l, l.files())};
    },
    [](Generator& g, const Live& l, abi::TaskId) -> abi::Op {
      return abi::BindNs{reuse_name(g) ? some_bind(g, l) : g.new_bind(), g.file(l, l.ns_files())};
    },
    [](Generator& g, const Live& l, abi::TaskId) -> abi::Op {
      return abi::UnbindNs{some_bind(g, l)};
    },
    [](Generator& g, const Live& l, abi::TaskId) { return make_ioctl(g, l); },
    [](Generator& g, const Live&, abi::TaskId) -> abi::Op {
      return abi::Chroot{g.random().one_in(3) ? abi::RootPlace::top : abi::RootPlace::inside};
    },
    [](Generator&, const Live&, abi::TaskId) -> abi::Op { return abi::PivotRoot{}; },
    [](Generator& g, const Live&, abi::TaskId) { return make_setresuid(g); },
    [](Generator& g, const Live&, abi::TaskId) { return make_setresgid(g); },
    [](Generator& g, const Live& l, abi::TaskId c) { return make_capset(g, l, c); },
    [](Generator& g, const Live&, abi::TaskId) { return make_prctl(g); },
    [](Generator& g, const Live& l, abi::TaskId c) { return make_id_map(g, l, c); },
    [](Generator& g, const Live& l, abi::TaskId) -> abi::Op {
      return abi::WriteSetgroups{g.target(l), g.random().one_in(3)};
    },
    [](Generator& g, const Live&, abi::TaskId) { return make_limit(g); },
    [](Generator& g, const Live& l, abi::TaskId c) { return make_timens(g, l, c); },
    [](Generator&, const Live&, abi::TaskId) -> abi::Op { return abi::Semop{}; },
};
static_assert(std::size(kMakers) == abi::kOps);

}  // namespace

abi::Op make_op(Generator& g, const Live& live, abi::TaskId caller, std::size_t op_index) {
  return kMakers[op_index](g, live, caller);
}

}  // namespace props
