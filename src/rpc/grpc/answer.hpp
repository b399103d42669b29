// The one answer to a message, by whoever holds it last.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include <grpcpp/support/byte_buffer.h>

#include "base/result.hpp"

namespace osprey::rpc {

/// Answers once; later answers are ignored. Copies are one. When the last one goes without an answer (where memory
/// ends, a completion may), it answers with internal, so that no client waits for ever. Thread-safe.
class Answer {
 public:
  using Send = std::function<void(Result<::grpc::ByteBuffer>)>;
  explicit Answer(Send send) : once_(std::make_shared<Once>(std::move(send))) {}

  void operator()(Result<::grpc::ByteBuffer> result) const { once_->answer(std::move(result)); }

 private:
  class Once {
   public:
    explicit Once(Send send) : send_(std::move(send)) {}
    Once(const Once&) = delete;
    Once& operator=(const Once&) = delete;
    ~Once() { answer(Error{Code::internal, "the request was lost; the server may be out of memory"}); }
    void answer(Result<::grpc::ByteBuffer> result) {
      if (!answered_.exchange(true)) send_(std::move(result));
    }

   private:
    Send send_;
    std::atomic<bool> answered_{false};
  };
  std::shared_ptr<Once> once_;
};

}  // namespace osprey::rpc
