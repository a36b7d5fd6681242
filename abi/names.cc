// One word for every enumerator of the vocabulary: namespace types and links, calls and their
// operands, steps, kinds of objects.
//
// Tables stand in the order of their enums; their sizes are checked, their order by names_test.
#include <array>

#include "abi/call.h"
#include "abi/ns_type.h"
#include "abi/step.h"
#include "abi/view.h"
#include "abi/words.h"

namespace nsabi {
namespace {

using Word = std::string_view;

constexpr std::array<Word, kNsTypes> kTypes = {"mnt",    "uts", "ipc",  "pid",
                                               "cgroup", "net", "time", "user"};
constexpr std::array<Word, kNsLinks> kLinks = {
    "mnt",  "uts", "ipc", "pid_for_children", "cgroup", "net", "time_for_children",
    "time", "pid", "user"};
constexpr std::array<Word, kOps> kOpNames = {
    "fork",      "vfork",        "clone",     "clone3",       "unshare",
    "setns",     "execve",       "exit",      "kill",         "wait",
    "open_ns",   "open_pidfd",   "open_file", "close",        "bind_ns",
    "unbind_ns", "ioctl",        "chroot",    "pivot_root",   "setresuid",
    "setresgid", "capset",       "prctl",     "write_id_map", "write_setgroups",
    "set_limit", "write_timens", "semop"};
constexpr std::array<Word, kNsOps> kNsOpNames = {"unknown",
                                                 "NS_GET_USERNS",
                                                 "NS_GET_PARENT",
                                                 "NS_GET_NSTYPE",
                                                 "NS_GET_OWNER_UID",
                                                 "NS_GET_MNTNS_ID",
                                                 "NS_GET_ID",
                                                 "NS_GET_PID_FROM_PIDNS",
                                                 "NS_GET_TGID_FROM_PIDNS",
                                                 "NS_GET_PID_IN_PIDNS",
                                                 "NS_GET_TGID_IN_PIDNS",
                                                 "PIDFD_GET_CGROUP_NAMESPACE",
                                                 "PIDFD_GET_IPC_NAMESPACE",
                                                 "PIDFD_GET_MNT_NAMESPACE",
                                                 "PIDFD_GET_NET_NAMESPACE",
                                                 "PIDFD_GET_PID_NAMESPACE",
                                                 "PIDFD_GET_PID_FOR_CHILDREN_NAMESPACE",
                                                 "PIDFD_GET_TIME_NAMESPACE",
                                                 "PIDFD_GET_TIME_FOR_CHILDREN_NAMESPACE",
                                                 "PIDFD_GET_USER_NAMESPACE",
                                                 "PIDFD_GET_UTS_NAMESPACE"};
constexpr std::array<Word, kPrctlOps> kPrctlNames = {
    "PR_CAPBSET_DROP", "PR_CAP_AMBIENT_RAISE", "PR_CAP_AMBIENT_LOWER",  "PR_CAP_AMBIENT_CLEAR_ALL",
    "PR_SET_KEEPCAPS", "PR_SET_DUMPABLE",      "PR_SET_CHILD_SUBREAPER"};
constexpr std::array<Word, 4> kFileKinds = {"regular", "socket", "cgroupfs", "proc_dir"};
constexpr std::array<Word, kSteps> kStepNames = {
    "dup_task",   "prepare_creds", "charge",      "alloc",        "inum",          "init",
    "net_lock",   "cred_ucounts",  "nproc",       "max_threads",  "undo_list",     "copy_files",
    "copy_fs",    "copy_sighand",  "copy_signal", "copy_mm",      "alloc_nsproxy", "alloc_pid",
    "pid_number", "pidfd",         "cgroup_fork", "fatal_signal", "alloc_mm",      "nsfs_inode",
    "open_file",  "alloc_mount"};
constexpr std::array<Word, kObjKinds> kKinds = {
    "mnt",  "uts",     "ipc",    "pid_ns",  "cgroup", "net",  "time",
    "user", "nsproxy", "cred",   "ucounts", "pid",    "fs",   "files",
    "mm",   "sighand", "signal", "undo",    "inode",  "file", "mount"};

// A value outside of its enum (a cast of what a foreign system said) has no name.
template <std::size_t N>
constexpr Word at(const std::array<Word, N>& table, std::size_t index) {
  return index < N ? table[index] : Word{};
}

template <class E, std::size_t N>
std::optional<E> from(const std::array<Word, N>& table, Word word) {
  const auto index = find_word(table, word);
  if (!index) return std::nullopt;
  return static_cast<E>(*index);
}

}  // namespace

Word name(NsType t) { return at(kTypes, index(t)); }
Word name(NsLink l) { return at(kLinks, index(l)); }
std::optional<NsType> ns_type_from(Word word) { return from<NsType>(kTypes, word); }
std::optional<NsLink> ns_link_from(Word word) { return from<NsLink>(kLinks, word); }

Word op_name(std::size_t op_index) { return at(kOpNames, op_index); }
Word name(NsOp op) { return at(kNsOpNames, static_cast<std::size_t>(op)); }
Word name(PrctlOp op) { return at(kPrctlNames, static_cast<std::size_t>(op)); }
Word name(FileKind kind) { return at(kFileKinds, static_cast<std::size_t>(kind)); }

Word name(Step s) { return at(kStepNames, static_cast<std::size_t>(s)); }
Word name(ObjKind k) { return at(kKinds, index(k)); }

}  // namespace nsabi
