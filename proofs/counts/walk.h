// Draws the graph of a kernel (heap.h). Instantiated with the kernel: see subject_impl.h,
// replay.cc.
#pragma once

#include <algorithm>

#include "impl/kernel.h"  // first: the kernel headers do not include what they use of it
#include "impl/kernel/view.h"
#include "proofs/counts/heap.h"

namespace proofs {

template <class K>
class Walk {
 public:
  static Heap look(const impl::KernelOf<K>& state) {
    Walk walk;
    walk.heap_.initial_counted =
        !impl::Cpu<K>::optimized(impl::kUncountedInitial) && !state.uncounted_initial;
    walk.heap_.counts_uses = static_cast<bool>(state.rules.active_refs);
    const auto each = [&](const auto& slab) {
      slab.for_each([&](const auto& o) { walk.visit(o); });
    };
    std::apply([&](const auto&... slabs) { (each(slabs), ...); }, state.slabs());
    auto& nodes = walk.heap_.nodes;
    std::sort(nodes.begin(), nodes.end(), [](const Node& a, const Node& b) { return a.id < b.id; });
    return std::move(walk.heap_);
  }

 private:
  using M = typename K::Machine;

  static Number count(const typename K::Count& c) {
    if constexpr (requires { c.number(); }) {
      return c.number();
    } else {
      return {M::value(c), std::nullopt};
    }
  }
  static Number cell(const typename K::template Cell<std::uint32_t>& c) {
    if constexpr (requires { c.number(); }) {
      return c.number();
    } else {
      return {c.get(), std::nullopt};
    }
  }
  static Word word(const typename K::Word& w) {
    if constexpr (std::same_as<typename K::Word, Word>) {
      return w;
    } else {
      return Word(w);
    }
  }

  template <class T>
  Node& node(const T& o) {
    Node& n = heap_.nodes.emplace_back();
    n.id = o.id;
    n.kind = T::kKind;
    n.refs = count(o.refs);
    return n;
  }
  template <class T>
  static void link(Node& n, std::string_view role, const T* to, bool holds = true,
                   bool uses = false) {
    if (to == nullptr) return;
    n.links.push_back({role, to->id, holds, uses, impl::ObjIdParts::kind(to->id)});
  }
  template <class T>
  static void field(Node& n, std::string_view name, T value) {
    n.fields.push_back({name, static_cast<std::uint64_t>(value)});
  }
  static std::uint64_t name_of(const impl::Task<K>* t) { return t == nullptr ? ~0ull : t->name.n; }

  // -- namespaces --------------------------------------------------------------------------------
  template <class T>
  requires requires { T::kType; }
  void visit(const T& ns) {
    Node& n = node(ns);
    n.initial = ns.initial;
    n.active = count(ns.active);
    // Whether an owner is used depends on the namespace's own uses: Tally asks.
    link(n, "owner", ns.owner);
    link(n, "charged", ns.charged);
    link(n, "stashed", M::own(ns.stashed), false);
    detail(n, ns);
  }
  template <class T>
  void detail(Node&, const T&) {}
  void detail(Node& n, const impl::MntNs<K>& ns) {
    for (const impl::Mount<K>* m = ns.mounts; m != nullptr; m = m->next) link(n, "mount", m);
  }
  void detail(Node& n, const impl::IpcNs<K>& ns) {
    link(n, "sempid", ns.sempid);
    field(n, "semaphore", ns.semaphore.get());
  }
  void detail(Node& n, const impl::TimeNs<K>& ns) {
    field(n, "seconds", ns.seconds.get());
    field(n, "frozen", ns.frozen.get());
  }
  void detail(Node& n, const impl::PidNs<K>& ns) {
    link(n, "parent", ns.parent);
    field(n, "level", ns.level);
    field(n, "adding", ns.adding);
    field(n, "processes", ns.allocated);
    field(n, "last number", ns.last);
    field(n, "had a reaper", ns.had_reaper.get());
    field(n, "reaper", name_of(ns.child_reaper));
    std::uint64_t taken = 0;
    ns.numbers.for_each([&](const impl::Pid<K>&) { ++taken; });
    field(n, "numbers taken", taken);
  }
  void detail(Node& n, const impl::UserNs<K>& ns) {
    field(n, "level", ns.level);
    field(n, "owner uid", ns.owner_uid);
    field(n, "setgroups", ns.setgroups.get());
  }

  // -- what tasks share --------------------------------------------------------------------------
  void visit(const impl::Nsproxy<K>& ns) {
    Node& n = node(ns);
    for (std::size_t i = 0; i < abi::kNsproxySlots; ++i) {
      const auto slot = static_cast<abi::NsLink>(i);
      link(n, abi::name(slot), ns.slot(slot), !ns.lends(slot), true);
    }
  }
  void visit(const impl::Cred<K>& c) {
    Node& n = node(c);
    link(n, "user", c.user_ns);
    link(n, "ucounts", c.ucounts);
    for (const abi::Id id : c.uid) field(n, "uid", id);
    for (const abi::Id id : c.gid) field(n, "gid", id);
    field(n, "permitted", c.permitted);
    field(n, "inheritable", c.inheritable);
    field(n, "bounding", c.bounding);
    field(n, "ambient", c.ambient);
    field(n, "keep_caps", c.keep_caps);
    n.effective = word(c.effective);
  }
  void visit(const impl::Ucounts<K>& u) {
    Node& n = node(u);
    link(n, "user", u.ns);
    field(n, "uid", u.uid);
    for (std::size_t t = 0; t < abi::kNsTypes; ++t) {
      n.charges[t] = cell(u.charges[t]);
      n.limits[t] = cell(u.ns->limits[t]);
    }
  }
  void visit(const impl::Pid<K>& p) {
    Node& n = node(p);
    link(n, "pid", p.ns);
    field(n, "task", name_of(M::own(p.task)));
    field(n, "number", p.numbers[p.level]);
  }
  void visit(const impl::Fs<K>& fs) { field(node(fs), "root", fs.root.get().bits); }
  void visit(const impl::Files<K>& f) { node(f); }
  void visit(const impl::Sighand<K>& s) { node(s); }
  void visit(const impl::Signal<K>& s) {
    Node& n = node(s);
    field(n, "threads", s.threads.get());
    field(n, "live threads", s.alive.get());
    field(n, "unkillable", s.unkillable.get());
  }
  void visit(const impl::Undo<K>& u) { field(node(u), "adjust", u.adjust); }
  void visit(const impl::Mm<K>& m) {
    Node& n = node(m);
    link(n, "user", m.user_ns);
    field(n, "dumpable", m.dumpable.get());
  }

  // -- files -------------------------------------------------------------------------------------
  void visit(const impl::Inode<K>& i) { link(node(i), "namespace", i.ns, true, true); }
  void visit(const impl::Mount<K>& m) {
    Node& n = node(m);
    link(n, "inode", m.inode);
    field(n, "locked", m.locked);
  }
  void visit(const impl::File<K>& f) {
    Node& n = node(f);
    link(n, "descriptor", &f);
    link(n, "credentials", f.cred);
    link(n, "inode", f.inode);
    link(n, "struct pid", f.pid);
    link(n, "net", f.net_ns);
    link(n, "cgroup", f.cgroup);
  }

  // -- tasks -------------------------------------------------------------------------------------
  void visit(const impl::Task<K>& t) {
    Node& n = node(t);
    const impl::Cred<K>* const cred = M::own(t.cred);
    const impl::Pid<K>* const pid = M::own(t.pid);
    const bool lives = !t.exiting.get();
    link(n, "nsproxy", M::own(t.nsproxy), lives);
    link(n, "credentials", cred);
    link(n, "struct pid", pid);
    link(n, "fs", M::own(t.fs), lives);
    link(n, "mm", M::own(t.mm), lives);
    link(n, "undo list", t.undo, lives);
    link(n, "sighand", t.sighand);
    link(n, "signal", t.signal);
    if (lives) link(n, "files", t.files);
    if (cred != nullptr) link(n, "user", cred->user_ns, false, true);
    if (pid != nullptr) link(n, "active pid", pid->ns, false, true);
    field(n, "name", t.name.n);
    field(n, "state", t.state.get());
    field(n, "parent", name_of(t.real_parent));
    field(n, "exiting", t.exiting.get());
  }

  Heap heap_;
};

}  // namespace proofs
