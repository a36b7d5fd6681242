// The carrier, between a client and a guest that this test plays itself.
#include "props/systems/guests/carrier.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <thread>

namespace props::systems::guests {
namespace {

using std::chrono::milliseconds;

constexpr char kGreeting[] = "nsproxy-agent 1 profile=6.1 mode=m caps=full bounding=full uids=any";
constexpr Limits kLimits{.greeting = milliseconds(5000), .answer = milliseconds(300)};

// A pipe whose ends close themselves.
struct Pipe {
  Pipe() { EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0); }
  ~Pipe() {
    close_reader();
    close_writer();
  }
  void close_reader() { shut(ends[0]); }
  void close_writer() { shut(ends[1]); }
  static void shut(int& fd) {
    if (fd >= 0) close(fd);
    fd = -1;
  }
  void put(const std::string& text) {
    EXPECT_EQ(write(ends[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  // A line with its end; what is there if it ends before.
  std::string line() {
    std::string out;
    for (char c; !out.ends_with('\n') && read(ends[0], &c, 1) == 1;) out += c;
    return out;
  }
  std::array<int, 2> ends{-1, -1};
};

class CarrierTest : public testing::Test {
 protected:
  std::optional<std::string> carry() {
    Carrier carrier({.client_in = asked.ends[0],
                     .client_out = told.ends[1],
                     .guest_in = in.ends[1],
                     .guest_out = out.ends[0],
                     .guest_log = log.ends[0]},
                    kLimits);
    return carrier.carry();
  }
  Pipe asked, told, in, out, log;
};

TEST_F(CarrierTest, LeavesOutWhatComesBeforeTheGreeting) {
  std::thread guest([&] {
    out.put("Booting...\r\n" + std::string(kGreeting) + "\r\n");
    EXPECT_EQ(in.line(), "view\n");
    out.put("ok\r\n");
  });
  asked.put("\nview");  // an empty line has no answer, and the last may lack its end
  asked.close_writer();
  EXPECT_EQ(carry(), std::nullopt);
  guest.join();
  EXPECT_EQ(told.line(), std::string(kGreeting) + "\n");
  EXPECT_EQ(told.line(), "ok\n");
}

TEST_F(CarrierTest, KeepsFewBytesOnTheirWay) {
  const std::string line(kWindow / 2 - 1, 'x');
  const int lines = 9;
  std::thread guest([&] {
    out.put(std::string(kGreeting) + "\n");
    std::size_t most = 0;
    for (int i = 0; i < lines; ++i) {
      EXPECT_EQ(in.line(), line + "\n");
      std::this_thread::sleep_for(milliseconds(5));  // time to send more than it should
      int waiting = 0;
      EXPECT_EQ(ioctl(in.ends[0], FIONREAD, &waiting), 0);
      most = std::max(most, static_cast<std::size_t>(waiting));
      out.put("ok\n");
    }
    EXPECT_LE(most, kWindow);
  });
  for (int i = 0; i < lines; ++i) asked.put(line + "\n");
  asked.close_writer();
  EXPECT_EQ(carry(), std::nullopt);
  guest.join();
}

TEST_F(CarrierTest, TakesALineThatIsLongerThanTheWindow) {
  const std::string line(2 * kWindow, 'x');
  std::thread guest([&] {
    out.put(std::string(kGreeting) + "\n");
    EXPECT_EQ(in.line(), line + "\n");
    out.put("ok\n");
  });
  std::thread client([&] {
    asked.put(line.substr(0, kWindow + 1));
    std::this_thread::sleep_for(milliseconds(20));  // the rest comes by itself
    asked.put(line.substr(kWindow + 1) + "\n");
    asked.close_writer();
  });
  EXPECT_EQ(carry(), std::nullopt);
  client.join();
  guest.join();
}

TEST_F(CarrierTest, GivesUpAGuestThatDoesNotAnswer) {
  out.put(std::string(kGreeting) + "\n");
  asked.put("view\n");
  log.put("one\n[1] Kernel panic - not syncing\r\n at some place\r\n");
  EXPECT_EQ(
      carry(),
      "the agent did not answer in time; the last that it said: [1] Kernel panic - not syncing");
}

TEST_F(CarrierTest, SaysThatTheGuestEnded) {
  log.close_writer();
  out.close_writer();
  asked.put("view\n");
  EXPECT_EQ(carry(), "the guest ended before its agent started");
  asked.close_writer();
  EXPECT_EQ(asked.line(), "view\n");  // for another guest to hear
}

TEST_F(CarrierTest, SaysWhatTheGuestSaidLast) {
  log.put("no such machine\n");
  log.close_writer();
  out.put(std::string(kGreeting) + "\nok");
  out.close_writer();
  asked.put("view\n");
  EXPECT_EQ(carry(), "the guest ended; the last that it said: no such machine");
}

}  // namespace
}  // namespace props::systems::guests
