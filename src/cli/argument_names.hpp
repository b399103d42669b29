// Option names of the reference's command that CLI11 would not take.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace osprey::cli {

/// The arguments with option names as `app` knows them: "--model_id" becomes "--model-id" where only that is known, and
/// a short name of several letters ("-wr") the long one that it stands for. Others, values, and what follows "--" stay.
[[nodiscard]] std::vector<std::string> with_known_names(const CLI::App& app, const std::vector<std::string>& arguments);

}  // namespace osprey::cli
