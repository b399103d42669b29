#include "quantization/quantization_tool.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "package/package_writer.hpp"
#include "quantization/child_process.hpp"

extern "C" {
extern const char osprey_embedded_quantize_network_py_begin[];
extern const char osprey_embedded_quantize_network_py_end[];
extern const char osprey_embedded_integer_flow_py_begin[];
extern const char osprey_embedded_integer_flow_py_end[];
extern const char osprey_embedded_quantize_requirements_txt_begin[];
extern const char osprey_embedded_quantize_requirements_txt_end[];
}

namespace osprey::quantization {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kHelp = "; --python names an interpreter that has nncf, onnx and onnxruntime";

std::string_view requirements() {
  return {osprey_embedded_quantize_requirements_txt_begin, osprey_embedded_quantize_requirements_txt_end};
}

/// So that another version of this program makes another environment (FNV-1a).
std::string name_of(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  char name[40];
  (void)std::snprintf(name, sizeof name, "quantize-venv-%08x", static_cast<unsigned>(hash ^ hash >> 32U));
  return name;
}

/// Held as long as this lives; waits for other processes.
class FolderLock {
 public:
  explicit FolderLock(const fs::path& file)
      : descriptor_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)),
        held_(descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX) == 0) {}
  ~FolderLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  explicit operator bool() const { return held_; }

 private:
  int descriptor_;
  bool held_;
};

Error of_environment(Error error) {
  if (error.code == Code::cancelled) return error;
  return {Code::unavailable, "the environment for quantising cannot be made: " + error.message + std::string(kHelp)};
}

}  // namespace

Result<QuantizationTool> QuantizationTool::install(const fs::path& cache, const CancelToken& cancel, const Tell& tell) {
  if (cache.empty()) {
    return Error{Code::unavailable,
                 "there is no cache to install the tool for quantising into; give --cache" + std::string(kHelp)};
  }
  const fs::path folder = fs::absolute(cache) / name_of(requirements());
  const fs::path ready = folder / "osprey-ready";  // written last
  const fs::path python = folder / "bin/python";
  std::error_code error;
  fs::create_directories(folder.parent_path(), error);
  const FolderLock lock(folder.string() + ".lock");
  if (!lock) {
    return of_environment({Code::unavailable, cache.string() + " cannot be written: " + std::strerror(errno)});
  }
  if (fs::exists(ready, error)) return QuantizationTool(python);

  tell("installing NNCF into " + folder.string() + "; this takes minutes, once");
  const fs::path log = folder.string() + ".log";
  if (auto made = run_program({"python3", "-m", "venv", "--clear", folder.string()}, log, cancel); !made) {
    return of_environment({made.error().code, made.error().message + " (Debian: apt-get install python3-venv)"});
  }
  const fs::path list = folder / "requirements.txt";
  if (auto written = package::write_weights(requirements(), list); !written) return of_environment(written.error());
  const std::vector<std::string> install{python.string(), "-m", "pip", "install",    "--disable-pip-version-check",
                                         "--no-input",    "-q", "-r",  list.string()};
  if (auto installed = run_program(install, log, cancel); !installed) return of_environment(installed.error());
  if (auto written = package::write_weights(std::string_view(), ready); !written)
    return of_environment(written.error());
  return QuantizationTool(python);
}

Status QuantizationTool::run(const ToolJob& job, const fs::path& work, const CancelToken& cancel) const {
  const fs::path program = work / "quantize_network.py";
  const std::string_view tool{osprey_embedded_quantize_network_py_begin, osprey_embedded_quantize_network_py_end};
  const std::string_view flow{osprey_embedded_integer_flow_py_begin, osprey_embedded_integer_flow_py_end};
  if (auto written = package::write_weights(tool, program); !written) return written;
  if (auto written = package::write_weights(flow, work / "integer_flow.py"); !written) return written;
  std::vector<std::string> command{python_.string(), program.string(),    "--weights", job.weights.string(),
                                   "--inputs",       job.inputs.string(), "--output",  job.output.string(),
                                   "--preset",       job.preset};
  if (job.transformer) command.emplace_back("--transformer");
  if (auto done = run_program(command, work / "log.txt", cancel); !done) {
    if (done.error().code == Code::cancelled) return done;
    return Error{done.error().code, "quantising failed: " + done.error().message};
  }
  std::error_code error;
  if (!fs::is_regular_file(job.output, error)) {
    return Error{Code::internal, "quantising failed: " + python_.string() + " wrote no network"};
  }
  return {};
}

}  // namespace osprey::quantization
