// Putting a folder in place, or taking one away, in one step that others see whole or not at all.
#pragma once

#include <filesystem>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace osprey::registry {

/// A hidden folder beside the one that it is for, on the same disk: ".staged-XXXXXX". What is in it lies deeper than
/// packages do, so that it is never taken for one. It is locked while this lives; one that a killed process left is
/// removed by the next to work in the same place. Not thread-safe.
class StagedFolder {
 public:
  /// Makes one beside `target`, and the folders above it that are missing. Errors: internal, saying what the disk said.
  [[nodiscard]] static Result<StagedFolder> beside(const std::filesystem::path& target);

  /// Removes it with what is in it, and the folders that were made for it when they are empty.
  ~StagedFolder();
  StagedFolder(StagedFolder&& other) noexcept;
  StagedFolder& operator=(StagedFolder&&) = delete;
  StagedFolder(const StagedFolder&) = delete;
  StagedFolder& operator=(const StagedFolder&) = delete;

  /// An empty folder to fill.
  [[nodiscard]] std::filesystem::path package() const { return inside() / "package"; }

  /// Puts package() in the target's place. With `replace`, what is there is swapped out in the same step and removed
  /// with this. Returns whether it was so. Errors: invalid_argument when something is there and is not to be replaced,
  /// internal.
  [[nodiscard]] Result<bool> put_in_place(bool replace);

  /// Takes the target away; it is removed with this. Errors: not_found, internal.
  [[nodiscard]] Status take_away();

 private:
  StagedFolder(std::filesystem::path target, std::filesystem::path path, int lock)
      : target_(std::move(target)), path_(std::move(path)), lock_(lock) {}
  [[nodiscard]] std::filesystem::path inside() const { return path_ / "in"; }

  std::filesystem::path target_;
  std::filesystem::path path_;
  std::vector<std::filesystem::path> made_;  // folders above it that were not there, the innermost first
  int lock_ = -1;
};

}  // namespace osprey::registry
