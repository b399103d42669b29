// What an answer that is no success says. Private to the room.
#pragma once

#include <string>

#include <osprey/client/result.hpp>

namespace osprey::client {

/// The error of a status from 300 on, with what the body says of it. Thread-safe.
[[nodiscard]] Error error_of(int http_status, const std::string& body);

/// "the answer is not ...": not from an inference server.
[[nodiscard]] Error bad_answer(int http_status, const std::string& why);

}  // namespace osprey::client
