// Descriptor tables as the log shows them, down to what each descriptor holds.
//
// The model's descriptors are open file descriptions of everybody (abi/call.h); real programs use
// numbers in tables that fork copies, CLONE_FILES shares, dup and execve change. Here the numbers
// are kept, and an OpenThing is one description: with its last number gone, its model file is put
// on the list of files to close.
//
// Left out: descriptors that came without a traced call (inherited, received over a socket, made by
// a call that strace was not asked for). They are unknown until -y says what they are.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "abi/call.h"
#include "abi/namespace.h"
#include "abi/view.h"

namespace cli::strace_log {

// Files of /proc whose writes the model knows.
enum class ControlFile : std::uint8_t { none, uid_map, gid_map, setgroups, timens_offsets, limit };

struct OpenThing {
  enum class Kind : std::uint8_t {
    plain,       // a file, a socket: no namespace file
    ns,          // a namespace: `file`, or `owner_pid` while nobody has asked for it
    pidfd,       // likewise
    control,     // a ControlFile
    mount_tree,  // open_tree of a namespace file: what move_mount puts somewhere
  };

  explicit OpenThing(std::vector<abi::FileId>* closed) : closed_(closed) {}
  ~OpenThing() {
    if (has_file) closed_->push_back(file);
  }
  OpenThing(const OpenThing&) = delete;
  OpenThing& operator=(const OpenThing&) = delete;

  Kind kind = Kind::plain;
  std::string path;  // as far as known, absolute; the start of a later openat
  abi::FileId file{};
  bool has_file = false;
  bool o_path = false;

  abi::NsLink link = abi::NsLink::mnt;  // ns
  abi::ObjId ns = abi::kNoObject;       // ns: the model's, where `file` is open
  std::uint64_t inum = 0;               // ns: as printed; 0 unknown
  std::int32_t owner_pid = 0;           // ns and pidfd of a process that is not in the log

  std::shared_ptr<OpenThing> tree;  // mount_tree: the namespace file; null for other trees

  ControlFile control = ControlFile::none;
  abi::NsType limit = abi::NsType::mnt;  // control limit
  std::uint32_t target = 0;              // control, pidfd: index of the task
  std::uint32_t opener = 0;              // control: index of the task

 private:
  std::vector<abi::FileId>* closed_;
};

using Thing = std::shared_ptr<OpenThing>;

class FdTable {
 public:
  struct Slot {
    Thing thing;  // null: open, but nobody knows what it is
    bool cloexec = false;
    std::uint32_t line = 0;  // of the log, that set it
  };

  std::uint32_t line = 0;  // of the log, that changes it now

  // A copy shares its slots with the original until either changes.
  const Slot* find(std::int64_t fd) const;
  void set(std::int64_t fd, Thing thing, bool cloexec);
  void set_cloexec(std::int64_t fd, bool cloexec);
  void close(std::int64_t fd);
  void close_range(std::int64_t first, std::int64_t last, bool only_mark);
  void close_on_exec();
  // What was set after that line is open or not: the copy was made meanwhile.
  void forget_since(std::uint32_t before);

 private:
  using Slots = std::map<std::int64_t, Slot>;
  Slots& own();
  std::shared_ptr<Slots> slots_ = std::make_shared<Slots>();
};

}  // namespace cli::strace_log
