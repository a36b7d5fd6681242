// Error numbers by their UAPI names and values (include/uapi/asm-generic/errno*.h).
//
// A leading k keeps them apart from the macros of <errno.h>. Text shows the plain name.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "abi/namespace.h"

namespace nsabi {

enum class Errno : std::uint16_t {
  kOk = 0,
  kEPERM = 1,
  kENOENT = 2,
  kESRCH = 3,
  kEINTR = 4,
  kEIO = 5,
  kE2BIG = 7,
  kEBADF = 9,
  kECHILD = 10,
  kEAGAIN = 11,
  kENOMEM = 12,
  kEACCES = 13,
  kEFAULT = 14,
  kEBUSY = 16,
  kEEXIST = 17,
  kENODEV = 19,
  kENOTDIR = 20,
  kEINVAL = 22,
  kENFILE = 23,
  kEMFILE = 24,
  kENOTTY = 25,
  kENOSPC = 28,
  kERANGE = 34,
  kENOSYS = 38,
  kELOOP = 40,
  kEUSERS = 87,
  kEOPNOTSUPP = 95,
};

// "EPERM"; a number without a name here prints as "E#123"; kOk prints as "ok".
std::string to_string(Errno e);
// The inverse of to_string(); nothing for an unknown word.
std::optional<Errno> errno_from(std::string_view word);

}  // namespace nsabi
