// The headers of a request that a model answered.
#pragma once

#include <string>

#include "http/message.hpp"

namespace osprey::server {

/// X-Model-Id and, when the request caused or awaited the model's load (`cold`), those of a cold start with its
/// `load_seconds` (http-api 1.2 of the reference).
void add_model_headers(const std::string& model_id, bool cold, double load_seconds, http::Response& response);

}  // namespace osprey::server
