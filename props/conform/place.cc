#include "props/conform/place.h"

#include <chrono>

namespace props::conform {

void Tally::add(const Tally& other) {
  for (std::size_t op = 0; op < calls.size(); ++op) {
    calls[op].ok += other.calls[op].ok;
    calls[op].refused += other.calls[op].refused;
    calls[op].skipped += other.calls[op].skipped;
    calls[op].differ += other.calls[op].differ;
    calls[op].absent += other.calls[op].absent;
    calls[op].not_run += other.calls[op].not_run;
  }
  for (const auto& [reason, n] : other.not_run) not_run[reason] += n;
  for (const auto& [reason, n] : other.limits) limits[reason] += n;
  coverage.add(other.coverage);
  programs += other.programs;
  carried_out += other.carried_out;
  seconds += other.seconds;
}

std::optional<std::string> PlaceRun::start() {
  if (agent_.running()) return std::nullopt;
  return agent_.start(place_.command);
}

abi::Setup PlaceRun::fit(abi::Setup setup) const {
  setup.profile = agent_.greeting().profile;
  return agent_.fit(setup);
}

PlaceRun::Outcome PlaceRun::run(const abi::Setup& setup, const abi::Program& program,
                                Tally* tally) {
  Outcome out;
  if (const auto why = start()) {
    out.lost = *why;
    return out;
  }
  if (setup != fit(setup)) {
    out.not_run = "t0 cannot start like that here";
    return out;
  }
  const auto begin = std::chrono::steady_clock::now();
  if (const auto why = agent_.record(setup, program, recording_)) {
    (agent_.lost() ? out.lost : out.not_run) = *why;
    return out;
  }
  out.lost = recording_.lost;
  out.judgement = judge(setup, recording_, agent_.greeting().unseen, comparison_,
                        tally == nullptr ? nullptr : &tally->coverage);
  if (tally == nullptr) return out;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  tally->seconds += took.count();
  count(recording_, out.judgement, *tally);
  return out;
}

void PlaceRun::count(const systems::Recording& recording, const Judgement& judgement,
                     Tally& tally) const {
  ++tally.programs;
  if (!judgement.limit.empty()) ++tally.limits[judgement.limit];
  std::size_t judged = 0;
  for (const systems::Recording::Step& step : recording.steps) {
    CallTally& call = tally.calls[step.call.op.index()];
    if (!step.not_run.empty()) {
      ++(step.not_run == agent::kNotImplemented ? call.absent : call.not_run);
      ++tally.not_run[step.not_run];
      continue;
    }
    if (judged == judgement.trace.lines.size()) continue;
    tally.carried_out += step.result.skipped ? 0 : 1;
    const bool last = ++judged == judgement.trace.lines.size();
    if (last && judgement.difference && judgement.difference->at + 1 == judged) {
      ++call.differ;
    } else if (step.result.skipped) {
      ++call.skipped;
    } else {
      ++(step.result.ok() ? call.ok : call.refused);
    }
  }
}

}  // namespace props::conform
