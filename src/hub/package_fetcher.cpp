#include "hub/package_fetcher.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include "hub/json_text.hpp"
#include "hub/names.hpp"
#include "hub/package_choice.hpp"

namespace osprey::hub {
namespace {

constexpr std::size_t kMostRefused = 1000;

/// package.json, which tells the package room what the registry says of the model.
std::string describe(const ModelType& type, const Recommended& recommended) {
  nlohmann::json root{{"taskType", type.task}, {"modelArchitecture", type.architecture}};
  if (!type.variant.empty()) root["modelVariant"] = type.variant;
  if (!recommended.empty()) {
    auto& parameters = root["recommendedParameters"] = nlohmann::json::object();
    if (recommended.confidence) parameters["confidence"] = *recommended.confidence;
    if (!recommended.per_class.empty()) parameters["perClassConfidence"] = recommended.per_class;
  }
  return to_text(root);
}

}  // namespace

PackageFetcher::PackageFetcher(const HubOptions& options, const RegistryClient& client, DiskCache& cache,
                               CallCounts& counts, RunningDownloads& running, Log log)
    : options_(options),
      client_(client),
      cache_(cache),
      counts_(counts),
      running_(running),
      log_(std::move(log)),
      slots_(static_cast<std::ptrdiff_t>(std::max<std::size_t>(1, options.parallel_downloads))) {}

void PackageFetcher::refuse(const std::string& model_id, const std::string& package_id) {
  const std::lock_guard lock(mutex_);
  if (refused_.size() >= kMostRefused) refused_.clear();
  refused_[model_id].insert(package_id);
}

Status PackageFetcher::ask_access(std::string_view model_id, const std::string& key, const CancelToken& cancel) const {
  auto type = client_.stat(model_id, key, cancel);
  if (type) return {};
  if (type.error().code != Code::not_found) return std::move(type).error();
  // "No such endpoint" looks like "no such model": the older protocol knows.
  auto older = client_.older(model_id, key, cancel);
  return older ? Status() : Status(std::move(older).error());
}

Result<PackageFetcher::Plan> PackageFetcher::newer_plan(const std::string& model_id, const std::string& key,
                                                        const CancelToken& cancel) const {
  auto type = client_.stat(model_id, key, cancel);
  if (!type) return std::move(type).error();
  auto offer = client_.weights(model_id, key, cancel);
  if (!offer) return std::move(offer).error();
  ChoiceRules rules;
  rules.allow_untrusted = options_.allow_untrusted;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = refused_.find(model_id); found != refused_.end()) rules.refused_ids = found->second;
  }
  auto choice = choose_packages(std::move(offer->packages), rules);
  if (!choice) return Error{Code::unsupported, std::move(choice).error().message};
  RemotePackage& chosen = choice->front();
  ModelType known = std::move(offer->type);
  if (known.task.empty()) known.task = type->task;
  if (known.architecture.empty()) known.architecture = type->architecture;
  if (known.variant.empty()) known.variant = type->variant;
  Plan plan;
  plan.package_id = chosen.id;
  const bool describes_itself = std::any_of(chosen.files.begin(), chosen.files.end(),
                                            [](const RemoteFile& file) { return file.name == "package.json"; });
  if (!describes_itself) {
    plan.texts["package.json"] = describe(known, chosen.recommended.empty() ? offer->recommended : chosen.recommended);
  }
  plan.downloads = std::move(chosen.files);
  return plan;
}

Result<PackageFetcher::Plan> PackageFetcher::older_plan(const std::string& model_id, const std::string& key,
                                                        const CancelToken& cancel) const {
  auto model = client_.older(model_id, key, cancel);
  if (!model) return std::move(model).error();
  if (model->environment.empty()) {
    auto text = client_.small_file(model->environment_url, "environment.json", cancel);
    if (!text) return std::move(text).error();
    model->environment = std::move(*text);
  }
  auto texts = make_older_files(*model, model->environment);
  if (!texts) return std::move(texts).error().with_context("Issue with model package file");
  return Plan{"", {{"weights.onnx", model->model_url, ""}}, std::move(*texts)};
}

Result<PackageFetcher::Plan> PackageFetcher::plan(const std::string& model_id, const std::string& key,
                                                  const CancelToken& cancel) const {
  auto newer = newer_plan(model_id, key, cancel);
  if (newer) return newer;
  Error error = std::move(newer).error();
  const bool nothing_fits = error.code == Code::unsupported;
  if (nothing_fits) error.code = Code::internal;  // as the reference answers it
  if (error.code != Code::not_found && !nothing_fits) return error;
  // A registry without the newer protocol answers as it does for a model that it does not know; and the older protocol
  // gives ONNX where the newer may have none.
  log_->debug("model {}: {}; asking by the older protocol", printable(model_id), error.message);
  auto older = older_plan(model_id, key, cancel);
  if (older || !nothing_fits) return older;
  return error;
}

Result<std::vector<FileRecord>> PackageFetcher::download(const std::string& model_id, const Plan& plan,
                                                         const std::filesystem::path& folder, CancelToken cancel,
                                                         const DownloadReport::OnProgress& on_progress) {
  std::vector<FileRecord> records;
  for (const auto& [name, text] : plan.texts) {
    auto record = write_file(folder / name, text);
    if (!record) return std::move(record).error();
    records.push_back(std::move(*record));
  }
  const DownloadContext context{options_, client_, counts_, log_};
  std::atomic<std::size_t> next{0};
  std::mutex mutex;  // of the two below
  std::vector<FileRecord> downloaded;
  std::optional<Error> failure;
  const auto work = [&] {
    for (std::size_t i = next++; i < plan.downloads.size(); i = next++) {
      while (!slots_.try_acquire_for(std::chrono::milliseconds(50))) {
        if (cancel.cancelled()) return;
      }
      const RemoteFile& file = plan.downloads[i];
      Result<FileRecord> record = [&] {
        DownloadReport report(model_id, file.name, on_progress, running_, log_);
        return download_file(file, folder / file.name, context, report, cancel);
      }();
      slots_.release();
      const std::lock_guard lock(mutex);
      if (record) {
        downloaded.push_back(std::move(*record));
        continue;
      }
      if (!failure) failure = std::move(record).error();
      cancel.cancel();
      return;
    }
  };
  {
    const std::size_t workers = std::min(plan.downloads.size(), std::max<std::size_t>(1, options_.parallel_downloads));
    std::vector<std::jthread> threads;
    try {
      for (std::size_t i = 1; i < workers; ++i) threads.emplace_back(work);
    } catch (const std::system_error&) {  // no thread to be had: fewer files at a time
    }
    work();
  }
  if (failure) return std::move(*failure);
  if (downloaded.size() < plan.downloads.size()) return Error{Code::cancelled, "the download was cancelled"};
  std::move(downloaded.begin(), downloaded.end(), std::back_inserter(records));
  return records;
}

Result<HeldPackage> PackageFetcher::fetch(const std::string& model_id, const std::string& key, CancelToken cancel,
                                          const DownloadReport::OnProgress& on_progress) {
  auto planned = plan(model_id, key, cancel);
  if (!planned) return std::move(planned).error();
  auto staging = cache_.stage();
  if (!staging) return std::move(staging).error();
  log_->info("model {}: downloading {} file(s)", printable(model_id), planned->downloads.size());
  const auto began = std::chrono::steady_clock::now();
  auto records = download(model_id, *planned, staging->folder(), cancel, on_progress);
  if (!records) return std::move(records).error();
  const Manifest manifest{model_id, planned->package_id, std::move(*records)};
  auto held = cache_.commit(std::move(*staging), manifest);
  if (!held) return held;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began;
  log_->info("model {}: in the cache, {:.1f} MB in {:.2f} s", printable(model_id),
             static_cast<double>(manifest.bytes()) / 1e6, seconds.count());
  return held;
}

}  // namespace osprey::hub
