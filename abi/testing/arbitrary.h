// Any value of the vocabulary, for RapidCheck: rc::gen::arbitrary<nsabi::Call>() and its like.
//
// Any value means any that the types allow: most such programs make no sense to a kernel. They are
// for laws about text and tables; programs that get somewhere come from props/generate/.
#pragma once

#include <rapidcheck.h>

#include <iosfwd>

#include "abi/call.h"
#include "abi/trace.h"

namespace nsabi {

// How RapidCheck shows what it found.
void showValue(const Call& call, std::ostream& out);
void showValue(const Trace& trace, std::ostream& out);
void showValue(const Setup& setup, std::ostream& out);
void showValue(const Profile& profile, std::ostream& out);
void showValue(Version version, std::ostream& out);
void showValue(Flags flags, std::ostream& out);

}  // namespace nsabi

namespace rc {

#define NSABI_ARBITRARY(Type)            \
  template <>                            \
  struct Arbitrary<nsabi::Type> {        \
    static Gen<nsabi::Type> arbitrary(); \
  }

NSABI_ARBITRARY(TaskId);
NSABI_ARBITRARY(FileId);
NSABI_ARBITRARY(BindId);
NSABI_ARBITRARY(Flags);
NSABI_ARBITRARY(Version);
NSABI_ARBITRARY(TypeSet);
NSABI_ARBITRARY(Fork);
NSABI_ARBITRARY(Vfork);
NSABI_ARBITRARY(Clone);
NSABI_ARBITRARY(Clone3);
NSABI_ARBITRARY(Unshare);
NSABI_ARBITRARY(Setns);
NSABI_ARBITRARY(Execve);
NSABI_ARBITRARY(Exit);
NSABI_ARBITRARY(Kill);
NSABI_ARBITRARY(Wait);
NSABI_ARBITRARY(OpenNs);
NSABI_ARBITRARY(OpenPidfd);
NSABI_ARBITRARY(OpenFile);
NSABI_ARBITRARY(Close);
NSABI_ARBITRARY(BindNs);
NSABI_ARBITRARY(UnbindNs);
NSABI_ARBITRARY(NsIoctl);
NSABI_ARBITRARY(Chroot);
NSABI_ARBITRARY(PivotRoot);
NSABI_ARBITRARY(Setresuid);
NSABI_ARBITRARY(Setresgid);
NSABI_ARBITRARY(Capset);
NSABI_ARBITRARY(Prctl);
NSABI_ARBITRARY(Extent);
NSABI_ARBITRARY(WriteIdMap);
NSABI_ARBITRARY(WriteSetgroups);
NSABI_ARBITRARY(SetLimit);
NSABI_ARBITRARY(WriteTimens);
NSABI_ARBITRARY(Semop);
NSABI_ARBITRARY(Op);
NSABI_ARBITRARY(Call);
NSABI_ARBITRARY(Profile);
NSABI_ARBITRARY(Setup);
NSABI_ARBITRARY(Errno);
NSABI_ARBITRARY(Expectation);
NSABI_ARBITRARY(TraceLine);
NSABI_ARBITRARY(Trace);

#undef NSABI_ARBITRARY

}  // namespace rc
