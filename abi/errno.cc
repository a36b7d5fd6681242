// Errno names (include/uapi/asm-generic/errno-base.h, errno.h).
#include "abi/errno.h"

#include <array>

#include "abi/words.h"

namespace nsabi {
namespace {

struct Name {
  Errno value;
  std::string_view word;
};

constexpr std::array<Name, 27> kNames = {{
    {Errno::kOk, "ok"},         {Errno::kEPERM, "EPERM"},     {Errno::kENOENT, "ENOENT"},
    {Errno::kESRCH, "ESRCH"},   {Errno::kEINTR, "EINTR"},     {Errno::kEIO, "EIO"},
    {Errno::kE2BIG, "E2BIG"},   {Errno::kEBADF, "EBADF"},     {Errno::kECHILD, "ECHILD"},
    {Errno::kEAGAIN, "EAGAIN"}, {Errno::kENOMEM, "ENOMEM"},   {Errno::kEACCES, "EACCES"},
    {Errno::kEFAULT, "EFAULT"}, {Errno::kEBUSY, "EBUSY"},     {Errno::kEEXIST, "EEXIST"},
    {Errno::kENODEV, "ENODEV"}, {Errno::kENOTDIR, "ENOTDIR"}, {Errno::kEINVAL, "EINVAL"},
    {Errno::kENFILE, "ENFILE"}, {Errno::kEMFILE, "EMFILE"},   {Errno::kENOTTY, "ENOTTY"},
    {Errno::kENOSPC, "ENOSPC"}, {Errno::kERANGE, "ERANGE"},   {Errno::kENOSYS, "ENOSYS"},
    {Errno::kELOOP, "ELOOP"},   {Errno::kEUSERS, "EUSERS"},   {Errno::kEOPNOTSUPP, "EOPNOTSUPP"},
}};

const Name* find(Errno e) {
  for (const Name& n : kNames) {
    if (n.value == e) return &n;
  }
  return nullptr;
}

}  // namespace

std::string to_string(Errno e) {
  if (const Name* n = find(e)) return std::string(n->word);
  std::string out = "E#";
  append_number(out, static_cast<std::uint16_t>(e));
  return out;
}

std::optional<Errno> errno_from(std::string_view word) {
  for (const Name& n : kNames) {
    if (n.word == word) return n.value;
  }
  if (!word.starts_with("E#")) return std::nullopt;
  const auto number = number_from<std::uint16_t>(word.substr(2));
  // One spelling for each errno: those with a name go by it.
  if (!number || find(Errno{*number}) != nullptr) return std::nullopt;
  return Errno{*number};
}

}  // namespace nsabi
