// Why this folder's namespace is not `abi`, and how the others still say abi::Call.
//
// libstdc++'s <cxxabi.h> declares `namespace abi = __cxxabiv1;`, and gtest.h includes it: a
// namespace of that name cannot be opened in any translation unit that sees both. So the words live
// in `nsabi`, and each other folder's namespace knows them as `abi`. Code outside of these
// namespaces (a test's global scope, say) writes nsabi::Call.
#pragma once

namespace nsabi {}

namespace model {
namespace abi = ::nsabi;
}
namespace impl {
namespace abi = ::nsabi;
}
namespace props {
namespace abi = ::nsabi;
}
namespace proofs {
namespace abi = ::nsabi;
}
namespace report {
namespace abi = ::nsabi;
}
namespace cli {
namespace abi = ::nsabi;
}
