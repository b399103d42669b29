#include "engine/backend_message.hpp"

#include <algorithm>

namespace osprey::engine {
namespace {

constexpr std::size_t kMostBytes = 300;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

void erase_all(std::string& text, std::string_view part) {
  if (part.empty()) return;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at)) text.erase(at, part.size());
}

/// OpenVINO's way of saying where something failed, or that more follows; the reason is on a line of its own.
bool only_leads_to_it(std::string_view line) {
  return line.ends_with(':') || line.starts_with("Model wasn't fully converted") ||
         line.starts_with("Loading input model");
}

/// ONNX Runtime puts "file:line signature" of its own before a reason; a signature ends with ") ".
void erase_source_places(std::string& text) {
  constexpr std::string_view kSource = "/onnxruntime_src/";
  for (auto begin = text.find(kSource); begin != std::string::npos; begin = text.find(kSource, begin)) {
    auto end = text.find(") ", begin);
    end = end == std::string::npos ? text.find(' ', begin) : end + 1;
    if (end == std::string::npos) {
      text.erase(begin);
      return;
    }
    text.erase(begin, end + 1 - begin);
  }
}

/// Of "/a/b/c.onnx" only "c.onnx" stays.
std::string without_folders(std::string_view text) {
  constexpr std::string_view kEnds = " \t\"'`()<>,;";
  std::string result;
  std::size_t at = 0;
  while (at < text.size()) {
    const bool begins_word = at == 0 || kEnds.find(text[at - 1]) != std::string_view::npos || text[at - 1] == ':' ||
                             text[at - 1] == '=' || text[at - 1] == '[';
    if (text[at] != '/' || !begins_word) {
      result += text[at++];
      continue;
    }
    const auto end = std::min(text.find_first_of(kEnds, at), text.size());
    const auto path = text.substr(at, end - at);
    result += path.substr(path.rfind('/') + 1);
    at = end;
  }
  return result;
}

}  // namespace

std::string reason_in(std::string_view message, const std::filesystem::path& file) {
  // Where OpenVINO lacks an operator, this line explains those before it.
  if (const auto at = message.find("No conversion rule found"); at != std::string_view::npos) message.remove_prefix(at);
  while (!message.empty()) {
    const auto end = std::min(message.find('\n'), message.size());
    std::string line(trimmed(message.substr(0, end)));
    message.remove_prefix(std::min(end + 1, message.size()));
    if (line.starts_with("-- ")) line.erase(0, 3);
    if (line.empty() || only_leads_to_it(line)) continue;
    if (!file.empty()) {
      erase_all(line, "Load model from " + file.string() + " failed:");
      if (file.has_parent_path()) erase_all(line, file.parent_path().string() + "/");
    }
    erase_source_places(line);
    line = without_folders(trimmed(line));
    if (line.size() > kMostBytes) {
      line.resize(kMostBytes);
      // Not in the middle of a character.
      while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xC0U) == 0x80U) line.pop_back();
      if (!line.empty() && static_cast<unsigned char>(line.back()) >= 0xC0U) line.pop_back();
      line += "...";
    }
    if (!line.empty()) return line;
  }
  return "no reason given";
}

}  // namespace osprey::engine
