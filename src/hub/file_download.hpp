// One file of a package: to the disk, resumed when it is cut, held against its hash.
#pragma once

#include <filesystem>
#include <string>

#include "base/cancel_token.hpp"
#include "base/log.hpp"
#include "base/result.hpp"
#include "hub/download_progress.hpp"
#include "hub/manifest.hpp"
#include "hub/registry_client.hpp"

namespace osprey::hub {

/// What download_file() needs; all of it outlives the call.
struct DownloadContext {
  const HubOptions& options;
  const RegistryClient& client;
  CallCounts& counts;
  Log log;
};

/// Downloads `file` to `target`, which must not be there, and brings its bytes to the disk. A file without a hash is
/// held against the one in the answer's headers, where there is one. A try that got further than those before does not
/// count, up to sixty. Nothing is left at `target` after an error. Errors: data_corrupted (the hash is another one),
/// internal (not served, cut, silent, too large, disk full), cancelled. Thread-safe.
[[nodiscard]] Result<FileRecord> download_file(const RemoteFile& file, const std::filesystem::path& target,
                                               const DownloadContext& context, DownloadReport& report,
                                               const CancelToken& cancel);

/// Writes a small file of our own, and brings it to the disk. Errors: internal.
[[nodiscard]] Result<FileRecord> write_file(const std::filesystem::path& target, std::string_view text);

}  // namespace osprey::hub
