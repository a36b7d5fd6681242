// An initramfs: the archive of files that a Linux kernel unpacks as its first root.
//
// The format is cpio's "newc" (Documentation/driver-api/early-userspace/buffer-format.rst),
// uncompressed. Only what guests need is written: plain files and directories of root's.
#pragma once

#include <string>
#include <string_view>

namespace props::systems::guests {

class Initramfs {
 public:
  // Adds an executable file of that content or a directory, at a path without a leading slash. A
  // file's directory comes before it.
  void add_program(std::string_view path, std::string_view content);
  void add_directory(std::string_view path);
  // The whole archive. Nothing can be added after that.
  std::string finish();

 private:
  void add(std::string_view path, unsigned mode, std::string_view content);
  void pad();

  std::string out_;
  unsigned inode_ = 0;
};

}  // namespace props::systems::guests
