// The facts of the namespace calls, answered from a State: what clone, unshare and setns ask.
//
// Each class answers the questions listed in the rule table of its call (model/rules/), lazily: a
// question costs something only when a rule asks it. The proofs answer the same questions with Z3
// terms.
#pragma once

#include "model/query.h"

namespace model {

using abi::Flags;
namespace flag = abi::flag;

// The facts of rules/creation.h.
class CreationFacts {
 public:
  CreationFacts(const State& s, Slot task, Flags flags)
      : s_(s), t_(s.tasks[task]), cred_(cred_of(s, t_)), flags_(flags) {}

  bool always() const { return true; }
  bool has(Flags f) const { return flags_.has(f); }
  bool configured(NsType t) const { return !unconfigured(s_, t); }
  bool quota_full(NsType t) const { return model::quota_full(s_, user_ns(), cred_.uid[1], t); }
  bool user_level_full() const { return s_.ns[user_ns()].level > 32; }
  bool pid_level_full() const { return s_.ns[active_pid_ns(s_, t_)].level + 1 > 32; }
  bool chrooted() const { return model::chrooted(s_, t_); }
  bool euid_mapped() const { return mapped(s_.ns[user_ns()].uid_map, cred_.uid[1]); }
  bool egid_mapped() const { return mapped(s_.ns[user_ns()].gid_map, cred_.gid[1]); }
  bool admin_over_own() const { return ns_capable(s_, cred_, user_ns(), abi::cap::SYS_ADMIN); }
  bool pid_pending() const {
    return active_pid_ns(s_, t_) != slot_ns(s_, t_, NsLink::pid_for_children);
  }
  bool pid_owner_covers() const {
    const Slot parent = slot_ns(s_, t_, NsLink::pid_for_children);
    return in_userns(s_, s_.ns[parent].owner.at, user_ns());
  }
  bool userns_refused() const {
    return s_.setup.profile.userns_off &&
           !ns_capable(s_, cred_, s_.initial[abi::index(NsType::user)], abi::cap::SYS_ADMIN);
  }
  bool group_shared() const { return model::group_shared(s_, t_); }
  bool not_single_threaded() const { return !single_threaded(s_, t_); }
  bool fs_shared() const { return !s_.held_once({ObjKind::fs, t_.fs.at}); }

 protected:
  Slot user_ns() const { return cred_.user_ns.at; }
  static bool mapped(const Extents& map, abi::Id kid) {
    return from_kid(map, kid) != abi::kUnchanged;
  }

  const State& s_;
  const Task& t_;
  const Cred& cred_;
  Flags flags_;
};

// Of rules/clone.h. For fork, vfork and clone `args` is null: `flags` is then the low word without
// the exit signal.
class CloneFacts : public CreationFacts {
 public:
  CloneFacts(const State& s, Slot task, Flags flags, abi::Pointer pidfd_pointer,
             const abi::Clone3* args)
      : CreationFacts(s, task, flags), pidfd_pointer_(pidfd_pointer), args_(args) {}

  bool raw(Flags f) const { return flags_.has(f); }
  bool size_too_big() const { return args_->size > 4096; }
  bool size_too_small() const { return args_->size < 64; }
  bool args_bad() const { return args_->args != abi::Pointer::good; }
  bool tail_nonzero() const { return args_->size > 88 && args_->nonzero_tail; }
  bool set_tid_too_long() const { return set_tid_size() > 32; }
  bool set_tid_null() const { return !has_set_tid() && set_tid_size() > 0; }
  bool set_tid_empty() const { return has_set_tid() && set_tid_size() == 0; }
  bool exit_signal_bad() const { return args_->exit_signal > 64; }
  bool cgroup_bad() const { return args_->cgroup > 0x7fffffff || args_->size < 88; }
  bool set_tid_bad() const {
    return set_tid_size() > 0 && args_->set_tid_pointer == abi::Pointer::bad;
  }
  bool flags_unknown() const {
    return has(~(Flags(0xffffffff) | flag::CLEAR_SIGHAND | flag::INTO_CGROUP));
  }
  bool exit_signal_set() const { return args_->exit_signal != 0; }
  bool stack_bad() const;
  bool one_tid_pointer() const { return args_ == nullptr || args_->same_tid_pointer; }
  bool unkillable() const { return s_.signals[t_.signal.at].unkillable; }
  bool time_pending() const {
    return slot_ns(s_, t_, NsLink::time) != slot_ns(s_, t_, NsLink::time_for_children);
  }
  bool switches_time_at_exec() const { return s_.setup.profile.at_least(6, 2); }
  bool nproc_can_fail() const;
  bool has_undo() const { return static_cast<bool>(t_.undo); }
  bool set_tid_too_deep() const { return set_tid_size() > child_level() + 1; }
  bool tid_range() const { return tid_trouble() == Tid::range; }
  bool tid_no_init() const { return tid_trouble() == Tid::no_init; }
  bool tid_no_cap() const { return tid_trouble() == Tid::no_cap; }
  bool tid_taken() const { return tid_trouble() == Tid::taken; }
  std::uint32_t automatic_levels() const {
    return child_level() + 1 - static_cast<std::uint32_t>(set_tid_size());
  }
  bool pid_ns_dead() const { return !has(flag::NEWPID) && s_.ns[child_ns()].dead; }
  bool pidfd_pointer_bad() const { return pidfd_pointer_ != abi::Pointer::good; }

 private:
  enum class Tid : std::uint8_t { fine, range, no_init, no_cap, taken };
  Tid tid_trouble() const;
  // A struct that ends before a field (or, on this little-endian ABI, inside it) leaves it 0.
  std::uint64_t set_tid_size() const {
    return args_ == nullptr || args_->size <= 72 ? 0 : args_->set_tid_size;
  }
  bool has_set_tid() const {
    return args_->size > 64 && args_->set_tid_pointer != abi::Pointer::null;
  }
  // The pid namespace that the child is born into; with NEWPID the parent of the new one.
  Slot child_ns() const { return slot_ns(s_, t_, NsLink::pid_for_children); }
  std::uint32_t child_level() const {
    return s_.ns[child_ns()].level + (has(flag::NEWPID) ? 1u : 0u);
  }

  abi::Pointer pidfd_pointer_;
  const abi::Clone3* args_;
};

// Of rules/unshare.h.
class UnshareFacts : public CreationFacts {
 public:
  UnshareFacts(const State& s, Slot task, Flags flags) : CreationFacts(s, task, implied(flags)) {}

  // UNSHARE-01: the flags with what they imply.
  static Flags implied(Flags f);
  bool flags_unknown() const;
  bool sighand_shared() const { return !s_.held_once({ObjKind::sighand, t_.sighand.at}); }
  bool files_shared() const { return !s_.held_once({ObjKind::files, t_.files.at}); }
};

// Of rules/setns.h.
class SetnsFacts : public CreationFacts {
 public:
  SetnsFacts(const State& s, Slot task, const abi::Setns& call);

  bool file_closed() const { return file_ == kNoSlot; }
  bool file_opath() const { return s_.open_files[file_].o_path; }
  bool file_nsfs() const { return kind_ == OpenKind::nsfs; }
  bool file_pidfd() const { return kind_ == OpenKind::pidfd; }
  bool type_mismatch() const { return !flags_.empty() && flags_ != type_; }
  bool flags_empty() const { return flags_.empty(); }
  bool flags_unknown() const { return has(~flag::NAMESPACES); }
  bool flags_unconfigured() const;
  bool target_gone() const { return target_ == kNoSlot; }
  bool target_private() const { return !may_inspect(s_, t_, s_.tasks[target_], false); }
  bool target_released() const { return !s_.tasks[target_].nsproxy; }

  bool installs(NsType t) const { return wanted().has(flag_of(t)); }
  bool with_other_types() const { return wanted().has(flag::NEWNS) && wanted() != flag::NEWNS; }
  bool admin_over_target(NsType t) const {
    return ns_capable(s_, cred_, s_.ns[target(t)].owner.at, abi::cap::SYS_ADMIN);
  }
  bool admin_over_mine() const { return ns_capable(s_, cred_, mine(), abi::cap::SYS_ADMIN); }
  bool chroot_cap_over_mine() const { return ns_capable(s_, cred_, mine(), abi::cap::SYS_CHROOT); }
  bool same_user() const { return target(NsType::user) == user_ns(); }
  bool admin_over_user() const {
    return ns_capable(s_, cred_, target(NsType::user), abi::cap::SYS_ADMIN);
  }
  bool nsset_fs_shared() const { return !with_other_types() && fs_shared(); }
  bool pid_not_below() const { return !in_pid_ns(s_, active_pid_ns(s_, t_), target(NsType::pid)); }

  // For the effect: what is installed, and from where.
  Flags wanted() const { return file_nsfs() ? type_ : flags_; }
  Slot target(NsType t) const;
  bool through_pidfd() const { return file_pidfd(); }

 private:
  Slot mine() const { return installs(NsType::user) ? target(NsType::user) : user_ns(); }

  Slot file_ = kNoSlot;
  OpenKind kind_ = OpenKind::other;
  Flags type_;             // nsfs: the type's bit
  Slot shown_ = kNoSlot;   // nsfs: its namespace
  Slot target_ = kNoSlot;  // pidfd: its task
};

}  // namespace model
