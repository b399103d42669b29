#include "oip/model_names.hpp"

#include <utility>

namespace osprey::oip {

Result<ParsedName> parse_name(const ModelName& model) {
  ParsedName parsed;
  const auto slash = model.name.find('/');
  parsed.project = model.name.substr(0, slash);
  if (slash != std::string::npos) parsed.version = model.name.substr(slash + 1);
  if (parsed.project.size() > kTensorViewSuffix.size() && parsed.project.ends_with(kTensorViewSuffix)) {
    parsed.project.resize(parsed.project.size() - kTensorViewSuffix.size());
    parsed.tensor_view = true;
  }
  if (parsed.project.empty() || (slash != std::string::npos && parsed.version.empty())) {
    return Error{Code::invalid_argument, "the model's name is '" + model.name +
                                             "'; expected a project (emoji-detection), or one and its version "
                                             "(emoji-detection/1)"};
  }
  if (!parsed.version.empty() && !model.version.empty() && parsed.version != model.version) {
    return Error{Code::invalid_argument,
                 "the model is named with two versions: '" + model.name + "' and '" + model.version + "'"};
  }
  if (parsed.version.empty()) parsed.version = model.version;
  return parsed;
}

}  // namespace osprey::oip
