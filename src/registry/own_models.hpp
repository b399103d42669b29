// Models of one's own: an ONNX file is tried and written as a package into the models folder; what is there is told
// and removed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "engine/session.hpp"
#include "package/model_json.hpp"
#include "package/package.hpp"
#include "package/package_writer.hpp"

namespace osprey::registry {

/// How messages call a field: as a flag of the command ("--input-size") or as a parameter of a request ("input_size").
enum class Spelling { flag, parameter };
[[nodiscard]] std::string spelled(std::string_view field, Spelling spelling);

/// A package and whether it can be served.
struct ModelSummary {
  std::string model_id;
  std::filesystem::path folder;
  std::uint64_t bytes = 0;                  ///< of its files
  std::optional<package::Package> package;  ///< none: it is broken
  std::optional<Error> error;               ///< why
};

/// Reads a package as a load would, up to compiling. Costs tens of milliseconds.
[[nodiscard]] ModelSummary summarize(std::string model_id, const std::filesystem::path& folder, engine::Engine& engine);

/// Takes a package out of a models folder, in one step, and deletes it. Errors: invalid_argument (no id; a project that
/// has versions), not_found with the ids that are there, permission_denied (a link that leads elsewhere), internal.
[[nodiscard]] Status remove_package(const std::filesystem::path& root, std::string_view model_id);

struct NewModel {
  std::string model_id;      ///< project/version
  package::ModelJson said;   ///< what its owner says of it; the rest comes from the file
  bool replace = false;      ///< of a model that is there
  std::string weights_name;  ///< of the file, for messages
  Spelling spelling = Spelling::flag;
};

struct AddedModel {
  ModelSummary model;
  std::string backend;     ///< that ran the blank image
  double run_seconds = 0;  ///< of the network on it
  bool replaced = false;
};

/// The models folder as its owner works with it. Thread-safe, also across processes: each change is one step on the
/// disk. Outlives nothing that it was given.
class OwnModels {
 public:
  /// `root` need not be there before the first add().
  OwnModels(std::filesystem::path root, engine::Engine& engine) : root_(std::move(root)), engine_(engine) {}

  /// Tries a network and writes it as a package: reads it and its metadata, holds it against what `model` says, runs
  /// it once on a blank image and reads what comes out. Only then is it put in place, at once; nothing is left of one
  /// that fails. Blocks for seconds.
  ///
  /// Errors, each a line that says what would be right: those of inspect_onnx, engine, package and vision;
  /// invalid_argument for a field that nothing tells, with its choices, for an id that is none or that is taken;
  /// internal (no room, no permission).
  [[nodiscard]] Result<AddedModel> add(const NewModel& model, const package::WeightsSource& weights);

  /// All packages of the folder, by id. Errors: not_found when there is no folder.
  [[nodiscard]] Result<std::vector<ModelSummary>> list() const;

  /// remove_package() of this folder.
  [[nodiscard]] Status remove(std::string_view model_id) { return remove_package(root_, model_id); }

 private:
  std::filesystem::path root_;
  engine::Engine& engine_;
};

/// An id that add() takes: two segments of letters, digits, '.', '_' and '-', none beginning with '.' or '-'; leading
/// zeros of a version of digits are dropped, as in requests. Errors: invalid_argument.
[[nodiscard]] Result<std::string> checked_new_id(std::string_view model_id);

/// An id made of a file's name: "My net.onnx" -> "My-net/1".
[[nodiscard]] std::string id_from_file(const std::filesystem::path& file);

}  // namespace osprey::registry
