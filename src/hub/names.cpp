#include "hub/names.hpp"

#include <algorithm>
#include <cctype>

#include "hub/digest.hpp"

namespace osprey::hub {
namespace {

constexpr std::size_t kMaxSegment = 200;
constexpr std::size_t kMaxFileName = 128;
constexpr std::size_t kMaxPackageId = 255;
constexpr std::size_t kMaxSlug = 48;
constexpr std::size_t kMaxShown = 80;
constexpr std::size_t kMd5Digits = 32;

bool is_alphanumeric(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool is_segment(std::string_view text) {
  if (text.empty() || text.size() > kMaxSegment || text == "." || text == "..") return false;
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F || c == '\\'; });
}

}  // namespace

Status check_model_id(std::string_view model_id) {
  const auto slash = model_id.find('/');
  const bool good = slash == std::string_view::npos
                        ? is_segment(model_id)
                        : is_segment(model_id.substr(0, slash)) && is_segment(model_id.substr(slash + 1)) &&
                              model_id.find('/', slash + 1) == std::string_view::npos;
  if (good) return {};
  return Error{Code::invalid_argument,
               "Invalid Model ID sent in request. It has to be project/version, or one name: " + printable(model_id)};
}

std::string entry_name(std::string_view model_id) {
  std::string slug;
  for (const char c : model_id) {
    if (is_alphanumeric(c)) {
      slug += c;
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
    if (slug.size() == kMaxSlug) break;
  }
  return slug + '-' + sha256(model_id).substr(0, 32);
}

bool is_package_id(std::string_view text) {
  return !text.empty() && text.size() <= kMaxPackageId && std::all_of(text.begin(), text.end(), is_alphanumeric);
}

bool is_file_name(std::string_view text) {
  if (text.empty() || text.size() > kMaxFileName || text.front() == '.') return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == '-'; });
}

bool is_md5(std::string_view text) {
  return text.size() == kMd5Digits &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string printable(std::string_view text) {
  std::string shown(text.substr(0, kMaxShown));
  std::replace_if(shown.begin(), shown.end(), [](char c) { return c < 0x20 || c > 0x7E; }, '?');
  if (text.size() > kMaxShown) shown += "...";
  return shown;
}

}  // namespace osprey::hub
