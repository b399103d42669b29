// The fields of model.json as short texts, for those who give them by flag or query parameter.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "package/model_json.hpp"

namespace osprey::package {

/// A field that can be given as text. Names are model.json's, but for "family" ("architecture" there) and "input_size"
/// (width and height). "classes" is not among them: it comes as a file or a list of its own.
struct ModelField {
  std::string_view name;
  std::string_view values;       ///< what may be given, short: "WxH", "rgb or bgr"
  std::string_view description;  ///< for a help text
  /// Sets the field; what is expected in the place of a wrong text, else empty.
  std::string (*set)(std::string_view text, ModelJson& model) = nullptr;
};

/// All of them, in the order of a help text.
[[nodiscard]] std::span<const ModelField> model_fields();

/// The field of that name, also "architecture"; null when there is none.
[[nodiscard]] const ModelField* find_model_field(std::string_view name);

/// Sets a field. `shown_name` is how its giver calls it, for the message. Errors: invalid_argument naming it, the text
/// and what is allowed.
[[nodiscard]] Status set_model_field(const ModelField& field, std::string_view text, std::string_view shown_name,
                                     ModelJson& model);

}  // namespace osprey::package
