#include "worker/ipc/framing.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace firstguess::ipc {
namespace {

constexpr size_t kHeaderBytes = 4;

// A length is believed only so far ahead of the bytes that come.
constexpr size_t kMostBytesAtOnce = size_t{1} << 20;

// Fills `data` unless the stream ends first; returns how many bytes came.
absl::StatusOr<size_t> ReadUpTo(int fd, char* data, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t n = read(fd, data + done, size - done);
    if (n > 0) {
      done += static_cast<size_t>(n);
    } else if (n == 0 || errno == ECONNRESET) {
      break;  // a reset is how a socket pair tells of a peer that died with unread input
    } else if (errno != EINTR) {
      return absl::UnavailableError(absl::StrCat("reading from the socket: ", strerror(errno)));
    }
  }
  return done;
}

}  // namespace

absl::StatusOr<std::string> FrameReader::Read() {
  std::array<unsigned char, kHeaderBytes> header;
  const absl::StatusOr<size_t> header_bytes =
      ReadUpTo(fd_, reinterpret_cast<char*>(header.data()), kHeaderBytes);
  if (!header_bytes.ok()) return header_bytes.status();
  if (*header_bytes == 0) return absl::OutOfRangeError("the other side closed the connection");
  if (*header_bytes < kHeaderBytes) {
    return absl::DataLossError("the other side ended in the middle of a message");
  }
  const size_t size = size_t{header[0]} << 24 | size_t{header[1]} << 16 | size_t{header[2]} << 8 |
                      size_t{header[3]};
  if (size > kMaxFrameBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a message of ", size, " bytes was announced; at most ", kMaxFrameBytes, " are allowed"));
  }
  std::string frame;
  while (frame.size() < size) {
    const size_t done = frame.size();
    frame.resize(std::min(size, done + kMostBytesAtOnce));
    const absl::StatusOr<size_t> bytes = ReadUpTo(fd_, frame.data() + done, frame.size() - done);
    if (!bytes.ok()) return bytes.status();
    if (*bytes < frame.size() - done) {
      return absl::DataLossError("the other side ended in the middle of a message");
    }
  }
  return frame;
}

absl::Status FrameWriter::Write(absl::string_view frame) {
  if (frame.size() > kMaxFrameBytes) {
    return absl::InvalidArgumentError(absl::StrCat("a message of ", frame.size(),
                                                   " bytes can't be sent; at most ", kMaxFrameBytes,
                                                   " are allowed"));
  }
  const auto size = static_cast<uint32_t>(frame.size());
  std::array<unsigned char, kHeaderBytes> header = {
      static_cast<unsigned char>(size >> 24), static_cast<unsigned char>(size >> 16),
      static_cast<unsigned char>(size >> 8), static_cast<unsigned char>(size)};
  std::array<iovec, 2> parts = {iovec{header.data(), header.size()},
                                iovec{const_cast<char*>(frame.data()), frame.size()}};
  size_t left = header.size() + frame.size();
  while (left > 0) {
    msghdr message = {};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t n = sendmsg(fd_, &message, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return absl::DeadlineExceededError("the other side does not read its messages");
      }
      return absl::UnavailableError(absl::StrCat("writing to the socket: ", strerror(errno)));
    }
    left -= static_cast<size_t>(n);
    size_t written = static_cast<size_t>(n);
    for (iovec& part : parts) {
      const size_t taken = written < part.iov_len ? written : part.iov_len;
      part.iov_base = static_cast<char*>(part.iov_base) + taken;
      part.iov_len -= taken;
      written -= taken;
    }
  }
  return absl::OkStatus();
}

}  // namespace firstguess::ipc
