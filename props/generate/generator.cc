#include "props/generate/generator.h"

#include <algorithm>

#include "props/generate/makers.h"
#include "props/generate/plans.h"

namespace props {
namespace {

constexpr std::size_t kFork = 0;  // indices into abi::Op
constexpr std::size_t kVfork = 1;
constexpr std::size_t kClone = 2;
constexpr std::size_t kClone3 = 3;
constexpr std::size_t kSetns = 5;
constexpr std::size_t kExit = 7;
constexpr std::size_t kWait = 9;
constexpr std::size_t kOpenNs = 10;
constexpr std::size_t kOpenFile = 12;
constexpr std::size_t kClose = 13;
constexpr std::size_t kNsIoctl = 16;
static_assert(std::is_same_v<std::variant_alternative_t<kFork, abi::Op>, abi::Fork>);
static_assert(std::is_same_v<std::variant_alternative_t<kVfork, abi::Op>, abi::Vfork>);
static_assert(std::is_same_v<std::variant_alternative_t<kClone, abi::Op>, abi::Clone>);
static_assert(std::is_same_v<std::variant_alternative_t<kClone3, abi::Op>, abi::Clone3>);
static_assert(std::is_same_v<std::variant_alternative_t<kSetns, abi::Op>, abi::Setns>);
static_assert(std::is_same_v<std::variant_alternative_t<kExit, abi::Op>, abi::Exit>);
static_assert(std::is_same_v<std::variant_alternative_t<kWait, abi::Op>, abi::Wait>);
static_assert(std::is_same_v<std::variant_alternative_t<kOpenNs, abi::Op>, abi::OpenNs>);
static_assert(std::is_same_v<std::variant_alternative_t<kOpenFile, abi::Op>, abi::OpenFile>);
static_assert(std::is_same_v<std::variant_alternative_t<kClose, abi::Op>, abi::Close>);
static_assert(std::is_same_v<std::variant_alternative_t<kNsIoctl, abi::Op>, abi::NsIoctl>);

bool makes_task(std::size_t op) { return op <= kClone3; }
bool makes_file(std::size_t op) { return op >= kOpenNs && op <= kOpenFile; }

}  // namespace

Generator::Generator(std::uint64_t seed, const Limits& limits)
    : random_(seed), mix_(draw_mix(random_, limits)) {}

abi::TaskId Generator::caller(const Live& live) {
  if (stale()) return abi::TaskId{random_.below(next_task_ + 2)};
  if (live.running().empty()) {
    return abi::TaskId{live.blocked().empty() ? 0 : random_.of(live.blocked().items())};
  }
  if (random_.often(mix_.newest) && live.running().has(live.newest().n)) return live.newest();
  return abi::TaskId{random_.of(live.running().items())};
}

abi::TaskId Generator::target(const Live& live) {
  if (stale()) return abi::TaskId{random_.below(next_task_ + 2)};
  if (!live.ended().empty() && random_.one_in(6)) {
    return abi::TaskId{random_.of(live.ended().items())};
  }
  if (!live.blocked().empty() && random_.one_in(6)) {
    return abi::TaskId{random_.of(live.blocked().items())};
  }
  if (live.running().empty()) return abi::kInitialTask;
  return abi::TaskId{random_.of(live.running().items())};
}

abi::FileId Generator::file(const Live& live, const NumberSet& wanted) {
  if (stale()) return abi::FileId{random_.below(next_file_ + 2)};
  const NumberSet& from = wanted.empty() || random_.one_in(16) ? live.files() : wanted;
  if (from.empty()) return abi::FileId{next_file_};  // nothing is open: EBADF
  return abi::FileId{random_.of(from.items())};
}

// The mix's choice, unless it could do nothing here or there is too much of something already.
std::size_t Generator::draw_op(const Live& live) {
  std::size_t op = mix_.calls[random_.below(mix_.calls.size())];
  if (live.present() >= mix_.max_tasks && makes_task(op) && !random_.one_in(8)) {
    op = !live.ended().empty() && random_.one_in(2) ? kWait : kExit;
  } else if (live.files().size() >= mix_.max_files && makes_file(op) && !random_.one_in(8)) {
    op = kClose;
  } else if (live.files().empty() && (op == kSetns || op == kClose || op == kNsIoctl) &&
             !random_.one_in(16)) {
    op = kOpenNs;
  } else if (op == kExit && live.running().size() <= 1 && !random_.one_in(8)) {
    op = kClone;
  } else if (op == kWait && live.ended().empty() && !random_.one_in(4)) {
    op = kFork;
  }
  return op;
}

void Generator::draw_call(const Live& live) {
  const std::size_t op = draw_op(live);
  call_.caller = caller(live);
  if (op == kExit && !live.blocked().empty() && random_.one_in(12)) {
    call_.caller = abi::TaskId{random_.of(live.blocked().items())};  // killed while it waits
  }
  if (op == kWait && !live.ended().empty() && !stale()) {
    const abi::TaskId child{random_.of(live.ended().items())};
    const abi::TaskId parent{live.task(child).parent};
    if (live.running().has(parent.n)) call_.caller = parent;
    call_.op = abi::Wait{child};
    return;
  }
  call_.op = make_op(*this, live, call_.caller, op);
}

void Generator::draw_fault(const Live& live) {
  call_.fault = 0;
  if (!random_.often(mix_.fault)) return;
  const std::uint32_t steps = random_.one_in(12) ? 40u : live.steps(call_.op.index()) + 1u;
  call_.fault = static_cast<std::uint16_t>(1 + random_.below(std::max(steps, 2u)));
}

const abi::Call& Generator::next(const Live& live, bool previous_skipped) {
  if (planned_ == plan_.size() || previous_skipped) {
    plan_.clear();
    planned_ = 0;
    if (random_.often(mix_.plan) && !live.running().empty()) draw_plan(*this, live);
  }
  if (planned_ < plan_.size() && !random_.one_in(8)) {
    call_ = plan_[planned_++];
    if (call_.fault == 0 && random_.one_in(3)) draw_fault(live);
    return call_;
  }
  draw_call(live);
  draw_fault(live);
  return call_;
}

}  // namespace props
