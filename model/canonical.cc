#include "model/canonical.h"

#include <algorithm>
#include <array>
#include <vector>

#include "model/state.h"

namespace model {
namespace {

class Digest {
 public:
  explicit Digest(const State& s) : s_(s) {}

  void all(std::uint32_t names);
  std::uint64_t value() const { return hash_; }

 private:
  void put(std::uint64_t word) {
    hash_ = (hash_ ^ word) * 0x9e3779b97f4a7c15u;
    hash_ ^= hash_ >> 29;
  }
  template <class... Words>
  void put_all(Words... words) {
    (put(static_cast<std::uint64_t>(words)), ...);
  }
  // Tells which record it is; a new one is queued to be told in full.
  void put(ObjKind kind, Slot slot);
  void put(ObjKind kind, const Hold& h) { put(kind, h ? h.at : kNoSlot); }
  void put_task(Slot slot) { put(slot == kNoSlot ? ~0ull : s_.tasks[slot].id.n); }
  void put_ids(const std::array<abi::Id, 3>& ids) { put_all(ids[0], ids[1], ids[2]); }
  void put_map(const Extents& map);

  void tell(const Task& t);
  void tell(Ref r);
  void tell_ns(Slot slot);
  void tell_pid(const Pid& pid);
  void tell_file(const File& f);

  const State& s_;
  std::uint64_t hash_ = 0x6a09e667f3bcc908u;
  std::array<std::vector<std::uint32_t>, abi::kObjKinds> numbers_;  // by slot; 0: not met yet
  std::uint32_t met_ = 0;
  std::vector<Ref> queue_;
  std::vector<Slot> ordered_;
};

void Digest::put(ObjKind kind, Slot slot) {
  if (slot == kNoSlot) return put(0);
  // All namespaces share slots: one table for them.
  std::vector<std::uint32_t>& numbers = numbers_[abi::is_ns(kind) ? 0 : abi::index(kind)];
  if (slot >= numbers.size()) numbers.resize(slot + std::size_t{8});
  if (numbers[slot] == 0) {
    numbers[slot] = ++met_;
    queue_.push_back({kind, slot});
  }
  put(numbers[slot]);
}

void Digest::put_map(const Extents& map) {
  put_all(map.identity, map.list.size());
  for (const abi::Extent& e : map.list) put_all(e.inside, e.outside, e.count);
}

void Digest::tell(const Task& t) {
  put_all(t.id.n, t.state, t.exit_signal, t.was_dumpable);
  put(ObjKind::nsproxy, t.nsproxy);
  put(ObjKind::cred, t.cred);
  put(ObjKind::pid, t.pid);
  put(ObjKind::fs, t.fs);
  put(ObjKind::files, t.files);
  put(ObjKind::mm, t.mm);
  put(ObjKind::sighand, t.sighand);
  put(ObjKind::signal, t.signal);
  put(ObjKind::undo, t.undo);
  for (const Slot other : {t.parent, t.vfork_parent, t.vfork_child}) put_task(other);
}

void Digest::tell_ns(Slot slot) {
  const Ns& n = s_.ns[slot];
  put_all(n.type, n.initial, n.level, n.had_init, n.last_number, n.dead, n.offset, n.frozen,
          n.semaphore, n.owner_uid, n.owner_gid, n.setgroups_allowed, n.parent_could_setfcap);
  put(ObjKind::user, n.owner);
  put(ObjKind::ucounts, n.ucounts);
  put(ObjKind::pid_ns, n.parent);
  put(ObjKind::pid, n.sempid);
  put(ObjKind::inode, n.inode);
  put_task(n.child_reaper);
  put_task(n.dying);
  put_map(n.uid_map);
  put_map(n.gid_map);
  for (const std::uint32_t limit : n.max) put(limit);
  for (const Slot mount : n.mounts) put(ObjKind::mount, mount);
  if (n.type != NsType::mnt) return;
  std::uint64_t older = 0;  // MOUNT-01 compares ages
  for (Slot i = 0; i < s_.ns.size(); ++i) {
    const Ns& other = s_.ns[i];
    older += other.alive && other.type == NsType::mnt && other.age < n.age;
  }
  put(older);
}

void Digest::tell_pid(const Pid& pid) {
  put(ObjKind::pid_ns, pid.ns);
  put_task(pid.task);
  for (std::uint32_t at = pid.numbers; at != 0; at = s_.numbers[at].outer) {
    put(static_cast<std::uint64_t>(s_.numbers[at].number));
  }
}

void Digest::tell_file(const File& f) {
  put_all(f.kind, f.o_path, f.thread, f.ns_kind, f.name.n, static_cast<bool>(f.descriptor));
  put(ObjKind::cred, f.cred);
  put(ObjKind::inode, f.inode);
  put(ObjKind::pid, f.pid);
  put(f.ns_kind, f.ns);
}

void Digest::tell(Ref r) {
  switch (r.kind) {
    case ObjKind::nsproxy:
      for (std::size_t i = 0; i < abi::kNsproxySlots; ++i) {
        put(kind_of(type_of(static_cast<NsLink>(i))), s_.nsproxies[r.slot].ns[i]);
      }
      return put(s_.nsproxies[r.slot].attached);
    case ObjKind::cred: {
      const Cred& c = s_.creds[r.slot];
      put(ObjKind::user, c.user_ns);
      put(ObjKind::ucounts, c.ucounts);
      put_ids(c.uid);
      put_ids(c.gid);
      return put_all(c.effective, c.permitted, c.inheritable, c.bounding, c.ambient, c.keepcaps);
    }
    case ObjKind::ucounts:
      put(ObjKind::user, s_.ucounts[r.slot].user_ns);
      return put(s_.ucounts[r.slot].uid);
    case ObjKind::pid:
      return tell_pid(s_.pids[r.slot]);
    case ObjKind::fs: {
      const Fs& fs = s_.fs[r.slot];
      put_all(fs.inside, fs.split);
      return put(ObjKind::mnt, s_.find(fs.root_ns).slot);
    }
    case ObjKind::mm:
      put(ObjKind::user, s_.mms[r.slot].user_ns);
      return put(s_.mms[r.slot].dumpable);
    case ObjKind::signal:
      put_task(s_.signals[r.slot].leader);
      return put_all(s_.signals[r.slot].subreaper, s_.signals[r.slot].unkillable);
    case ObjKind::undo:
      return put(static_cast<std::uint64_t>(s_.undos[r.slot].adjust));
    case ObjKind::inode:
      return put(s_.inodes[r.slot].ns_kind, s_.inodes[r.slot].ns);
    case ObjKind::file:
      return tell_file(s_.open_files[r.slot]);
    case ObjKind::mount: {
      const Mount& m = s_.mounts[r.slot];
      put(ObjKind::inode, m.inode);
      return put_all(m.name.n, m.locked);
    }
    case ObjKind::sighand:
      return put_all(s_.sighands[r.slot].ignores_children);
    case ObjKind::files:
      return;
    default:
      return tell_ns(r.slot);
  }
}

void Digest::all(std::uint32_t names) {
  for (std::uint32_t n = 0; n < names; ++n) {
    const Slot slot = s_.task_names.find(n);
    put(slot == kNoSlot ? 1u : slot == kGone ? 2u : 3u);
    if (slot != kNoSlot && slot != kGone) tell(s_.tasks[slot]);
  }
  // Files without a name are held by nothing that could use them.
  for (Slot i = 0; i < s_.open_files.size(); ++i) {
    if (s_.open_files[i].alive) ordered_.push_back(i);
  }
  std::sort(ordered_.begin(), ordered_.end(),
            [this](Slot a, Slot b) { return s_.open_files[a].name.n < s_.open_files[b].name.n; });
  for (const Slot file : ordered_) put(ObjKind::file, file);
  for (std::size_t at = 0; at < queue_.size(); ++at) tell(queue_[at]);
}

}  // namespace

std::uint64_t digest(const Model& model, std::uint32_t names) {
  Digest digest(model.state());
  digest.all(names);
  return digest.value();
}

}  // namespace model
