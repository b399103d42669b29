// Reading checked values out of JSON files, with errors that name the file and the field.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/result.hpp"

namespace osprey::package {

/// Keeps the first problem met, so that a reader can go on with harmless values and check once at its end.
class Problems {
 public:
  explicit Problems(Code code) : code_(code) {}
  void add(std::string message) { add(code_, std::move(message)); }
  void add(Code code, std::string message);
  [[nodiscard]] Status status() const { return first_ ? Status(*first_) : Status(); }

 private:
  Code code_;
  std::optional<Error> first_;
};

/// A value of a JSON document and the place where it stands, e.g. "inference_config.json: network_input.color_mode".
/// Readers that find another kind of value, or none, note a problem and return a harmless value. Lives no longer than
/// its document and Problems.
class JsonNode {
 public:
  JsonNode(const nlohmann::json* value, std::string file, std::string field, Problems& problems)
      : value_(value), file_(std::move(file)), field_(std::move(field)), problems_(&problems) {}

  /// Neither absent nor null.
  [[nodiscard]] bool present() const { return value_ != nullptr && !value_->is_null(); }
  /// Written there, if only as null.
  [[nodiscard]] bool written() const { return value_ != nullptr; }
  [[nodiscard]] bool is_object() const { return present() && value_->is_object(); }
  [[nodiscard]] bool is_array() const { return present() && value_->is_array(); }
  [[nodiscard]] bool is_string() const { return present() && value_->is_string(); }
  [[nodiscard]] const nlohmann::json* value() const { return value_; }

  /// A member; absent when this is absent or has no such member.
  [[nodiscard]] JsonNode operator[](const char* key) const;
  /// The members of an object, the items of an array.
  [[nodiscard]] std::vector<std::pair<std::string, JsonNode>> members() const;
  [[nodiscard]] std::vector<JsonNode> items() const;
  /// Item `index` of an array that has it.
  [[nodiscard]] JsonNode item(std::size_t index) const;

  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::string text() const;
  /// A whole number in min..max (320.0 counts as one).
  [[nodiscard]] int integer(int min, int max) const;
  /// A number in min..max.
  [[nodiscard]] float number(double min, double max) const;
  /// The place in `allowed` of this text; 0 when it is none of them.
  [[nodiscard]] std::size_t choice(std::span<const std::string_view> allowed) const;

  /// Notes a problem of this value: "<file>: <field> is <value>; <expected>".
  void reject(const std::string& expected) const;
  /// Notes a problem when an object has a member that is not among `known`.
  void allow_only(std::span<const std::string_view> known) const;

  [[nodiscard]] Problems& problems() const { return *problems_; }
  [[nodiscard]] std::string where() const;

 private:
  const nlohmann::json* value_;
  std::string file_;
  std::string field_;
  Problems* problems_;
};

/// Parses a JSON text of bounded depth. `where` is for messages. Errors: `code`.
[[nodiscard]] Result<nlohmann::json> parse_json(std::string_view text, const std::string& where, Code code);

/// One JSON file of a package.
class JsonFile {
 public:
  /// Reads folder/name; nothing when there is no such file. Its problems get `code`.
  /// Errors: those of read_text; `code` when it is no JSON object or array.
  [[nodiscard]] static Result<std::optional<JsonFile>> read(const std::filesystem::path& folder,
                                                            const std::string& name, Code code = Code::data_corrupted);

  [[nodiscard]] JsonNode root() const { return {&document_->json, document_->name, "", document_->problems}; }
  /// The first problem that reading the nodes has met.
  [[nodiscard]] Status status() const { return document_->problems.status(); }

 private:
  struct Document {
    std::string name;
    nlohmann::json json;
    Problems problems;
  };
  explicit JsonFile(std::unique_ptr<Document> document) : document_(std::move(document)) {}

  std::unique_ptr<Document> document_;  // nodes point into it, so it must not move
};

/// "a, b, c".
[[nodiscard]] std::string join(std::span<const std::string_view> words);

}  // namespace osprey::package
