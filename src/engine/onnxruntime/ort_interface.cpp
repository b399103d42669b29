#include "engine/onnxruntime/ort_interface.hpp"

#include <dlfcn.h>

namespace osprey::engine::ort {
namespace {

/// What the library's one exported function gives.
struct EntryPoint {
  const void* (*table)(std::uint32_t version);
  const char* (*library_version)();
};

}  // namespace

Result<std::unique_ptr<const Interface>> Interface::open(const char* file_name, const char* folder) {
  const auto unavailable = [](const std::string& why) {
    return Error{Code::unavailable, "ONNX Runtime cannot be loaded: " + why};
  };
  constexpr int kHow = RTLD_NOW | RTLD_LOCAL;
  void* library = dlopen(file_name, kHow);
  if (library == nullptr) {
    const char* told = dlerror();
    const std::string why = told == nullptr ? file_name : told;
    // A sanitizer's dlopen looks along its own run path, not along this program's.
    library = dlopen((std::string(folder) + "/" + file_name).c_str(), kHow);
    if (library == nullptr) return unavailable(why);
  }
  auto* entry = reinterpret_cast<const EntryPoint* (*)()>(dlsym(library, "OrtGetApiBase"));
  if (entry == nullptr) return unavailable(std::string(file_name) + " is another library");
  const EntryPoint* base = entry();
  const void* table = base == nullptr ? nullptr : base->table(kTableVersion);
  if (table == nullptr) return unavailable(std::string(file_name) + " no longer has the interface that is used here");
  return std::unique_ptr<const Interface>(
      new Interface(static_cast<const AnyFunction*>(table), base->library_version()));
}

Status Interface::checked(Failure* failure) const {
  if (failure == nullptr) return {};
  const Owned<Failure> owned = own(failure);
  const auto code_of = reinterpret_cast<int (*)(const Failure*)>(table_[1]);
  const auto message_of = reinterpret_cast<const char* (*)(const Failure*)>(table_[2]);
  const int code = code_of(failure);
  const bool no_network = code == kFileMissing || code == kFileHoldsNoNetwork || code == kFileIsNoProtobuf;
  return Error{no_network ? Code::data_corrupted : Code::unsupported, message_of(failure)};
}

}  // namespace osprey::engine::ort
