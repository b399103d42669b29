#include "package/python_literal.hpp"

#include <charconv>
#include <cstdint>
#include <string>
#include <utility>

#include <simdjson.h>

namespace osprey::package {
namespace {

using nlohmann::json;

void append_utf8(std::uint32_t code, std::string& out) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0U | (code >> 6U));
    put(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    put(0xE0U | (code >> 12U));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  } else {
    put(0xF0U | (code >> 18U));
    put(0x80U | ((code >> 12U) & 0x3FU));
    put(0x80U | ((code >> 6U) & 0x3FU));
    put(0x80U | (code & 0x3FU));
  }
}

// Recursive descent; every function returns false at the first character that does not fit.
class Parser {
 public:
  explicit Parser(std::string_view text) : rest_(text) {}

  bool whole(json& out) {
    if (!value(out, 0)) return false;
    skip_blanks();
    return rest_.empty();
  }

 private:
  static constexpr int kMaxDepth = 16;

  void skip_blanks() {
    const std::size_t end = rest_.find_first_not_of(" \t\r\n");
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end);
  }

  bool take(std::string_view token) {
    skip_blanks();
    if (!rest_.starts_with(token)) return false;
    rest_.remove_prefix(token.size());
    return true;
  }

  [[nodiscard]] char peek() {
    skip_blanks();
    return rest_.empty() ? '\0' : rest_.front();
  }

  bool value(json& out, int depth) {
    if (depth > kMaxDepth) return false;
    switch (peek()) {
      case '{': return dict(out, depth);
      case '[': return sequence(out, '[', ']', depth);
      case '(': return sequence(out, '(', ')', depth);
      case '\'':
      case '"': return string(out);
      default: return word(out) || number(out);
    }
  }

  bool word(json& out) {
    if (take("True") || take("true")) {
      out = true;
    } else if (take("False") || take("false")) {
      out = false;
    } else if (take("None") || take("null")) {
      out = nullptr;
    } else {
      return false;
    }
    return true;
  }

  bool number(json& out) {
    skip_blanks();
    const std::size_t end = rest_.find_first_not_of("+-.0123456789eE");
    const std::string_view token = rest_.substr(0, end);
    const char* const last = token.data() + token.size();
    std::int64_t whole = 0;
    double real = 0;
    if (const auto [stop, error] = std::from_chars(token.data(), last, whole); error == std::errc() && stop == last) {
      out = whole;
    } else if (const auto [stop2, error2] = std::from_chars(token.data(), last, real);
               error2 == std::errc() && stop2 == last) {
      out = real;
    } else {
      return false;
    }
    rest_.remove_prefix(token.size());
    return true;
  }

  bool sequence(json& out, char open, char close, int depth) {
    out = json::array();
    if (!take(std::string_view(&open, 1))) return false;
    while (peek() != close) {
      json item;
      if (!value(item, depth + 1)) return false;
      out.push_back(std::move(item));
      if (!take(",") && peek() != close) return false;
    }
    return take(std::string_view(&close, 1));
  }

  bool dict(json& out, int depth) {
    out = json::object();
    if (!take("{")) return false;
    while (peek() != '}') {
      json key;
      json item;
      if (!value(key, depth + 1) || key.is_structured() || !take(":") || !value(item, depth + 1)) return false;
      out[key.is_string() ? key.get<std::string>() : key.dump()] = std::move(item);
      if (!take(",") && peek() != '}') return false;
    }
    return take("}");
  }

  bool string(json& out) {
    const char quote = rest_.front();
    rest_.remove_prefix(1);
    std::string text;
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == quote) {
        out = std::move(text);
        return true;
      }
      if (c != '\\') {
        text += c;
      } else if (!escape(text)) {
        return false;
      }
    }
    return false;
  }

  bool escape(std::string& text) {
    if (rest_.empty()) return false;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    switch (c) {
      case '\\':
      case '\'':
      case '"':
      case '/': text += c; return true;
      case 'n': text += '\n'; return true;
      case 't': text += '\t'; return true;
      case 'r': text += '\r'; return true;
      case 'x': return code_point(2, text);
      case 'u': return code_point(4, text);
      case 'U': return code_point(8, text);
      default: return false;
    }
  }

  bool code_point(std::size_t digits, std::string& text) {
    if (rest_.size() < digits) return false;
    std::uint32_t code = 0;
    const char* const last = rest_.data() + digits;
    const auto [stop, error] = std::from_chars(rest_.data(), last, code, 16);
    const bool surrogate = code >= 0xD800 && code < 0xE000;
    if (error != std::errc() || stop != last || code > 0x10FFFF || surrogate) return false;
    rest_.remove_prefix(digits);
    append_utf8(code, text);
    return true;
  }

  std::string_view rest_;
};

}  // namespace

std::optional<json> parse_python_literal(std::string_view text) {
  if (!simdjson::validate_utf8(text.data(), text.size())) return std::nullopt;
  json value;
  if (!Parser(text).whole(value)) return std::nullopt;
  return value;
}

}  // namespace osprey::package
