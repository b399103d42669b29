// What a server tells of itself and its models. Private to the room.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <osprey/client/prediction.hpp>
#include <osprey/client/result.hpp>

namespace osprey::client {

/// A model and the ids that it stands for, as /model/registry lists them.
struct ListedModel {
  Model model;
  std::vector<std::string> aliases;
};

/// The body of /model/registry, /model/add and so on. Errors: bad_answer.
[[nodiscard]] Result<std::vector<ListedModel>> read_models(const std::string& body);

/// The body of /info. Errors: bad_answer.
[[nodiscard]] Result<ServerInfo> read_info(const std::string& body);

/// The body of /model/add and /model/remove.
[[nodiscard]] std::string model_body(std::string_view model_id, std::string_view api_key);

}  // namespace osprey::client
