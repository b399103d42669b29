// Writing a package: its network and its model.json, so that they are whole on the disk when the folder is put in
// place.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.hpp"
#include "package/model_json.hpp"

namespace osprey::package {

/// A network to write: an ONNX file, or its bytes. Read during the call only.
using WeightsSource = std::variant<std::filesystem::path, std::string_view>;

/// The text of a model.json with the fields that are set, so that read_model_json gives them back. Class names are not
/// in it: write_package puts them into class_names.txt.
[[nodiscard]] std::string model_json_text(const ModelJson& model);

/// Writes `file` anew, with the source's bytes, through to the disk. A file's blocks are shared with its copy where
/// the file system can do that (FICLONE, copy_file_range).
/// Errors: unavailable (the source cannot be read), internal (no room, no permission), naming the file.
[[nodiscard]] Status write_weights(const WeightsSource& source, const std::filesystem::path& file);

/// Writes model.json and, when there are class names, class_names.txt into a folder, through to the disk. Errors:
/// invalid_argument (a class name that would not be read back: empty, or with blanks around it or a line break in it),
/// internal (no room, no permission).
[[nodiscard]] Status write_package(const std::filesystem::path& folder, const ModelJson& model);

/// Has a folder's entries written through to the disk. Errors: internal.
[[nodiscard]] Status sync_folder(const std::filesystem::path& folder);

}  // namespace osprey::package
