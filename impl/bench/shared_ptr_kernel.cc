// The plain version: see shared_ptr_kernel.h.
#include "impl/bench/shared_ptr_kernel.h"

#include <limits>
#include <map>
#include <unordered_set>
#include <utility>

#include "abi/cap.h"

namespace impl {

using namespace nsabi;

struct SharedPtrKernel::UserNs {
  Ref<UserNs> parent;
  std::uint32_t level = 0;
  Id owner = 0;
  std::array<std::atomic<std::uint32_t>, kNsTypes> limits{};
  std::map<Id, std::array<std::uint32_t, kNsTypes>> charges;  // under charges_lock_
};

// One unit of a user's quota, given back when the namespace dies.
struct SharedPtrKernel::Charge {
  Charge(SharedPtrKernel& of, Ref<UserNs> in, Id user, NsType what)
      : kernel(of), ns(std::move(in)), uid(user), type(what) {}
  ~Charge() {
    const std::lock_guard guard(kernel.charges_lock_);
    if (taken) --ns->charges[uid][index(type)];
  }
  bool take() {
    const std::lock_guard guard(kernel.charges_lock_);
    std::uint32_t& n = ns->charges[uid][index(type)];
    taken = n < ns->limits[index(type)];
    if (taken) ++n;
    return taken;
  }
  SharedPtrKernel& kernel;
  Ref<UserNs> ns;
  Id uid;
  NsType type;
  bool taken = false;
};

struct SharedPtrKernel::Namespace {
  NsType type = NsType::mnt;
  std::uint64_t id = 0;
  Ref<UserNs> owner;
  std::unique_ptr<Charge> charge;
  std::int64_t offset = 0;  // time
  std::atomic<bool> frozen{false};
};

struct SharedPtrKernel::Nsproxy {
  std::array<Ref<Namespace>, kNsproxySlots> slots;  // by NsLink
  Ref<Namespace>& operator[](NsLink link) { return slots[index(link)]; }
  const Ref<Namespace>& operator[](NsLink link) const { return slots[index(link)]; }
};

struct SharedPtrKernel::Cred {
  std::array<Id, 3> uid{}, gid{};
  CapSet effective = 0, permitted = 0, inheritable = 0, bounding = 0, ambient = 0;
  Ref<UserNs> user_ns;
};

struct SharedPtrKernel::Pid {
  std::int32_t number = 0;
  std::weak_ptr<Task> task;
};

struct SharedPtrKernel::Task {
  struct Fs {
    bool chrooted = false;
  };
  struct Files {};
  struct Sighand {};
  struct Signal {
    bool subreaper = false;
  };
  struct Mm {
    Ref<UserNs> user_ns;
    std::atomic<bool> dumpable{true};
  };

  std::uint32_t name = 0;
  std::mutex lock;             // nsproxy and cred, which other tasks look at
  Ref<const Nsproxy> nsproxy;  // null: exited
  Ref<const Cred> cred;
  Ref<Fs> fs;
  Ref<Files> files;
  Ref<Sighand> sighand;
  Ref<Signal> signal;
  Ref<Mm> mm;
  Ref<Pid> pid;
  Task* parent = nullptr;              // under tasks_lock_
  std::unordered_set<Task*> children;  // under tasks_lock_
  bool zombie = false;                 // under tasks_lock_
};

struct SharedPtrKernel::File {
  Ref<const Cred> cred;
  Ref<Namespace> ns;
  Ref<Pid> pid;
};

SharedPtrKernel::SharedPtrKernel(const Setup& setup) {
  const auto user = std::make_shared<UserNs>();
  for (auto& limit : user->limits) limit = std::numeric_limits<std::int32_t>::max();
  const auto nsproxy = std::make_shared<Nsproxy>();
  for (std::size_t i = 0; i < kNsproxySlots; ++i) {
    const auto link = static_cast<NsLink>(i);
    if (link == NsLink::time) {
      (*nsproxy)[link] = (*nsproxy)[NsLink::time_for_children];
      continue;
    }
    const auto ns = std::make_shared<Namespace>();
    ns->type = type_of(link);
    ns->id = next_id_++;
    ns->owner = user;
    (*nsproxy)[link] = ns;
  }
  const auto cred = std::make_shared<Cred>();
  cred->uid = {setup.uid, setup.uid, setup.uid};
  cred->gid = {setup.gid, setup.gid, setup.gid};
  cred->effective = cred->permitted = setup.caps;
  cred->bounding = setup.bounding;
  cred->user_ns = user;

  const auto t0 = std::make_shared<Task>();
  t0->nsproxy = nsproxy;
  t0->cred = cred;
  t0->fs = std::make_shared<Task::Fs>();
  t0->files = std::make_shared<Task::Files>();
  t0->sighand = std::make_shared<Task::Sighand>();
  t0->signal = std::make_shared<Task::Signal>();
  t0->mm = std::make_shared<Task::Mm>();
  t0->mm->user_ns = user;
  t0->pid = std::make_shared<Pid>();
  t0->pid->number = ++last_pid_;
  t0->pid->task = t0;
  tasks_[0] = t0;
}

SharedPtrKernel::~SharedPtrKernel() = default;

SharedPtrKernel::Ref<SharedPtrKernel::Task> SharedPtrKernel::find_task(TaskId id) {
  const std::lock_guard guard(tasks_lock_);
  const auto found = tasks_.find(id.n);
  return found == tasks_.end() ? nullptr : found->second;
}

SharedPtrKernel::Ref<SharedPtrKernel::File> SharedPtrKernel::find_file(FileId id) {
  const std::lock_guard guard(files_lock_);
  const auto found = files_.find(id.n);
  return found == files_.end() ? nullptr : found->second;
}

bool SharedPtrKernel::capable(const Cred& cred, const UserNs& target, int cap) const {
  for (const UserNs* ns = &target;; ns = ns->parent.get()) {
    if (ns == cred.user_ns.get()) return (cred.effective & cap_bit(cap)) != 0;
    if (ns->level <= cred.user_ns->level) return false;
    if (ns->parent == cred.user_ns && ns->owner == cred.uid[1]) return true;
  }
}

// Replaces the slots that the flags name by new namespaces.
Errno SharedPtrKernel::unshare_into(Nsproxy& ns, const Cred& cred, Flags flags) {
  for (std::size_t i = 0; i < kNsproxySlots - 1; ++i) {
    const auto link = static_cast<NsLink>(i);
    const NsType type = type_of(link);
    if (!flags.has(flag_of(type))) continue;
    auto charge = std::make_unique<Charge>(*this, cred.user_ns, cred.uid[1], type);
    if (!charge->take()) return Errno::kENOSPC;
    const auto made = std::make_shared<Namespace>();
    made->type = type;
    made->id = next_id_.fetch_add(1, std::memory_order_relaxed);
    made->owner = cred.user_ns;
    made->charge = std::move(charge);
    made->offset = ns[link]->offset;
    ns[link] = made;
  }
  return Errno::kOk;
}

Errno SharedPtrKernel::install(Nsproxy& into, const Cred& cred, const Ref<Namespace>& ns) {
  if (!capable(cred, *ns->owner, cap::SYS_ADMIN) || !capable(cred, *cred.user_ns, cap::SYS_ADMIN)) {
    return Errno::kEPERM;
  }
  for (std::size_t i = 0; i < kNsproxySlots; ++i) {
    if (type_of(static_cast<NsLink>(i)) == ns->type) into.slots[i] = ns;
  }
  if (ns->type == NsType::time) ns->frozen = true;
  return Errno::kOk;
}

Result SharedPtrKernel::call(Task& me, const Fork& c) {
  const auto child = std::make_shared<Task>();
  child->name = c.child.n;
  child->cred = std::make_shared<const Cred>(*me.cred);
  child->files = std::make_shared<Task::Files>();
  child->fs = std::make_shared<Task::Fs>(*me.fs);
  child->sighand = std::make_shared<Task::Sighand>();
  child->signal = std::make_shared<Task::Signal>();
  child->mm = std::make_shared<Task::Mm>();
  child->mm->user_ns = me.mm->user_ns;
  child->mm->dumpable = me.mm->dumpable.load();
  if ((*me.nsproxy)[NsLink::time] == (*me.nsproxy)[NsLink::time_for_children]) {
    child->nsproxy = me.nsproxy;
  } else {
    auto ns = std::make_shared<Nsproxy>(*me.nsproxy);
    (*ns)[NsLink::time] = (*ns)[NsLink::time_for_children];
    (*ns)[NsLink::time]->frozen = true;
    child->nsproxy = std::move(ns);
  }
  child->pid = std::make_shared<Pid>();
  child->pid->task = child;
  child->parent = &me;
  const std::lock_guard guard(tasks_lock_);
  child->pid->number = ++last_pid_;
  numbers_[child->pid->number] = child->pid;
  if (!tasks_.emplace(c.child.n, child).second) return Result::skip();
  me.children.insert(child.get());
  return Result::success(child->pid->number);
}

Result SharedPtrKernel::call(Task& me, const Exit&) {
  me.mm.reset();
  me.files.reset();
  me.fs.reset();
  Ref<const Nsproxy> nsproxy;
  {
    const std::lock_guard guard(me.lock);
    nsproxy = std::move(me.nsproxy);
  }
  nsproxy.reset();
  const std::lock_guard guard(tasks_lock_);
  for (Task* const orphan : me.children) {
    orphan->parent = me.parent;
    if (me.parent != nullptr) me.parent->children.insert(orphan);
  }
  me.children.clear();
  me.zombie = true;
  return Result::success();
}

Result SharedPtrKernel::call(Task& me, const Wait& c) {
  Ref<Task> reaped;  // dies after the lock is dropped
  const std::lock_guard guard(tasks_lock_);
  const auto found = tasks_.find(c.child.n);
  if (found == tasks_.end() || found->second->parent != &me) {
    return Result::failure(Errno::kECHILD);
  }
  if (!found->second->zombie) return Result::success(0);
  reaped = std::move(found->second);
  me.children.erase(reaped.get());
  numbers_.erase(reaped->pid->number);
  tasks_.erase(found);
  return Result::success(1);
}

Result SharedPtrKernel::call(Task& me, const Unshare& c) {
  if (!(c.flags & ~flag::NSPROXY).empty()) return Result::failure(Errno::kENOSYS);
  if (!capable(*me.cred, *me.cred->user_ns, cap::SYS_ADMIN)) {
    return Result::failure(Errno::kEPERM);
  }
  auto ns = std::make_shared<Nsproxy>(*me.nsproxy);
  const Errno e = unshare_into(*ns, *me.cred, c.flags);
  if (e != Errno::kOk) return Result::failure(e);
  Ref<const Nsproxy> next = std::move(ns);
  if (c.flags.has(flag::NEWNS)) me.fs = std::make_shared<Task::Fs>(*me.fs);
  const std::lock_guard guard(me.lock);
  me.nsproxy.swap(next);
  return Result::success();
}

Result SharedPtrKernel::call(Task& me, const Setns& c) {
  const Ref<File> file = find_file(c.file);
  if (!file) return Result::failure(Errno::kEBADF);
  auto ns = std::make_shared<Nsproxy>(*me.nsproxy);
  if (file->ns) {
    if (!c.flags.empty() && c.flags != flag_of(file->ns->type)) {
      return Result::failure(Errno::kEINVAL);
    }
    const Errno e = install(*ns, *me.cred, file->ns);
    if (e != Errno::kOk) return Result::failure(e);
  } else {
    const Ref<Task> target = file->pid->task.lock();
    if (!target) return Result::failure(Errno::kESRCH);
    Ref<const Nsproxy> from;
    Ref<const Cred> theirs;
    {
      const std::lock_guard guard(target->lock);
      from = target->nsproxy;
      theirs = target->cred;
    }
    if (theirs->uid[0] != me.cred->uid[0] &&
        !capable(*me.cred, *theirs->user_ns, cap::SYS_PTRACE)) {
      return Result::failure(Errno::kEPERM);
    }
    if (!from) return Result::failure(Errno::kESRCH);
    for (std::size_t i = 0; i < kNsproxySlots - 2; ++i) {
      const auto link = static_cast<NsLink>(i);
      if (!c.flags.has(flag_of(type_of(link)))) continue;
      const Errno e = install(*ns, *me.cred, (*from)[link]);
      if (e != Errno::kOk) return Result::failure(e);
    }
  }
  Ref<const Nsproxy> next = std::move(ns);
  const std::lock_guard guard(me.lock);
  me.nsproxy.swap(next);
  return Result::success();
}

Result SharedPtrKernel::call(Task& me, const Execve&) {
  auto cred = std::make_shared<Cred>(*me.cred);
  cred->uid[2] = cred->uid[1];
  cred->gid[2] = cred->gid[1];
  if (cred->uid[1] == 0) cred->permitted = cred->effective = cred->bounding | cred->inheritable;
  const auto mm = std::make_shared<Task::Mm>();
  mm->user_ns = cred->user_ns;
  me.mm = mm;
  Ref<const Nsproxy> next;
  if ((*me.nsproxy)[NsLink::time] != (*me.nsproxy)[NsLink::time_for_children]) {
    auto ns = std::make_shared<Nsproxy>(*me.nsproxy);
    (*ns)[NsLink::time] = (*ns)[NsLink::time_for_children];
    (*ns)[NsLink::time]->frozen = true;
    next = std::move(ns);
  }
  Ref<const Cred> old = std::move(cred);
  const std::lock_guard guard(me.lock);
  me.cred.swap(old);
  if (next) me.nsproxy.swap(next);
  return Result::success();
}

Result SharedPtrKernel::call(Task& me, const OpenNs& c) {
  const Ref<Task> target = find_task(c.target);
  if (!target) return Result::failure(Errno::kENOENT);
  auto file = std::make_shared<File>();
  file->cred = me.cred;
  {
    const std::lock_guard guard(target->lock);
    if (!target->nsproxy) return Result::failure(Errno::kENOENT);
    file->ns = (*target->nsproxy)[c.link];
  }
  const std::lock_guard guard(files_lock_);
  return files_.emplace(c.file.n, std::move(file)).second ? Result::success() : Result::skip();
}

Result SharedPtrKernel::call(Task& me, const OpenPidfd& c) {
  const Ref<Task> target = find_task(c.target);
  if (!target) return Result::failure(Errno::kESRCH);
  auto file = std::make_shared<File>();
  file->cred = me.cred;
  file->pid = target->pid;
  const std::lock_guard guard(files_lock_);
  return files_.emplace(c.file.n, std::move(file)).second ? Result::success() : Result::skip();
}

Result SharedPtrKernel::apply(const Call& c) {
  const Ref<Task> me = find_task(c.caller);
  if (!me || !me->nsproxy) return Result::skip();
  return std::visit([&](const auto& op) { return call(*me, op); }, c.op);
}

}  // namespace impl
