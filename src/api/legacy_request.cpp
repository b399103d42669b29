#include "api/legacy_request.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include "api/field_rules.hpp"
#include "api/multipart.hpp"

namespace osprey::api {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

Error image_error(std::string cause) {
  return {Code::invalid_argument, "Could not load input image. Cause: " + std::move(cause)};
}

Result<ImageField> form_image(std::string_view content_type, std::string_view body) {
  auto parts = parse_multipart(content_type, body);
  if (!parts) return image_error(parts.error().message);
  const auto file =
      std::find_if(parts->begin(), parts->end(), [](const FormPart& part) { return part.name == "file"; });
  if (file == parts->end())
    return image_error("Expected an image in a part named 'file' of the multipart/form-data request");
  if (!file->is_file) return image_error("The part 'file' is a text field; send the image as a file");
  return ImageField{ImageKind::encoded, file->data};
}

}  // namespace

LegacyRequest parse_legacy_request(const std::vector<std::pair<std::string, std::string>>& query,
                                   std::optional<std::string_view> content_type, std::string_view body) {
  LegacyRequest parsed;
  std::map<std::string_view, std::string_view> last;
  for (const auto& [name, value] : query) last[name] = value;
  for (const auto& [name, value] : last) apply_query_field(name, value, parsed.request, parsed.problems);
  if (!parsed.problems.empty()) return parsed;

  const auto url = last.find("image");
  const auto image_type = last.find("image_type");
  if (!content_type && url == last.end()) {
    parsed.error = Error{Code::invalid_argument, "Content-Type header not provided with request."};
  } else if (content_type && lower(*content_type).find("multipart/form-data") != std::string::npos) {
    // A form is checked even where `image=` makes its picture needless, as by the reference.
    auto image = form_image(*content_type, body);
    if (image) {
      parsed.request.images.push_back(url == last.end() ? std::move(image).value() : url_image(url->second));
    } else {
      parsed.error = std::move(image).error();
    }
  } else if (url != last.end()) {
    parsed.request.images.push_back(url_image(url->second));
  } else {
    const ImageKind kind = image_type == last.end() ? ImageKind::base64 : image_kind(image_type->second);
    // The body of a numpy request is the pickle itself, not its base64 text.
    parsed.request.images.push_back(kind == ImageKind::numpy ? ImageField{ImageKind::pickled, body}
                                    : kind == ImageKind::url ? url_image(body)
                                                             : ImageField{kind, body});
  }
  return parsed;
}

}  // namespace osprey::api
