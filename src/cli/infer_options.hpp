// The flags of `inference infer` that say how images are predicted on.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <osprey/client/options.hpp>

#include "base/result.hpp"

namespace CLI {
class App;
}

namespace osprey::cli {

/// The object must not move: the command line writes into it.
class InferOptionFlags {
 public:
  explicit InferOptionFlags(CLI::App& command);
  InferOptionFlags(const InferOptionFlags&) = delete;
  InferOptionFlags& operator=(const InferOptionFlags&) = delete;

  /// What was typed; what was not is as --model_config says. Errors: invalid_argument, not_found, naming the flag.
  [[nodiscard]] Result<client::InferOptions> read() const;

 private:
  std::string model_config_;
  std::string confidence_;
  std::string class_filter_;
  std::string mask_format_;
  client::InferOptions typed_;
  std::optional<bool> labels_;
};

}  // namespace osprey::cli
