// The archive, byte by byte, as the kernel's documentation lays it out.
#include "props/systems/guests/initramfs.h"

#include <gtest/gtest.h>

#include <string>

namespace props::systems::guests {
namespace {

constexpr std::size_t kHeader = 110, kModeAt = 14, kSizeAt = 54, kNameSizeAt = 94;

unsigned field(const std::string& archive, std::size_t entry, std::size_t at) {
  return static_cast<unsigned>(std::stoul(archive.substr(entry + at, 8), nullptr, 16));
}

std::size_t aligned(std::size_t n) { return (n + 3) / 4 * 4; }

TEST(Initramfs, HoldsWhatWasAdded) {
  Initramfs archive;
  archive.add_directory("dev");
  archive.add_program("init", "12345");
  const std::string bytes = archive.finish();
  EXPECT_EQ(bytes.substr(0, 6), "070701");
  EXPECT_EQ(field(bytes, 0, kModeAt), 0040755u);
  EXPECT_EQ(field(bytes, 0, kNameSizeAt), 4u);
  EXPECT_EQ(bytes.substr(kHeader, 4), std::string("dev\0", 4));
  const std::size_t init = aligned(kHeader + 4);
  EXPECT_EQ(bytes.substr(init, 6), "070701");
  EXPECT_EQ(field(bytes, init, kModeAt), 0100755u);
  EXPECT_EQ(field(bytes, init, kSizeAt), 5u);
  EXPECT_EQ(bytes.substr(init + kHeader, 5), std::string("init\0", 5));
  const std::size_t content = aligned(init + kHeader + 5);
  EXPECT_EQ(bytes.substr(content, 5), "12345");
  const std::size_t trailer = aligned(content + 5);
  EXPECT_EQ(bytes.substr(trailer + kHeader), std::string("TRAILER!!!\0\0\0\0", 14));
  EXPECT_EQ(bytes.size() % 4, 0u);
}

}  // namespace
}  // namespace props::systems::guests
