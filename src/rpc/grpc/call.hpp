// One call: read, worked on, answered; ended when its client leaves or takes too long.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include <grpcpp/generic/async_generic_service.h>

#include "base/cancel_token.hpp"
#include "base/clock.hpp"
#include "rpc/grpc/methods.hpp"
#include "rpc/grpc/open_calls.hpp"

namespace osprey::rpc {

/// What calls share; outlives them.
struct CallContext {
  MethodContext methods;
  bool bearer_keys = true;
  OpenCalls& open;
  std::atomic<std::size_t>& given_up;  ///< calls that a stop has cut off
  /// When a stop cuts off what is still open; max: none is under way. Of the machine's clock.
  std::atomic<std::chrono::steady_clock::time_point>& cut_off_at;
};

/// gRPC's reactor of a call: gRPC tells it what happened, on threads of its own, several at a time. For any method: a
/// unary one takes one message and answers it, a streaming one takes the next when the last is answered.
///
/// Invariants: Finish (or StartWriteAndFinish) is called once, by whoever takes the call to State::finished; no
/// function of gRPC is called with the lock held; the call lives until OnDone, and for as long as somebody works for
/// it.
class Call final : public ::grpc::ServerGenericBidiReactor, public std::enable_shared_from_this<Call> {
 public:
  Call(const CallContext& context, ::grpc::GenericCallbackServerContext& call);

  /// Begins it: refuses it, or reads its message.
  void begin();

  /// Ends it when its client has not sent the message for too long. Thread-safe.
  void check(TimePoint now);
  /// Ends it when it is a stream that waits for its next message. Thread-safe.
  void drain();

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  enum class State { reading, working, writing, finished };

  [[nodiscard]] Status authorize();
  /// Takes the call from `from` to `to`; whether it was there.
  bool move(State from, State to);
  /// Ends it with an error, if it is in state `from`.
  void fail(State from, const Error& error);
  void finish(const ::grpc::Status& status);
  void answer(Result<::grpc::ByteBuffer> result);

  const CallContext& context_;
  ::grpc::GenericCallbackServerContext& call_;
  const Method* method_ = nullptr;
  std::string api_key_;
  TimePoint deadline_ = TimePoint::max();  ///< the client's
  CancelToken cancel_;
  bool entered_ = false;
  std::atomic<bool> answered_before_{false};  ///< of a stream: a message was answered
  ::grpc::ByteBuffer received_;               ///< what is being read
  ::grpc::ByteBuffer response_;               ///< what is being written
  std::atomic<TimePoint> since_;              ///< when reading or working began
  std::mutex mutex_;                          ///< guards state_
  State state_ = State::reading;
  std::shared_ptr<Call> self_;  ///< until OnDone
};

}  // namespace osprey::rpc
