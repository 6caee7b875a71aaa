#include "worker/ipc/framing.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

#include "gtest/gtest.h"

namespace firstguess::ipc {
namespace {

// Two connected sockets, closed at the end of the test.
class SocketPair {
 public:
  SocketPair() { EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fds_.data()), 0); }
  ~SocketPair() {
    CloseLeft();
    CloseRight();
  }
  int left() const { return fds_[0]; }
  int right() const { return fds_[1]; }
  void CloseLeft() { Close(0); }
  void CloseRight() { Close(1); }

 private:
  void Close(int index) {
    if (fds_[index] >= 0) close(fds_[index]);
    fds_[index] = -1;
  }
  std::array<int, 2> fds_;
};

void WriteRaw(int fd, const std::string& bytes) {
  ASSERT_EQ(write(fd, bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
}

TEST(FramingTest, FramesArriveWholeAndInOrder) {
  SocketPair pair;
  FrameWriter writer(pair.left());
  ASSERT_TRUE(writer.Write("first").ok());
  ASSERT_TRUE(writer.Write("").ok());
  ASSERT_TRUE(writer.Write(std::string("\0\xff", 2)).ok());
  FrameReader reader(pair.right());
  EXPECT_EQ(*reader.Read(), "first");
  EXPECT_EQ(*reader.Read(), "");
  EXPECT_EQ(*reader.Read(), std::string("\0\xff", 2));
}

TEST(FramingTest, LengthIsFourBytesBigEndian) {
  SocketPair pair;
  ASSERT_TRUE(FrameWriter(pair.left()).Write(std::string(258, 'x')).ok());
  std::string header(4, '\0');
  ASSERT_EQ(read(pair.right(), header.data(), 4), 4);
  EXPECT_EQ(header, std::string("\0\0\1\2", 4));
}

TEST(FramingTest, AFrameLargerThanTheSocketsBufferArrives) {
  SocketPair pair;
  std::string frame(8 << 20, '\0');
  for (size_t i = 0; i < frame.size(); ++i) frame[i] = static_cast<char>(i * 2654435761U >> 24);
  std::thread sender([&] { EXPECT_TRUE(FrameWriter(pair.left()).Write(frame).ok()); });
  const absl::StatusOr<std::string> received = FrameReader(pair.right()).Read();
  sender.join();
  ASSERT_TRUE(received.ok());
  EXPECT_TRUE(*received == frame);
}

TEST(FramingTest, BytesThatArriveOneByOneMakeAFrame) {
  SocketPair pair;
  const std::string bytes = std::string("\0\0\0\5", 4) + "hello";
  std::thread sender([&] {
    for (const char byte : bytes) WriteRaw(pair.left(), std::string(1, byte));
  });
  const absl::StatusOr<std::string> received = FrameReader(pair.right()).Read();
  sender.join();
  EXPECT_EQ(*received, "hello");
}

TEST(FramingTest, AnEndAtAnyByteIsToldApartFromACleanEnd) {
  const std::string bytes = std::string("\0\0\0\5", 4) + "hello";
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    SocketPair pair;
    WriteRaw(pair.left(), bytes.substr(0, cut));
    pair.CloseLeft();
    FrameReader reader(pair.right());
    absl::StatusOr<std::string> frame = reader.Read();
    if (cut == 0) {
      EXPECT_TRUE(absl::IsOutOfRange(frame.status())) << frame.status();
    } else if (cut < bytes.size()) {
      EXPECT_TRUE(absl::IsDataLoss(frame.status())) << "cut at " << cut << ": " << frame.status();
    } else {
      EXPECT_EQ(*frame, "hello");
      EXPECT_TRUE(absl::IsOutOfRange(reader.Read().status()));
    }
  }
}

TEST(FramingTest, WhatWasSentBeforeAPeerDiedWithUnreadInputIsStillRead) {
  SocketPair pair;
  ASSERT_TRUE(FrameWriter(pair.right()).Write("never read").ok());
  ASSERT_TRUE(FrameWriter(pair.left()).Write("last words").ok());
  pair.CloseLeft();  // with unread input: the right side sees a reset instead of an end
  FrameReader reader(pair.right());
  EXPECT_EQ(*reader.Read(), "last words");
  EXPECT_TRUE(absl::IsOutOfRange(reader.Read().status()));
}

TEST(FramingTest, AnAnnouncedLengthAboveTheBoundIsRefusedWithoutReadingIt) {
  SocketPair pair;
  WriteRaw(pair.left(), std::string("\4\0\0\1", 4));
  FrameReader reader(pair.right());
  EXPECT_TRUE(absl::IsInvalidArgument(reader.Read().status()));
}

TEST(FramingTest, GarbageIsRefused) {
  SocketPair pair;
  WriteRaw(pair.left(), "HTTP/1.1 200 OK");
  EXPECT_TRUE(absl::IsInvalidArgument(FrameReader(pair.right()).Read().status()));
}

TEST(FramingTest, AFrameAboveTheBoundIsNotSent) {
  SocketPair pair;
  FrameWriter writer(pair.left());
  EXPECT_TRUE(absl::IsInvalidArgument(writer.Write(std::string(kMaxFrameBytes + 1, 'x'))));
  ASSERT_TRUE(writer.Write("next").ok());
  EXPECT_EQ(*FrameReader(pair.right()).Read(), "next");
}

TEST(FramingTest, WritingToAClosedSocketIsAStatusAndNoSignal) {
  SocketPair pair;
  pair.CloseRight();
  EXPECT_TRUE(absl::IsUnavailable(FrameWriter(pair.left()).Write("anyone?")));
}

TEST(FramingTest, APeerThatDoesNotReadEndsAWriteAtTheSendTimeout) {
  SocketPair pair;
  const timeval timeout = {0, 1000};
  ASSERT_EQ(setsockopt(pair.left(), SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)), 0);
  const absl::Status status = FrameWriter(pair.left()).Write(std::string(kMaxFrameBytes, 'x'));
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
}

}  // namespace
}  // namespace firstguess::ipc
