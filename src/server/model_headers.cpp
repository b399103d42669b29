#include "server/model_headers.hpp"

#include <utility>

#include "api/json_writer.hpp"

namespace osprey::server {

void add_model_headers(const std::string& model_id, bool cold, double load_seconds, http::Response& response) {
  response.headers.add("X-Model-Id", model_id);
  if (!cold) return;
  api::JsonWriter seconds;
  seconds.number(load_seconds);
  const std::string load_time = std::move(seconds).take();
  api::JsonWriter details;
  details.begin_array().begin_object().key("m").string(model_id).key("t").raw(load_time).end_object().end_array();
  response.headers.add("X-Model-Cold-Start", "true");
  response.headers.add("X-Model-Cold-Start-Count", "1");
  response.headers.add("X-Model-Load-Time", load_time);
  response.headers.add("X-Model-Load-Details", std::move(details).take());
}

}  // namespace osprey::server
