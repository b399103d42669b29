// A model package on disk: what its files say, checked, as a plan for vision and engine.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/tensor.hpp"
#include "vision/families/family.hpp"
#include "vision/preprocess.hpp"

namespace osprey::package {

/// A model package, read and checked. A value; holds no file open.
struct Package {
  std::filesystem::path folder;
  std::filesystem::path weights;  ///< the ONNX file
  vision::FamilyConfig family;
  vision::PreprocessPlan preprocess;
  bool dynamic_input_size = false;            ///< told as null input_height/input_width in /model/registry
  int max_batch_size = 1;                     ///< images in one run of the network; 1 for a static batch of one
  std::map<std::string, std::string> colors;  ///< class name -> "#RRGGBB"; may lack classes
  std::string package_id;                     ///< 32 hex digits, the same for the same bytes of the package's files
  std::string quantization = "fp32";          ///< "fp32", "fp16", "int8"
};

/// The ONNX file of a package folder: weights.onnx, or best.onnx, or the only *.onnx there.
/// Errors: not_found naming the folder and what was looked for; invalid_argument when several fit.
[[nodiscard]] Result<std::filesystem::path> find_weights(const std::filesystem::path& folder);

/// Reads and checks the package in `folder` against its network's inputs, outputs and metadata. The formats:
/// (a) weights.onnx + class_names.txt + inference_config.json [+ model_config.json | package.json | model_type.json];
/// (b) weights.onnx + environment.json; (c) an .onnx with its own metadata; (d) an .onnx with model.json.
/// Errors: data_corrupted or invalid_argument, naming the file and the field and what is allowed there.
[[nodiscard]] Result<Package> read_package(const std::filesystem::path& folder, const GraphInfo& graph);

}  // namespace osprey::package
