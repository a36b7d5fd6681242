// A toy system with seeded defects, for testing the runner itself.
//
// It knows fork, unshare(CLONE_NEWUTS), setresuid, open_file, close and exit; anything else is
// ENOSYS. Small enough to be right by reading. A check that cannot fail is a defect: for each of
// the runner's checks there is a defect here that this check, and no earlier one, catches.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "abi/system.h"
#include "model/model.h"

namespace props::testing {

enum class Defect : std::uint8_t {
  none,
  wrong_errno,     // an injected fault gives EINVAL
  extra_step,      // unshare says one step more than it reached
  wrong_value,     // fork returns 0
  wrong_uid,       // setresuid sets the saved id only
  shares_uts,      // unshare makes a nsproxy around the old uts namespace
  two_names,       // a child is shown another name of its parent's nsproxy
  forgets_put,     // unshare leaves its reference on the old nsproxy
  forgets_cred,    // close leaves its file's reference on its opener's credentials
  leaks_file,      // close leaves the file object
  wrong_owner,     // a new uts namespace is owned by nothing
  untouched,       // exit drops references without saying so
  skips_nothing,   // a call by a task that never was gives ESRCH
  never_ends,      // as reference: a closed file stays
  breaks_promise,  // as reference: check() finds something after an unshare
};

class Toy {
 public:
  explicit Toy(const abi::Setup& setup, Defect defect = Defect::none);

  abi::Result apply(const abi::Call& call);
  abi::View view() const;
  std::span<const abi::TaskId> touched_tasks() const { return touched_tasks_; }
  std::span<const abi::ObjId> touched_objects() const { return touched_objects_; }
  abi::TaskView task(abi::TaskId id) const;
  abi::ObjectView object(abi::ObjId id) const;
  abi::Totals totals() const;

  const abi::Setup& setup() const { return setup_; }
  std::vector<model::Violation> check(model::Exercised* exercised) const;
  std::vector<model::Violation> check_touched(model::Exercised* exercised) const {
    return check(exercised);
  }
  std::vector<model::Holder> holders(abi::ObjId) const { return {}; }
  std::string describe(abi::ObjId id) const { return "object " + std::to_string(id); }

 private:
  struct Task {
    abi::TaskView view;
    abi::ObjId cred = 0;
  };
  abi::ObjId make(abi::ObjKind kind, abi::ObjId owner = 0);
  void get(abi::ObjId id);
  void put(abi::ObjId id);
  abi::Result fork(abi::TaskId caller, abi::TaskId child);
  abi::Result unshare(abi::TaskId caller, std::uint16_t fault);
  abi::Result close(abi::FileId file);
  void exit(abi::TaskId caller);

  abi::Setup setup_;
  Defect defect_;
  std::map<std::uint32_t, Task> tasks_;
  std::map<std::uint32_t, std::pair<abi::ObjId, abi::ObjId>> files_;  // name: file, cred
  std::map<abi::ObjId, abi::ObjectView> objects_;
  abi::ObjId user_ns_ = 0;
  std::int64_t next_pid_ = 2;
  bool broken_ = false;
  abi::ObjId next_object_ = 1;
  std::vector<abi::TaskId> touched_tasks_;
  std::vector<abi::ObjId> touched_objects_;
};

}  // namespace props::testing
