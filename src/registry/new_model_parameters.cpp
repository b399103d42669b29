#include "registry/new_model_parameters.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "package/files.hpp"
#include "package/model_fields.hpp"

namespace osprey::registry {
namespace {

Error unknown_parameter(std::string_view name) {
  std::string known = "classes, force";
  for (const auto& field : package::model_fields()) known += ", " + std::string(field.name);
  constexpr std::size_t kMostText = 60;
  return {Code::invalid_argument,
          "'" + std::string(name.substr(0, kMostText)) + "' is no parameter of this route; known: " + known};
}

Status set_classes(std::string_view value, package::ModelJson& said) {
  std::string text(value);
  if (text.find('\n') == std::string::npos) std::replace(text.begin(), text.end(), ',', '\n');
  auto names = package::parse_class_names(text, "classes");
  if (!names) return Error{Code::invalid_argument, names.error().message};
  said.class_names = std::move(names).value();
  return {};
}

}  // namespace

Status set_parameter(std::string_view name, std::string_view value, NewModel& model) {
  if (name == "force") {
    if (value != "true" && value != "false") return Error{Code::invalid_argument, "force has to be true or false"};
    model.replace = value == "true";
    return {};
  }
  if (name == "classes") return set_classes(value, model.said);
  const auto* field = package::find_model_field(name);
  if (field == nullptr) return unknown_parameter(name);
  return package::set_model_field(*field, value, name, model.said);
}

}  // namespace osprey::registry
