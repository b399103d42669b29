#include "cli/model_command.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>

#include <CLI/CLI.hpp>

namespace osprey::cli {

bool ModelCommand::chosen() const {
  return command_->parsed();
}

std::vector<std::unique_ptr<ModelCommand>> make_model_commands(CLI::App& model) {
  std::vector<std::unique_ptr<ModelCommand>> commands;
  commands.push_back(make_model_add(model));
  commands.push_back(make_model_list(model));
  commands.push_back(make_model_remove(model));
  commands.push_back(make_model_pull(model));
  commands.push_back(make_model_quantize(model));
  return commands;
}

int refuse(const Error& error, int exit_code) {
  std::cerr << "inference: " << printable(error.message) << '\n';
  return exit_code;
}

std::string printable(std::string_view text) {
  std::string result(text);
  std::replace_if(result.begin(), result.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, '?');
  return result;
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " B";
  char text[32];
  if (bytes < 1'000'000) {
    (void)std::snprintf(text, sizeof text, "%.1f kB", static_cast<double>(bytes) / 1e3);
  } else {
    (void)std::snprintf(text, sizeof text, "%.1f MB", static_cast<double>(bytes) / 1e6);
  }
  return text;
}

std::string classes_text(const std::vector<std::string>& classes) {
  constexpr std::size_t kShown = 6;
  std::string text = std::to_string(classes.size());
  for (std::size_t i = 0; i < std::min(classes.size(), kShown); ++i) {
    text += (i == 0 ? ": " : ", ") + printable(classes[i]);
  }
  return classes.size() > kShown ? text + ", ..." : text;
}

}  // namespace osprey::cli
