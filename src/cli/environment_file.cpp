#include "cli/environment_file.hpp"

#include <cstdlib>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace osprey::cli {

Status set_environment(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(file, error)) {
    return Error{Code::not_found, "no file of variables " + file.string()};
  }
  std::ifstream lines(file);
  std::vector<std::pair<std::string, std::string>> variables;
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    const auto begin = line.find_first_not_of(" \t");
    if (begin == std::string::npos || line[begin] == '#') continue;
    const auto equals = line.find('=');
    const auto name = equals == std::string::npos ? std::string() : line.substr(begin, equals - begin);
    if (name.empty() || name.find_first_of(" \t") != std::string::npos) {
      return Error{Code::invalid_argument,
                   file.string() + ", line " + std::to_string(number) + ": expected NAME=VALUE"};
    }
    variables.emplace_back(name, line.substr(equals + 1));
  }
  for (const auto& [name, value] : variables) ::setenv(name.c_str(), value.c_str(), 1);
  return {};
}

}  // namespace osprey::cli
