// `inference infer`: predictions on images, by a server or in this process.
#pragma once

#include <memory>

#include "cli/command.hpp"

namespace CLI {
class App;
}

namespace osprey::cli {

[[nodiscard]] std::unique_ptr<Command> make_infer_command(CLI::App& app);

inline constexpr int kSomeFailed = 3;  ///< exit code: some images failed, the others are done

}  // namespace osprey::cli
