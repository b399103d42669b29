// A request and its one answer, shared by the steps that lead from one to the other.
#pragma once

#include <atomic>
#include <string>

#include "api/scalar.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "http/message.hpp"

namespace osprey::server {

/// Answers once; later answers are ignored, so that a failure may race with a success. Thread-safe but for `request`.
class Exchange {
 public:
  Exchange(http::Request the_request, http::Responder respond, TimePoint start)
      : request(std::move(the_request)), started(start), respond_(std::move(respond)) {}

  http::Request request;
  const TimePoint started;

  void answer(http::Response response);
  /// 200 with a JSON body.
  void answer_json(std::string body);
  /// {"message": ...} with the status of the error's code.
  void fail(const Error& error);
  /// 422 with the problems as `detail`.
  void refuse(const api::Problems& problems);

 private:
  http::Responder respond_;
  std::atomic<bool> answered_{false};
};

}  // namespace osprey::server
