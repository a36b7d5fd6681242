// A machine that writes down all that is done to it.
//
// Its words and truths are classes of their own, which turn into plain ones only where a branch is
// taken: what compiles here can run on Z3 terms. Its counts, pointers and locks have no members
// that kernel code could reach, so that nothing can bypass it. Not thread-safe: the log is the
// processor's, but cells write to the one that ran last.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "impl/kernel/heap.h"
#include "impl/machine/native.h"

namespace impl {

using Log = std::vector<std::string>;

// A truth value: asking for it is a branch, and is written down.
class RecordedBool {
 public:
  RecordedBool() = default;
  RecordedBool(bool value) : value_(value) {}  // NOLINT: constants are truths too
  RecordedBool(bool value, std::string about, Log* log)
      : value_(value), about_(std::move(about)), log_(log) {}
  explicit operator bool() const {
    if (log_ != nullptr) log_->push_back("branch " + about_ + (value_ ? ": yes" : ": no"));
    return value_;
  }

 private:
  bool value_ = false;
  std::string about_;
  Log* log_ = nullptr;
};

// A flag word: only the machine looks into it.
class RecordedWord {
 public:
  constexpr RecordedWord() = default;
  explicit constexpr RecordedWord(std::uint64_t bits) : bits_(bits) {}
  constexpr RecordedWord operator&(RecordedWord o) const { return RecordedWord(bits_ & o.bits_); }
  constexpr RecordedWord operator|(RecordedWord o) const { return RecordedWord(bits_ | o.bits_); }
  constexpr RecordedWord operator~() const { return RecordedWord(~bits_); }

 private:
  friend class RecordingMachine;
  std::uint64_t bits_ = 0;
};

class RecordingMachine {
 public:
  using Word = RecordedWord;
  using Bool = RecordedBool;
  using Count = NativeMachine::Count;
  template <class T>
  using Pointer = NativeMachine::Pointer<T>;
  using Lock = NativeMachine::Lock;
  using Claim = NativeMachine::Claim;
  using Shared = NativeMachine::Shared;
  template <class T>
  class Cell {
   public:
    T get() const {
      if (running != nullptr) running->push_back("read a cell");
      return v_;
    }
    void set(T v) {
      if (running != nullptr) running->push_back("write a cell");
      v_ = v;
    }

   private:
    friend class RecordingMachine;
    T v_{};
  };

  RecordingMachine(Shared& shared, bool) : native_(shared, false) {}

  Log log;
  // Forgets what was written, and lets cells write here.
  void start() {
    log.clear();
    running = &log;
  }
  static void stop() { running = nullptr; }

  static constexpr Word word(abi::Flags f) { return Word(f.bits()); }
  static constexpr std::uint64_t plain(Word w) { return w.bits_; }
  Bool has(Word w, abi::Flags f) {
    return {(w.bits_ & f.bits()) != 0, to_string(f, abi::FlagStyle::bits), &log};
  }
  Bool has_bits(Word w, std::uint64_t bits) { return {(w.bits_ & bits) != 0, "some bits", &log}; }

  void begin_call(std::uint16_t fault) { native_.begin_call(fault); }
  std::uint16_t steps() const { return native_.steps(); }
  Bool fails(abi::Step step) {
    return {native_.fails(step), std::string(abi::name(step)) + " fails", &log};
  }

  template <class T>
  void allocated(const T& o) {
    note("alloc", o);
  }
  template <class T>
  void freed(const T& o) {
    note("free", o);
  }

  template <class T>
  void init_count(T& o, std::uint32_t n) {
    note("count := " + std::to_string(n), o);
    native_.init_count(o, n);
  }
  template <class T>
  void get(T& o) {
    note("get", o);
    native_.get(o);
  }
  template <class T>
  Bool try_get(T& o) {
    note("try_get", o);
    return {native_.try_get(o), "got it", &log};
  }
  template <class T>
  Bool put(T& o) {
    note("put", o);
    return {native_.put(o), "the last", &log};
  }
  template <class T>
  Bool put_sole(T& o) {
    note("put", o);
    return {native_.put_sole(o), "the last", &log};
  }
  template <class T>
  Bool put_unless_last(T& o) {
    note("put unless last", o);
    return {native_.put_unless_last(o), "not the last", &log};
  }
  template <class T>
  Bool retire(T& o) {
    note("retire", o);
    return {native_.retire(o), "retired", &log};
  }
  template <class T>
  Bool shared(const T& o) {
    return {native_.shared(o), label(o) + " is shared", &log};
  }
  static std::uint32_t value(const Count& c) { return NativeMachine::value(c); }

  void init_active(Count& c) { native_.init_active(c); }
  Bool active_get(Count& c) {
    log.push_back("active get");
    return {native_.active_get(c), "the first", &log};
  }
  template <class T>
  Bool active_put(T& o) {
    note("active put", o);
    return {native_.active_put(o), "the last", &log};
  }

  Bool charge(Cell<std::uint32_t>& n, const Cell<std::uint32_t>& limit) {
    log.push_back("charge");
    if (n.v_ >= limit.v_) return {false, "within the limit", &log};
    ++n.v_;
    return {true, "within the limit", &log};
  }
  void uncharge(Cell<std::uint32_t>& n) {
    log.push_back("uncharge");
    --n.v_;
  }

  template <class T>
  static T* load(const Pointer<T>& p) {
    if (running != nullptr) running->push_back("load a pointer");
    return NativeMachine::load(p);
  }
  template <class T>
  static T* own(const Pointer<T>& p) {
    return NativeMachine::own(p);
  }
  template <class T>
  static void init(Pointer<T>& p, T* to) {
    NativeMachine::init(p, to);
  }
  template <class T>
  static void publish(Pointer<T>& p, T* to) {
    if (running != nullptr) running->push_back("publish a pointer");
    NativeMachine::publish(p, to);
  }

  template <class T>
  static bool replace(Pointer<T>& p, T*& now, T* to) {
    if (running != nullptr) running->push_back("replace a pointer");
    return NativeMachine::replace(p, now, to);
  }

  void lock(Lock& l) {
    log.push_back("lock");
    native_.lock(l);
  }
  void unlock(Lock& l) {
    log.push_back("unlock");
    native_.unlock(l);
  }

  Bool try_claim(Claim& c) { return native_.try_claim(c); }
  Bool unclaim(Claim& c) { return native_.unclaim(c); }
  Bool kill(Claim& c) { return native_.kill(c); }
  Bool killed(const Claim& c) const { return native_.killed(c); }
  void init_claim(Claim& c) { native_.init_claim(c); }

  void read_lock() { log.push_back("read section"); }
  void read_unlock() { log.push_back("end of read section"); }
  bool alone() const { return native_.alone(); }
  void synchronize() { native_.synchronize(); }
  static void pause() {}

  const std::vector<CountReport>& reports() const { return native_.reports(); }

 private:
  // "uts#1": kind and slot.
  template <class T>
  static std::string label(const T& o) {
    const std::size_t kind = ObjIdParts::kind(o.id);
    const std::string_view name =
        kind < abi::kObjKinds ? abi::name(static_cast<abi::ObjKind>(kind)) : "task";
    return std::string(name) + "#" + std::to_string(ObjIdParts::slot(o.id));
  }
  template <class T>
  void note(const std::string& what, const T& o) {
    log.push_back(what + " " + label(o));
  }

  inline static Log* running = nullptr;
  NativeMachine native_;
};

}  // namespace impl
