#include "hub/file_download.hpp"

#include <cerrno>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/base64.hpp"
#include "fetch/url_text.hpp"
#include "hub/digest.hpp"
#include "hub/file_handle.hpp"
#include "hub/names.hpp"

namespace osprey::hub {
namespace {

namespace fs = std::filesystem;

constexpr int kMostTries = 60;

/// The file as it grows on the disk, with its hash.
class GrowingFile {
 public:
  explicit GrowingFile(const fs::path& path) : handle_(open(path.c_str(), kFlags, 0644)), open_error_(errno) {}

  [[nodiscard]] Status opened() const { return handle_ ? Status() : Status(write_error(open_error_)); }
  [[nodiscard]] std::uint64_t size() const { return size_; }

  [[nodiscard]] Status add(std::span<const std::byte> bytes) {
    digest_.add(bytes);
    size_ += bytes.size();
    while (!bytes.empty()) {
      const ssize_t count = write(handle_.get(), bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return write_error(errno);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
  }

  [[nodiscard]] Status restart() {
    digest_.restart();
    size_ = 0;
    if (ftruncate(handle_.get(), 0) != 0 || lseek(handle_.get(), 0, SEEK_SET) != 0) return write_error(errno);
    return {};
  }

  /// The hash, once the bytes are on the disk. Ends the file.
  [[nodiscard]] Result<std::string> finish() {
    if (fdatasync(handle_.get()) != 0) return write_error(errno);
    std::string text = digest_.finish();
    if (text.empty()) return Error{Code::internal, "this machine's OpenSSL does not compute MD5"};
    return text;
  }

  [[nodiscard]] Status has_room_for(std::uint64_t bytes) const {
    struct statvfs disk{};
    if (fstatvfs(handle_.get(), &disk) != 0) return {};  // then writing will tell
    return static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize < bytes ? Status(write_error(ENOSPC)) : Status();
  }

 private:
  static constexpr int kFlags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
  FileHandle handle_;
  int open_error_;
  Md5 digest_;
  std::uint64_t size_ = 0;
};

/// The md5 of "x-goog-hash: crc32c=..., md5=<base64>".
std::optional<std::string> hash_of_headers(const fetch::HttpHead& head) {
  const auto found = head.headers.find("x-goog-hash");
  if (found == head.headers.end()) return std::nullopt;
  const auto begin = found->second.find("md5=");
  if (begin == std::string::npos) return std::nullopt;
  const std::string text = found->second.substr(begin + 4, found->second.find(',', begin) - begin - 4);
  const auto bytes = decode_base64(text);
  if (!bytes) return std::nullopt;
  std::string hash = to_hex(*bytes);
  return is_md5(hash) ? std::optional(std::move(hash)) : std::nullopt;
}

/// Where the bytes of a partial answer begin: "bytes 100-199/200"; and of how many.
struct ByteRange {
  std::uint64_t first = 0;
  std::uint64_t total = 0;
};

std::optional<ByteRange> range_of(const fetch::HttpHead& head) {
  const auto found = head.headers.find("content-range");
  if (found == head.headers.end()) return std::nullopt;
  const std::string& text = found->second;
  const auto dash = text.find('-');
  const auto slash = text.find('/');
  constexpr std::string_view kUnit = "bytes ";
  if (!text.starts_with(kUnit) || dash == std::string::npos || slash == std::string::npos) return std::nullopt;
  ByteRange range;
  const char* end = text.data() + text.size();
  if (std::from_chars(text.data() + kUnit.size(), text.data() + dash, range.first).ec != std::errc())
    return std::nullopt;
  std::from_chars(text.data() + slash + 1, end, range.total);  // "*": not known
  return range;
}

/// A file on its way, over as many tries as it takes.
class Download {
 public:
  Download(const RemoteFile& file, GrowingFile& target, const DownloadContext& context, DownloadReport& report)
      : file_(file), target_(target), context_(context), report_(report), expected_(file.md5) {}

  [[nodiscard]] Result<FileRecord> run(const CancelToken& cancel) {
    int failures = 0;  // since the last progress
    std::uint64_t furthest = 0;
    for (int tries = 1;; ++tries) {
      auto problem = one_try(cancel);
      if (!problem) break;
      if (problem->final || cancel.cancelled()) return std::move(problem->error);
      ++context_.counts.failed_calls;
      failures = target_.size() > furthest ? 1 : failures + 1;
      furthest = std::max(furthest, target_.size());
      context_.log->warn("{}: {} (try {})", fetch::url_for_log(file_.url), problem->error.message, tries);
      if (failures >= context_.options.max_tries || tries >= kMostTries) {
        return Error{Code::internal, "the model registry did not deliver " + file_.name + " in " +
                                         std::to_string(tries) + " tries: " + problem->error.message};
      }
      if (!pause_for(retry_pause(failures, context_.options.retry_pause, random_chance()), cancel)) {
        return Error{Code::cancelled, "the download was cancelled"};
      }
    }
    return check();
  }

 private:
  struct Problem {
    Error error;
    bool final = false;  // another try would not help
  };

  std::optional<Problem> one_try(const CancelToken& cancel) {
    // Without a hash, bytes of two versions of the file could be joined.
    if (target_.size() > 0 && expected_.empty()) {
      if (auto done = target_.restart(); !done) return Problem{std::move(done).error(), true};
    }
    fetch::HttpRequest request;
    request.url = context_.client.reached_by(file_.url);
    request.first_byte = target_.size();
    request.connect_time = context_.options.stall_time;
    request.stall_time = context_.options.stall_time;
    request.stall_bytes = 1024;
    request.max_bytes = context_.options.max_file_bytes - std::min(context_.options.max_file_bytes, target_.size());
    request.verify_tls = context_.options.verify_tls;
    std::optional<Error> ours;  // a failure on this side
    const fetch::HttpSink sink{
        .on_head = [&](const fetch::HttpHead& head) { return keep(begin(head), ours); },
        .on_bytes = [&](std::span<const std::byte> bytes) { return keep(take(bytes), ours); },
    };
    auto head = fetch::http_get(request, sink, cancel);
    if (ours) return Problem{std::move(*ours), true};
    if (!head) return transport_problem(head.error());
    return status_problem(*head);
  }

  static Status keep(Status status, std::optional<Error>& failure) {
    if (!status) failure = status.error();
    return status;
  }

  Status begin(const fetch::HttpHead& head) {
    if (head.status < 200 || head.status >= 300) return {};
    if (head.status == 206) {
      const auto range = range_of(head);
      if (!range || range->first != target_.size())
        return Error{Code::internal, "the registry sent another part of " + file_.name};
      total_ = range->total;
    } else {
      if (target_.size() > 0) {
        if (auto done = target_.restart(); !done) return done;
      }
      total_ = head.length.value_or(0);
    }
    if (auto hash = hash_of_headers(head); hash && expected_.empty()) expected_ = std::move(*hash);
    return total_ > target_.size() ? target_.has_room_for(total_ - target_.size()) : Status();
  }

  Status take(std::span<const std::byte> bytes) {
    if (auto added = target_.add(bytes); !added) return added;
    context_.counts.bytes_downloaded += bytes.size();
    report_.update(target_.size(), total_);
    return {};
  }

  [[nodiscard]] Problem transport_problem(const Error& error) const {
    switch (error.code) {
      case Code::unavailable:
      case Code::upstream_failed:
      case Code::upstream_timeout: return {error, false};
      case Code::payload_too_large:
        return {{Code::internal, "Issue with model package file: " + file_.name + ": " + error.message}, true};
      case Code::invalid_argument:
        return {{Code::internal, "the address of " + file_.name + ": " + error.message}, true};
      default: return {error, true};
    }
  }

  [[nodiscard]] std::optional<Problem> status_problem(const fetch::HttpHead& head) {
    if (head.status >= 200 && head.status < 300) return std::nullopt;
    const std::string text =
        "the model registry answered the request for " + file_.name + " with status " + std::to_string(head.status);
    if (head.status == 416 && target_.size() > 0) {  // begun anew
      if (auto done = target_.restart(); !done) return Problem{std::move(done).error(), true};
      return Problem{{Code::upstream_failed, text}, false};
    }
    if (context_.options.retried_statuses.contains(head.status)) return Problem{{Code::upstream_failed, text}, false};
    return Problem{{Code::internal, text}, true};
  }

  [[nodiscard]] Result<FileRecord> check() {
    auto hash = target_.finish();
    if (!hash) return std::move(hash).error();
    if (!expected_.empty() && *hash != expected_) {
      context_.log->error("{}: the MD5 of what came is {}, not {}; it is thrown away", fetch::url_for_log(file_.url),
                          *hash, expected_);
      return Error{Code::data_corrupted, "Issue with model package file: what the registry sent of " + file_.name +
                                             " does not have the hash that it should have, and is thrown away"};
    }
    ++context_.counts.files_downloaded;
    report_.finish();
    return FileRecord{file_.name, target_.size(), std::move(*hash)};
  }

  const RemoteFile& file_;
  GrowingFile& target_;
  const DownloadContext& context_;
  DownloadReport& report_;
  std::string expected_;
  std::uint64_t total_ = 0;
};

}  // namespace

Result<FileRecord> download_file(const RemoteFile& file, const fs::path& target, const DownloadContext& context,
                                 DownloadReport& report, const CancelToken& cancel) {
  Result<FileRecord> record = [&]() -> Result<FileRecord> {
    GrowingFile growing(target);
    if (auto opened = growing.opened(); !opened) return std::move(opened).error();
    return Download(file, growing, context, report).run(cancel);
  }();
  std::error_code ignored;
  if (!record) fs::remove(target, ignored);
  return record;
}

Result<FileRecord> write_file(const fs::path& target, std::string_view text) {
  GrowingFile file(target);
  if (auto opened = file.opened(); !opened) return std::move(opened).error();
  if (auto added = file.add(std::as_bytes(std::span(text))); !added) return std::move(added).error();
  auto hash = file.finish();
  if (!hash) return std::move(hash).error();
  return FileRecord{target.filename().string(), text.size(), std::move(*hash)};
}

}  // namespace osprey::hub
