#include "loopback_server.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <sstream>

namespace osprey::testing {
namespace {

std::string decode(const std::string& text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      decoded += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

LoopbackRequest parse(const std::string& text) {
  LoopbackRequest request;
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  std::istringstream(line.substr(line.find(' ') + 1)) >> request.target;
  const auto mark = request.target.find('?');
  request.path = request.target.substr(0, mark);
  if (mark != std::string::npos) {
    std::istringstream fields(request.target.substr(mark + 1));
    for (std::string field; std::getline(fields, field, '&');) {
      const auto equals = field.find('=');
      request.query[field.substr(0, equals)] = equals == std::string::npos ? "" : decode(field.substr(equals + 1));
    }
  }
  while (std::getline(lines, line) && line != "\r") {
    const auto colon = line.find(':');
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    request.headers[name] = line.substr(colon + 2, line.size() - colon - 3);
  }
  return request;
}

bool send_all(int peer, const std::string& bytes) {
  std::size_t sent = 0;
  while (sent < bytes.size()) {
    const ssize_t count = send(peer, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return false;
    sent += static_cast<std::size_t>(count);
  }
  return true;
}

}  // namespace

LoopbackServer::LoopbackServer(Handler handler) : handler_(std::move(handler)) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  EXPECT_EQ(bind(listener_, reinterpret_cast<sockaddr*>(&address), length), 0);
  EXPECT_EQ(listen(listener_, 128), 0);
  getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
  port_ = ntohs(address.sin_port);
  accepting_ = std::jthread([this] {
    int peer = 0;
    while ((peer = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)) >= 0) {
      const std::lock_guard lock(mutex_);
      peers_.emplace_back([this, peer] { serve(peer); });
    }
  });
}

LoopbackServer::~LoopbackServer() {
  stopping_ = true;
  shutdown(listener_, SHUT_RDWR);
  accepting_.join();
  peers_.clear();
  close(listener_);
}

int LoopbackServer::hits(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(std::count_if(requests_.begin(), requests_.end(),
                                        [&](const LoopbackRequest& request) { return request.path == path; }));
}

std::vector<LoopbackRequest> LoopbackServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void LoopbackServer::serve(int peer) {
  std::string text;
  char buffer[4096];
  while (text.find("\r\n\r\n") == std::string::npos) {
    pollfd waiting{peer, POLLIN, 0};
    if (poll(&waiting, 1, 20) == 0) {
      if (stopping_) break;
      continue;
    }
    const ssize_t count = read(peer, buffer, sizeof buffer);
    if (count <= 0) break;
    text.append(buffer, static_cast<std::size_t>(count));
  }
  if (text.find("\r\n\r\n") != std::string::npos) {
    const LoopbackRequest request = parse(text);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    answer(peer, request);
  }
  close(peer);
}

void LoopbackServer::answer(int peer, const LoopbackRequest& request) {
  LoopbackAnswer answer = handler_(request);
  if (answer.silent) {
    pollfd left{peer, POLLRDHUP, 0};
    while (!stopping_ && poll(&left, 1, 20) == 0) continue;
    return;
  }
  const auto range = request.headers.find("range");
  if (answer.ranges && answer.status == 200 && range != request.headers.end()) {
    const auto first = static_cast<std::size_t>(std::atoll(range->second.c_str() + std::string("bytes=").size()));
    const std::size_t total = answer.body.size();
    answer.status = 206;
    answer.headers.emplace_back("Content-Range", "bytes " + std::to_string(first) + "-" + std::to_string(total - 1) +
                                                     "/" + std::to_string(total));
    answer.body.erase(0, first);
  }
  std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " X\r\nConnection: close\r\n";
  for (const auto& [name, value] : answer.headers) head += name + ": " + value + "\r\n";
  if (answer.tells_length) head += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
  if (!send_all(peer, head + "\r\n")) return;
  if (answer.cut_after) answer.body.resize(std::min(answer.body.size(), *answer.cut_after));
  if (answer.pause.count() == 0) {
    send_all(peer, answer.body);
    return;
  }
  constexpr std::size_t kPiece = 1024;
  for (std::size_t at = 0; at < answer.body.size() && !stopping_; at += kPiece) {
    std::this_thread::sleep_for(answer.pause);
    if (!send_all(peer, answer.body.substr(at, kPiece))) return;
  }
}

}  // namespace osprey::testing
