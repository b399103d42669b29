// The pid files of servers that run in the background.
//
// A server that `server start --detach` started holds a lock on its file for as long as it lives. The kernel tells who
// holds it, and lets go of it with the process: what a file says of a process that is gone is never believed, and a
// number that belongs to another process by now is never taken for the server's.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.hpp"

namespace osprey::cli {

/// What a server writes down of itself.
struct ServerRecord {
  pid_t pid = 0;
  std::string host;  ///< that it listens on
  std::uint16_t port = 0;
  bool https = false;
  std::int64_t started = 0;  ///< seconds since 1970
  std::string version;
  std::string models;  ///< its models folder
  std::string log;     ///< its log file
  std::size_t drain_seconds = 0;
};

/// The file of the server on `port`: "server-9001.pid". Its first line is the pid, the second the record as JSON.
[[nodiscard]] std::filesystem::path record_file(const std::filesystem::path& state_dir, std::uint16_t port);
/// "server-9001.log"
[[nodiscard]] std::filesystem::path log_file(const std::filesystem::path& state_dir, std::uint16_t port);

/// Makes the folder, for nobody but its owner. Errors: permission_denied (somebody else's, or not to be made),
/// internal.
[[nodiscard]] Status make_state_dir(const std::filesystem::path& state_dir);

/// The hold of a running server on its file, for as long as it lives. The file must not be opened by other means in
/// the process that holds it: closing it would let go.
class HeldRecord {
 public:
  /// Takes the file of `record.port` and writes it; a stale one is written over. Errors: unavailable (another server
  /// holds it), permission_denied, internal.
  [[nodiscard]] static Result<HeldRecord> create(const std::filesystem::path& state_dir, const ServerRecord& record);
  ~HeldRecord();
  HeldRecord(HeldRecord&& other) noexcept;
  HeldRecord& operator=(HeldRecord&&) = delete;

  /// Removes the file: the server has ended well. A file that stays tells that it has not.
  void remove();

 private:
  HeldRecord(int descriptor, std::filesystem::path file) : descriptor_(descriptor), file_(std::move(file)) {}

  int descriptor_;
  std::filesystem::path file_;
};

/// A file that was found.
struct FoundServer {
  std::filesystem::path file;
  ServerRecord record;
  bool running = false;
  /// Who holds the file. Unset: nobody, or somebody whom this process cannot see (in another container).
  std::optional<pid_t> holder;
};

/// The servers that have a file in the folder, by port; those that do not run any more, too. Files of other users are
/// left out. Errors: permission_denied, internal. No folder: none.
[[nodiscard]] Result<std::vector<FoundServer>> find_servers(const std::filesystem::path& state_dir);

/// Looks at one file. Errors: not_found; permission_denied; data_corrupted when it is not what a server writes.
[[nodiscard]] Result<FoundServer> look_at(const std::filesystem::path& file);

/// Removes the file of a server that does not run any more; one that is held meanwhile stays.
void remove_stale(const std::filesystem::path& file);

}  // namespace osprey::cli
