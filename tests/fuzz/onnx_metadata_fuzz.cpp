#include <map>
#include <string>

#include "fuzz_target.hpp"
#include "package/onnx_metadata.hpp"

FUZZ_TARGET(onnx_metadata)(std::span<const std::byte> bytes) {
  // Each line is a value: of these keys, in turn.
  std::map<std::string, std::string> metadata;
  auto text = osprey::as_text(bytes);
  for (const char* key : {"task", "names", "imgsz", "description", "kpt_names", "kpt_shape", "args", "end2end"}) {
    metadata[key] = osprey::take_line(text);
  }
  (void)osprey::package::read_export_metadata(metadata);
}
