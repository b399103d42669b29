#include "client/server_answers.hpp"

#include <optional>
#include <utility>

#include <nlohmann/json.hpp>
#include <osprey/client/request.hpp>

#include "client/answer_errors.hpp"

namespace osprey::client {
namespace {

using Json = nlohmann::json;

std::string text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<int> integer(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_integer() ? std::optional(found->get<int>()) : std::nullopt;
}

}  // namespace

Result<std::vector<ListedModel>> read_models(const std::string& body) {
  const Json answer = Json::parse(body, nullptr, false);
  const auto models = answer.is_object() ? answer.find("models") : answer.end();
  if (!answer.is_object() || models == answer.end() || !models->is_array()) return bad_answer(200, "has no models");
  std::vector<ListedModel> listed;
  for (const auto& entry : *models) {
    if (!entry.is_object() || text(entry, "model_id").empty()) return bad_answer(200, "has a model without its id");
    ListedModel& found = listed.emplace_back();
    found.model.model_id = text(entry, "model_id");
    found.model.task_type = text(entry, "task_type");
    found.model.task = task_of(found.model.task_type);
    found.model.input_width = integer(entry, "input_width");
    found.model.input_height = integer(entry, "input_height");
    const auto aliases = entry.find("request_aliases");
    if (aliases == entry.end() || !aliases->is_array()) continue;
    for (const auto& alias : *aliases) {
      if (alias.is_string()) found.aliases.push_back(alias.get<std::string>());
    }
  }
  return listed;
}

Result<ServerInfo> read_info(const std::string& body) {
  const Json answer = Json::parse(body, nullptr, false);
  if (!answer.is_object() || text(answer, "name").empty()) return bad_answer(200, "does not tell a server's name");
  return ServerInfo{text(answer, "name"), text(answer, "version"), text(answer, "uuid")};
}

std::string model_body(std::string_view model_id, std::string_view api_key) {
  Json body{{"model_id", model_id}};
  if (!api_key.empty()) body["api_key"] = api_key;
  return body.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace osprey::client
