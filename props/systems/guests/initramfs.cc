// An initramfs: see initramfs.h.
#include "props/systems/guests/initramfs.h"

#include <sys/stat.h>

#include <array>
#include <cstdio>

namespace props::systems::guests {
namespace {

constexpr std::string_view kTrailer = "TRAILER!!!";
constexpr std::size_t kAlign = 4;
constexpr unsigned kPermissions = 0755;

}  // namespace

void Initramfs::pad() { out_.resize((out_.size() + kAlign - 1) / kAlign * kAlign); }

void Initramfs::add(std::string_view path, unsigned mode, std::string_view content) {
  constexpr unsigned kOwner = 0, kLinks = 1, kTime = 0, kDevice = 0, kChecksum = 0;
  const std::array<unsigned, 13> header = {++inode_,
                                           mode,
                                           kOwner,
                                           kOwner,
                                           kLinks,
                                           kTime,
                                           static_cast<unsigned>(content.size()),
                                           kDevice,
                                           kDevice,
                                           kDevice,
                                           kDevice,
                                           static_cast<unsigned>(path.size() + 1),
                                           kChecksum};
  out_ += "070701";
  for (const unsigned field : header) {
    std::array<char, 9> digits;
    std::snprintf(digits.data(), digits.size(), "%08x", field);
    out_ += digits.data();
  }
  out_ += path;
  out_ += '\0';
  pad();
  out_ += content;
  pad();
}

void Initramfs::add_program(std::string_view path, std::string_view content) {
  add(path, S_IFREG | kPermissions, content);
}

void Initramfs::add_directory(std::string_view path) { add(path, S_IFDIR | kPermissions, {}); }

std::string Initramfs::finish() {
  add(kTrailer, 0, {});
  return std::move(out_);
}

}  // namespace props::systems::guests
