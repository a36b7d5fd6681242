// Where a run's calls come from: a generator, a saved program, or the ending that clears away.
#pragma once

#include <cstddef>

#include "abi/system.h"
#include "props/generate/generator.h"
#include "props/generate/live.h"

namespace props {

class Source {
 public:
  virtual ~Source() = default;
  // The next call, valid until the one after it is asked for; null at the end. `previous` is the
  // reference's result of the call before.
  virtual const abi::Call* next(const Live& live, const abi::Result& previous) = 0;
};

class GeneratedSource : public Source {
 public:
  explicit GeneratedSource(Generator& generator)
      : generator_(generator), left_(generator.length()) {}
  const abi::Call* next(const Live& live, const abi::Result& previous) override {
    if (left_ == 0 || live.running().empty()) return nullptr;
    --left_;
    return &generator_.next(live, previous.skipped);
  }

 private:
  Generator& generator_;
  std::size_t left_;
};

class ProgramSource : public Source {
 public:
  explicit ProgramSource(const abi::Program& program) : program_(program) {}
  const abi::Call* next(const Live&, const abi::Result&) override {
    return at_ == program_.size() ? nullptr : &program_[at_++];
  }

 private:
  const abi::Program& program_;
  std::size_t at_ = 0;
};

// Unmounts the binds, closes the files and ends every task, so that only what a system leaked, and
// binds that nobody may unmount, are left.
class Ending : public Source {
 public:
  const abi::Call* next(const Live& live, const abi::Result& previous) override;

 private:
  bool unbind_or_close(const Live& live, const abi::Result& previous);

  abi::Call call_;
  std::size_t locked_ = 0;  // binds that could not be unmounted
  bool closes_ = true;      // until a close fails
  std::size_t exits_ = 0;
};

}  // namespace props
