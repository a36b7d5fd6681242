#include "props/systems/linux_source/linux_subjects.h"

#include <algorithm>

#include "abi/trace.h"
#include "model/model.h"
#include "props/differ/pair_subject.h"
#include "props/systems/linux_source/known_bugs.h"
#include "props/systems/linux_source/linux_system.h"

namespace props {
namespace {

struct MakeLinux {
  const linux_core* core;
  LinuxSystem operator()(const abi::Setup& setup) const { return LinuxSystem(setup, *core); }
};

// Takes the fault from calls that would meet a known bug.
class Around : public Source {
 public:
  Around(Source& source, std::span<const KnownBug* const> bugs) : source_(source), bugs_(bugs) {}

  const abi::Call* next(const Live& live, const abi::Result& previous) override {
    const abi::Call* const call = source_.next(live, previous);
    if (call == nullptr || call->fault == 0) return call;
    if (std::none_of(bugs_.begin(), bugs_.end(), [&](const auto* b) { return b->met(*call); })) {
      return call;
    }
    call_ = *call;
    call_.fault = 0;
    return &call_;
  }

 private:
  Source& source_;
  std::span<const KnownBug* const> bugs_;
  abi::Call call_;
};

class LinuxSubject : public PairSubject<model::Model, MakeLinux> {
 public:
  LinuxSubject(std::string name, const linux_core& core)
      : PairSubject(std::move(name), MakeLinux{&core}) {
    if (core.reason != nullptr) {
      absent_ = core.reason;
      return;
    }
    const std::optional<abi::Version> version = abi::version_from(core.version);
    if (!version) {
      absent_ = std::string("Linux ") + core.version + " is no version that the model knows";
      return;
    }
    profiles_ = {abi::Profile{.version = *version}};
    core.init();
    for (const KnownBug& bug : known_linux_bugs()) {
      if (shows(bug)) known_.push_back(&bug);
    }
  }

  std::vector<abi::Profile> profiles() const override { return profiles_; }
  std::string absent() const override { return absent_; }
  std::vector<Deviation> known() const override {
    std::vector<Deviation> all;
    for (const KnownBug* bug : known_) {
      all.push_back({std::string(bug->id), std::string(bug->says), std::string(bug->trace)});
    }
    return all;
  }

  // Shrinking tries other profiles, which would ask a core for another version's behaviour.
  Run run(const abi::Setup& setup, Source& source, const RunOptions& options, Workspace& work,
          Coverage* coverage) const override {
    if (std::find(profiles_.begin(), profiles_.end(), setup.profile) == profiles_.end()) return {};
    if (options.known_too) return PairSubject::run(setup, source, options, work, coverage);
    Around around(source, known_);
    return PairSubject::run(setup, around, options, work, coverage);
  }

 private:
  // Its trace shows a difference, and does not without its faults.
  bool shows(const KnownBug& bug) const {
    const abi::Trace trace = std::get<abi::Trace>(abi::parse_trace(bug.trace));
    abi::Setup setup = trace.setup;
    setup.profile = profiles_.front();
    abi::Program program;
    for (const abi::TraceLine& line : trace.lines) program.push_back(line.call);
    const auto differs = [&] {
      ProgramSource source(program);
      Workspace work;
      return PairSubject::run(setup, source, {}, work, nullptr).difference.has_value();
    };
    const bool with_faults = differs();
    for (abi::Call& call : program) call.fault = 0;
    return with_faults && !differs();
  }

  std::vector<abi::Profile> profiles_;
  std::string absent_;
  std::vector<const KnownBug*> known_;
};

}  // namespace

std::vector<std::unique_ptr<Subject>> linux_subjects() {
  std::vector<std::unique_ptr<Subject>> subjects;
  subjects.push_back(std::make_unique<LinuxSubject>("linux-6.1", linux_core_6_1));
  subjects.push_back(std::make_unique<LinuxSubject>("linux-6.12", linux_core_6_12));
  subjects.push_back(std::make_unique<LinuxSubject>("linux-source", linux_core_tree));
  return subjects;
}

std::unique_ptr<Subject> seeded_linux_subject() {
  return std::make_unique<LinuxSubject>("linux-6.12-seeded", linux_core_seeded);
}

}  // namespace props
