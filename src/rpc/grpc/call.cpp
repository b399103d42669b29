#include "rpc/grpc/call.hpp"

#include <cctype>
#include <chrono>
#include <utility>

#include "rpc/grpc/status.hpp"

namespace osprey::rpc {
namespace {

// gRPC's own way to tell clients that retry when to do so.
constexpr const char* kRetryKey = "grpc-retry-pushback-ms";
constexpr const char* kRetryMilliseconds = "1000";

/// A client's deadline on this process's clock.
TimePoint to_steady(std::chrono::system_clock::time_point deadline, TimePoint now) {
  constexpr auto kForEver = std::chrono::hours(24 * 365);
  const auto left = deadline - std::chrono::system_clock::now();
  return left > kForEver ? TimePoint::max() : now + std::chrono::duration_cast<Duration>(left);
}

std::string_view view(const ::grpc::string_ref& text) {
  return {text.data(), text.size()};
}

/// The key of "Bearer <key>"; empty for anything else.
std::string_view bearer_key(std::string_view value) {
  constexpr std::string_view kScheme = "bearer ";
  if (value.size() <= kScheme.size()) return {};
  for (std::size_t i = 0; i < kScheme.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(value[i])) != kScheme[i]) return {};
  }
  value.remove_prefix(kScheme.size());
  while (value.starts_with(' ')) value.remove_prefix(1);
  while (value.ends_with(' ')) value.remove_suffix(1);
  return value;
}

}  // namespace

Call::Call(const CallContext& context, ::grpc::GenericCallbackServerContext& call)
    : context_(context), call_(call), method_(find_method(call.method())) {}

void Call::begin() {
  self_ = shared_from_this();
  const auto& backend = context_.methods.backend;
  since_ = backend.now();
  deadline_ = to_steady(call_.deadline(), since_);
  if (method_ == nullptr) {
    return fail(State::reading, {Code::unsupported, "this server has no method " + call_.method()});
  }
  if (auto entered = context_.open.enter(self_, address_of(call_.peer())); !entered) {
    return fail(State::reading, entered.error());
  }
  entered_ = true;
  if (auto allowed = authorize(); !allowed) return fail(State::reading, allowed.error());
  StartRead(&received_);
}

Status Call::authorize() {
  std::string_view key;
  const auto& metadata = call_.client_metadata();
  if (const auto found = metadata.find("authorization"); context_.bearer_keys && found != metadata.end()) {
    key = bearer_key(view(found->second));
  }
  if (const auto found = metadata.find("api-key"); key.empty() && found != metadata.end()) key = view(found->second);
  auto registry_key = context_.methods.backend.authorize(key);
  if (registry_key) {
    api_key_ = std::move(registry_key).value();
  } else if (!method_->open) {
    return std::move(registry_key).error();
  }
  return {};
}

bool Call::move(State from, State to) {
  const std::lock_guard lock(mutex_);
  if (state_ != from) return false;
  state_ = to;
  return true;
}

void Call::fail(State from, const Error& error) {
  if (!move(from, State::finished)) return;
  if (is_worth_retrying(error.code)) call_.AddTrailingMetadata(kRetryKey, kRetryMilliseconds);
  finish(to_status(error));
}

void Call::finish(const ::grpc::Status& status) {
  auto& backend = context_.methods.backend;
  backend.answered(method_ == nullptr ? "unknown" : method_->name, to_string(status.error_code()),
                   seconds_between(since_, backend.now()));
  Finish(status);
}

void Call::OnReadDone(bool ok) {
  if (!ok) {
    if (call_.IsCancelled()) return fail(State::reading, {Code::cancelled, "the client has left"});
    if (method_->stream) {
      if (move(State::reading, State::finished)) Finish(::grpc::Status::OK);  // the client has no more to ask
      return;
    }
    return fail(State::reading, {Code::invalid_argument, "the call has ended without the one message that it needs"});
  }
  if (!move(State::reading, State::working)) return;
  auto& methods = context_.methods;
  auto share = methods.budget.take(received_.Length());
  if (!share) return fail(State::working, share.error());
  auto message = std::make_shared<Message>();
  message->bytes.Swap(&received_);
  message->share = std::move(share).value();
  message->path = call_.method();
  message->api_key = api_key_;
  message->cancel = cancel_;
  message->started = since_ = methods.backend.now();
  message->deadline = std::min(deadline_, methods.backend.deadline());
  const Answer answer(
      [self = shared_from_this()](Result<::grpc::ByteBuffer> result) { self->answer(std::move(result)); });
  method_->handle(methods, std::move(message), answer);
}

void Call::answer(Result<::grpc::ByteBuffer> result) {
  if (!result) return fail(State::working, result.error());
  if (!move(State::working, method_->stream ? State::writing : State::finished)) return;
  response_.Swap(&*result);
  auto& backend = context_.methods.backend;
  backend.answered(method_->name, to_string(::grpc::StatusCode::OK), seconds_between(since_, backend.now()));
  if (method_->stream) {
    StartWrite(&response_);
  } else {
    StartWriteAndFinish(&response_, ::grpc::WriteOptions(), ::grpc::Status::OK);
  }
}

void Call::OnWriteDone(bool ok) {
  response_.Clear();
  if (!ok) return fail(State::writing, {Code::cancelled, "the client has left"});
  if (context_.open.closed()) return fail(State::writing, {Code::unavailable, "the server is stopping"});
  answered_before_ = true;
  since_ = context_.methods.backend.now();
  // Another thread may end the call between these two; gRPC keeps it until this function has returned.
  if (move(State::writing, State::reading)) StartRead(&received_);
}

void Call::OnCancel() {
  cancel_.cancel();
  const Error why{Code::cancelled, "the call was cancelled, or its deadline has passed"};
  if (std::chrono::steady_clock::now() >= context_.cut_off_at.load()) ++context_.given_up;
  fail(State::reading, why);
  fail(State::working, why);
}

void Call::OnDone() {
  if (entered_) context_.open.leave(this);
  self_.reset();  // last: it may be the end of this
}

void Call::check(TimePoint now) {
  const auto& limits = context_.methods.limits;
  const bool between = method_->stream && answered_before_;
  const auto limit = between ? limits.idle_time : limits.message_time;
  if (now - since_.load() < limit) return;
  fail(State::reading, {Code::deadline_exceeded,
                        between ? "the stream had no message for too long" : "the message did not arrive in time"});
}

void Call::drain() {
  if (method_->stream) fail(State::reading, {Code::unavailable, "the server is stopping"});
}

}  // namespace osprey::rpc
