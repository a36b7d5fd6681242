// unshare: what a successful ksys_unshare() does (kernel/fork.c, 6.18), in its commit order.
#include "model/calls/calls.h"

namespace model::calls {

abi::Result run(State& s, Slot caller, const abi::Unshare& c, std::uint16_t fault) {
  const UnshareFacts facts(s, caller, c.flags);
  const spec::Judgement j = spec::judge<spec::Table::unshare>(s, facts, fault);
  if (j.result.error != abi::Errno::kOk) return j.result;

  const Flags flags = UnshareFacts::implied(c.flags);
  const bool new_fs = flags.has(flag::NEWNS) || (flags.has(flag::FS) && facts.fs_shared());
  const bool new_files = flags.has(flag::FILES) && facts.files_shared();

  Slot cred = kNoSlot;
  if (flags.has(flag::NEWUSER)) {
    const Slot old = s.tasks[caller].cred.at;
    const Slot user_ns = make_user_ns(s, s.creds[old]);
    cred = copy_cred(s, old);
    enter_user_ns(s, cred, user_ns);
  }
  Slot fs = kNoSlot;
  if (new_fs) {
    const Fs old = s.fs[s.tasks[caller].fs.at];
    fs = s.fs.make();
    s.fs[fs].inside = old.inside;
    s.fs[fs].root_ns = old.root_ns;
  }
  Slot nsproxy = kNoSlot;
  if (flags.has(flag::NSPROXY)) {
    const Cred& owner = s.creds[cred != kNoSlot ? cred : s.tasks[caller].cred.at];
    const Slot old_mnt = slot_ns(s, s.tasks[caller], NsLink::mnt);
    const Slots slots = new_namespaces(s, caller, flags, owner.user_ns.at, owner.uid[1]);
    if (flags.has(flag::NEWNS)) move_root(s, fs, old_mnt, slots[abi::index(NsLink::mnt)]);
    nsproxy = make_nsproxy(s, slots);
  }

  // UNSHARE-50: the adjustments are taken back in the old ipc namespace.
  if (flags.has(flag::NEWIPC | flag::SYSVSEM)) exit_sem(s, caller);
  if (nsproxy != kNoSlot) switch_task_namespaces(s, caller, nsproxy);
  if (fs != kNoSlot) s.replace_by_task(s.tasks[caller].fs, caller, {ObjKind::fs, fs}, Why::task_fs);
  if (new_files) {
    s.replace_by_task(s.tasks[caller].files, caller, {ObjKind::files, s.files.make()},
                      Why::task_files);
  }
  if (cred != kNoSlot) commit_creds(s, caller, cred);
  s.touch(caller);
  return j.result;
}

}  // namespace model::calls
