#include "rpc/server.hpp"

#include <dlfcn.h>

#include <cstring>
#include <string>
#include <system_error>

#include "rpc/entry.hpp"

namespace osprey::rpc {
namespace {

/// Where the library lies: ../lib/osprey as seen from the executable, in the build as in what is installed.
Result<std::filesystem::path> library_path() {
  std::error_code error;
  const auto executable = std::filesystem::read_symlink("/proc/self/exe", error);
  if (error) return Error{Code::unavailable, "the executable's own path cannot be read: " + error.message()};
  return executable.parent_path().parent_path() / "lib" / "osprey" / kLibraryFile;
}

Error unusable(const std::filesystem::path& library, const std::string& why) {
  return {Code::unavailable, "gRPC is wanted, but " + library.string() + " cannot be used: " + why};
}

}  // namespace

Result<std::unique_ptr<Server>> start_server(const ServerOptions& options, Backend& backend, const Log& log) {
  const auto library = library_path();
  if (!library) return library.error();
  std::error_code error;
  if (!std::filesystem::exists(*library, error)) {
    return unusable(*library, "it is not there; this build or package has come without it");
  }
  // Never closed: gRPC's threads may outlive its servers.
  void* handle = dlopen(library->c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) return unusable(*library, dlerror());
  const auto* version = static_cast<const char* const*>(dlsym(handle, kVersionSymbol));
  void* entry = dlsym(handle, kEntrySymbol);
  if (version == nullptr || entry == nullptr || std::strcmp(*version, OSPREY_RPC_VERSION) != 0) {
    return unusable(*library, "it is of another version than this program, which is " OSPREY_RPC_VERSION);
  }
  Result<std::unique_ptr<Server>> result(Error{Code::internal, "gRPC's library gave no server"});
  reinterpret_cast<Entry>(entry)(options, backend, log, &result);
  return result;
}

}  // namespace osprey::rpc
