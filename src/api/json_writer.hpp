// Writes JSON into a string, in one pass, compact.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace osprey::api {

/// Appends JSON to a string; puts the commas itself. The caller keeps begin and end, key and value in balance.
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);

  /// Text as UTF-8; bytes that are not become U+FFFD.
  JsonWriter& string(std::string_view text);
  JsonWriter& integer(std::int64_t value);
  /// Shortest form that reads back as the same double; a whole number gets ".0", as the reference writes floats; what
  /// is not finite becomes null.
  JsonWriter& number(double value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  /// JSON that is already written.
  JsonWriter& raw(std::string_view json);
  /// A string whose text is known to need no escaping (base64), appended by `append(std::string&)`.
  template <typename Append>
  JsonWriter& plain_string(Append&& append) {
    separate();
    text_ += '"';
    append(text_);
    text_ += '"';
    return *this;
  }

  [[nodiscard]] std::string take() && { return std::move(text_); }

 private:
  void separate();
  std::string text_;
  bool first_ = true;  // nothing was written yet in the innermost object or array
};

}  // namespace osprey::api
