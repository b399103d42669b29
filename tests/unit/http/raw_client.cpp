#include "raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

namespace osprey::http {

std::string Reply::header(std::string_view name) const {
  return std::string(headers.find(name).value_or(""));
}

RawClient::RawClient(std::uint16_t port, std::chrono::milliseconds patience) : patience_(patience) {
  socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket_);
    socket_ = -1;
  }
}

RawClient::RawClient(RawClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      patience_(other.patience_),
      received_(std::move(other.received_)),
      ending_(other.ending_) {}

RawClient::~RawClient() {
  if (socket_ >= 0) ::close(socket_);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::finish_sending() {
  ::shutdown(socket_, SHUT_WR);
}

void RawClient::abort() {
  const linger reset{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  ::close(std::exchange(socket_, -1));
}

bool RawClient::receive(std::chrono::milliseconds patience) {
  pollfd waiting{socket_, POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(patience.count())) <= 0) return false;
  std::array<char, 65536> chunk;
  const auto count = ::recv(socket_, chunk.data(), chunk.size(), 0);
  if (count > 0) {
    received_.append(chunk.data(), static_cast<std::size_t>(count));
    return true;
  }
  ending_ = count == 0 ? Ending::closed : Ending::reset;
  return false;
}

std::optional<Reply> RawClient::read(bool to_head) {
  std::size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!receive(patience_)) return std::nullopt;
  }
  Reply reply;
  const std::string head = received_.substr(0, end + 2);
  reply.version = head.substr(0, 8);
  reply.status = std::atoi(head.c_str() + 9);
  for (std::size_t line = head.find("\r\n") + 2; line < head.size();) {
    const auto line_end = head.find("\r\n", line);
    const auto colon = head.find(": ", line);
    if (colon > line_end) return std::nullopt;
    reply.headers.add(head.substr(line, colon - line), head.substr(colon + 2, line_end - colon - 2));
    line = line_end + 2;
  }
  const auto length = to_head ? 0 : std::strtoul(reply.header("Content-Length").c_str(), nullptr, 10);
  while (received_.size() < end + 4 + length) {
    if (!receive(patience_)) return std::nullopt;
  }
  reply.body = received_.substr(end + 4, length);
  received_.erase(0, end + 4 + length);
  return reply;
}

Ending RawClient::ending(std::chrono::milliseconds patience) {
  const auto until = std::chrono::steady_clock::now() + patience;
  while (ending_ == Ending::still_open) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) break;
    receive(left);
  }
  return ending_;
}

std::optional<Reply> RawClient::ask(std::string_view request) {
  send(request);
  return read();
}

std::string get(std::string_view path, std::string_view fields) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n" + std::string(fields) + "\r\n";
}

std::string post(std::string_view path, std::string_view body, std::string_view fields) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string(fields) + "\r\n" + std::string(body);
}

}  // namespace osprey::http
