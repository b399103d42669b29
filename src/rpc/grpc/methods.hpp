// What the server can be asked: the methods by their paths, each from a message's bytes to those of its answer.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <grpcpp/support/byte_buffer.h>

#include "base/cancel_token.hpp"
#include "base/clock.hpp"
#include "rpc/backend.hpp"
#include "rpc/grpc/answer.hpp"
#include "rpc/grpc/byte_budget.hpp"
#include "rpc/server.hpp"

namespace osprey::rpc {

/// A message that was read, and what belongs to it.
struct Message {
  ::grpc::ByteBuffer bytes;
  ByteBudget::Share share;  ///< of the bytes
  std::string path;         ///< of its method
  std::string api_key;      ///< for models' registries
  CancelToken cancel;
  TimePoint started;
  TimePoint deadline = TimePoint::max();
};

/// What methods work with; outlives them.
struct MethodContext {
  Backend& backend;
  const Limits& limits;
  ByteBudget& budget;
};

/// Answers a message, from any thread; called on one of gRPC's, so it must not block.
using Handle = void (*)(const MethodContext& context, std::shared_ptr<Message> message, const Answer& answer);

struct Method {
  std::string_view path;  ///< "/package.Service/Method"
  std::string_view name;  ///< its last part
  Handle handle = nullptr;
  bool open = false;    ///< needs no key
  bool stream = false;  ///< any number of messages, each with its answer
};

/// Null for a path that is none.
[[nodiscard]] const Method* find_method(std::string_view path);

}  // namespace osprey::rpc
