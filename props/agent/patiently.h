// Calls::patiently, for the files that carry out calls which make namespaces.
#pragma once

#include "props/agent/calls.h"

namespace props::agent {

template <class Attempt>
Reply Calls::patiently(const Task& t, nsabi::Flags flags, Attempt attempt) {
  for (;;) {
    Reply reply = attempt();
    const bool quota = reply.result.error == nsabi::Errno::kENOSPC;
    if (!quota || !late_.wait(flags)) {
      late_.done();
      if (quota && too_deep(t, flags)) return Reply::refuse("namespaces nest less deep here");
      return reply;
    }
  }
}

}  // namespace props::agent
