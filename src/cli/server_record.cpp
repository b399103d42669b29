#include "cli/server_record.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

namespace osprey::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = 64 << 10;  // of a file; a record has some hundred

std::string reason() {
  return std::system_category().message(errno);
}

Error failure(const std::string& what, const fs::path& path) {
  const bool is_forbidden = errno == EACCES || errno == EPERM || errno == EROFS || errno == ELOOP;
  return Error{is_forbidden ? Code::permission_denied : Code::internal, what + " " + path.string() + ": " + reason()};
}

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

struct flock whole_file(short type) {
  struct flock lock{};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

/// Whether the name still leads to the file that is open: its former holder may have removed it meanwhile.
bool still_named(int descriptor, const fs::path& file) {
  struct stat opened{};
  struct stat named{};
  return ::fstat(descriptor, &opened) == 0 && ::lstat(file.c_str(), &named) == 0 && opened.st_ino == named.st_ino &&
         opened.st_dev == named.st_dev;
}

std::string to_text(const ServerRecord& record) {
  const nlohmann::ordered_json json{{"host", record.host},       {"port", record.port},
                                    {"https", record.https},     {"started", record.started},
                                    {"version", record.version}, {"models", record.models},
                                    {"log", record.log},         {"drain_seconds", record.drain_seconds}};
  return std::to_string(record.pid) + '\n' +
         json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

std::optional<ServerRecord> from_text(const std::string& text) {
  ServerRecord record;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, record.pid);
  if (error != std::errc() || rest == end || *rest != '\n' || record.pid <= 0) return std::nullopt;
  try {
    const auto json = nlohmann::json::parse(rest, end);
    record.host = json.at("host").get<std::string>();
    record.port = json.at("port").get<std::uint16_t>();
    record.https = json.at("https").get<bool>();
    record.started = json.at("started").get<std::int64_t>();
    record.version = json.at("version").get<std::string>();
    record.models = json.at("models").get<std::string>();
    record.log = json.at("log").get<std::string>();
    record.drain_seconds = json.at("drain_seconds").get<std::size_t>();
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
  return record;
}

std::string read_all(int descriptor) {
  std::string text;
  std::array<char, 4096> piece{};
  while (text.size() < kMaxBytes) {
    const auto count = ::pread(descriptor, piece.data(), piece.size(), static_cast<off_t>(text.size()));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
  return text;
}

/// In one write, so that nobody reads half of it.
bool write_all(int descriptor, const std::string& text) {
  return ::ftruncate(descriptor, 0) == 0 &&
         ::pwrite(descriptor, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size());
}

}  // namespace

fs::path record_file(const fs::path& state_dir, std::uint16_t port) {
  return state_dir / ("server-" + std::to_string(port) + ".pid");
}

fs::path log_file(const fs::path& state_dir, std::uint16_t port) {
  return state_dir / ("server-" + std::to_string(port) + ".log");
}

Status make_state_dir(const fs::path& state_dir) {
  if (state_dir.empty()) {
    return Error{Code::invalid_argument, "no folder for pid files: set HOME, XDG_STATE_HOME or --state-dir"};
  }
  std::error_code error;
  if (state_dir.has_parent_path()) fs::create_directories(state_dir.parent_path(), error);
  if (::mkdir(state_dir.c_str(), 0700) == 0) return {};
  if (errno != EEXIST) return failure("cannot make the folder", state_dir);
  struct stat folder{};
  if (::stat(state_dir.c_str(), &folder) != 0) return failure("cannot look at the folder", state_dir);
  if (!S_ISDIR(folder.st_mode)) return Error{Code::permission_denied, state_dir.string() + " is no folder"};
  if (folder.st_uid != ::geteuid()) {
    return Error{Code::permission_denied,
                 "the folder " + state_dir.string() + " is another user's; --state-dir names one of your own"};
  }
  return {};
}

Result<HeldRecord> HeldRecord::create(const fs::path& state_dir, const ServerRecord& record) {
  const auto file = record_file(state_dir, record.port);
  while (true) {
    Descriptor opened(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (opened.get() < 0) return failure("cannot write", file);
    auto lock = whole_file(F_WRLCK);
    if (::fcntl(opened.get(), F_SETLK, &lock) != 0) {
      if (errno != EAGAIN && errno != EACCES) return failure("cannot lock", file);
      return Error{Code::unavailable, "a server runs already on port " + std::to_string(record.port)};
    }
    if (!still_named(opened.get(), file)) continue;
    if (!write_all(opened.get(), to_text(record))) return failure("cannot write", file);
    return HeldRecord(opened.release(), file);
  }
}

HeldRecord::HeldRecord(HeldRecord&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), file_(std::move(other.file_)) {}

HeldRecord::~HeldRecord() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void HeldRecord::remove() {
  if (descriptor_ >= 0) ::unlink(file_.c_str());
}

Result<FoundServer> look_at(const fs::path& file) {
  const Descriptor opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (opened.get() < 0) {
    if (errno == ENOENT) return Error{Code::not_found, "there is no " + file.string()};
    return failure("cannot read", file);
  }
  struct stat status{};
  if (::fstat(opened.get(), &status) != 0) return failure("cannot look at", file);
  if (status.st_uid != ::geteuid() || !S_ISREG(status.st_mode)) {
    return Error{Code::permission_denied, file.string() + " is not this user's file"};
  }
  FoundServer found;
  found.file = file;
  auto lock = whole_file(F_WRLCK);
  if (::fcntl(opened.get(), F_GETLK, &lock) != 0) return failure("cannot ask for the lock of", file);
  found.running = lock.l_type != F_UNLCK;
  if (found.running && lock.l_pid > 0) found.holder = lock.l_pid;
  auto record = from_text(read_all(opened.get()));
  if (!record) return Error{Code::data_corrupted, file.string() + " is not the file of a server"};
  found.record = std::move(record).value();
  return found;
}

Result<std::vector<FoundServer>> find_servers(const fs::path& state_dir) {
  std::vector<FoundServer> found;
  std::error_code error;
  fs::directory_iterator entries(state_dir, error);
  if (error == std::errc::no_such_file_or_directory) return found;
  if (error)
    return Error{Code::permission_denied, "cannot read the folder " + state_dir.string() + ": " + error.message()};
  for (const auto end = fs::directory_iterator(); !error && entries != end; entries.increment(error)) {
    const auto name = entries->path().filename().string();
    if (!name.starts_with("server-") || !name.ends_with(".pid")) continue;
    if (auto server = look_at(entries->path())) found.push_back(std::move(server).value());
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.record.port < b.record.port; });
  return found;
}

void remove_stale(const fs::path& file) {
  const Descriptor opened(::open(file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (opened.get() < 0) return;
  auto lock = whole_file(F_WRLCK);
  // Held while it is removed, so that a server that starts at this moment does not lose its own.
  if (::fcntl(opened.get(), F_SETLK, &lock) != 0 || !still_named(opened.get(), file)) return;
  ::unlink(file.c_str());
}

}  // namespace osprey::cli
