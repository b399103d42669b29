#include "hub/registry_client.hpp"

#include <algorithm>
#include <random>
#include <set>
#include <thread>
#include <utility>

#include "fetch/url_text.hpp"
#include "hub/json_text.hpp"
#include "hub/names.hpp"

namespace osprey::hub {

using std::chrono::milliseconds;

namespace {

constexpr int kMaxPages = 10;
constexpr std::size_t kMaxCursor = 4096;
// Of a whole call, in its time limits for a silence.
constexpr int kCallTimes = 10;

enum class Stage { lookup, weights, file };

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

// The reference's texts; its clients may look for them.
constexpr std::string_view kLookupFailed = "Internal error. Request to Roboflow API failed.";
constexpr std::string_view kNoConnection = "Internal error. Could not connect to Roboflow API.";

Error not_found(std::string_view model_id) {
  return {Code::not_found, "Requested Roboflow resource not found. The registry has no model " + printable(model_id) +
                               " that this API key may use; check the model id and the key"};
}

/// An answer with a status of 400 and more.
Error status_failure(int status, Stage stage, const std::string& subject) {
  if (stage != Stage::file) {
    switch (status) {
      case 401:
        return {Code::unauthenticated,
                "Unauthorized access to the model registry: it does not know the API key of this request, or there is "
                "none; send one as api_key or as a Bearer token"};
      case 402:
        return {Code::payment_required, "Not enough credits: the account of this API key has none left for " + subject};
      case 403: return {Code::permission_denied, "Forbidden: this API key may not use " + subject};
      case 404: return not_found(subject);
      case 423: return {Code::locked, "Paused: the owner of the account or of " + subject + " has paused it"};
      default: break;
    }
  }
  const std::string what =
      "the model registry answered the request for " + subject + " with status " + std::to_string(status);
  if (stage == Stage::lookup) return {Code::upstream_failed, std::string(kLookupFailed) + " (" + what + ")"};
  return {Code::internal, what};
}

/// No answer, or a broken one.
Error transport_failure(const Error& cause, Stage stage, const std::string& subject) {
  if (cause.code == Code::cancelled) return cause;
  const std::string text = " the model registry for " + subject + ": " + cause.message;
  if (cause.code == Code::upstream_timeout) {
    return {stage == Stage::lookup ? Code::upstream_timeout : Code::internal, "Timeout while asking" + text};
  }
  if (cause.code == Code::unavailable) {
    if (stage == Stage::lookup) return {Code::unavailable, std::string(kNoConnection) + " (" + cause.message + ")"};
    return {Code::internal, "Could not connect to" + text};
  }
  if (stage == Stage::lookup) return {Code::upstream_failed, std::string(kLookupFailed) + " (" + cause.message + ")"};
  return {Code::internal, "Could not ask" + text};
}

bool may_pass(const Error& error) {
  return error.code == Code::unavailable || error.code == Code::upstream_failed || error.code == Code::upstream_timeout;
}

}  // namespace

milliseconds retry_pause(int tries_made, milliseconds first, double chance) {
  constexpr milliseconds kLongest{30'000};
  milliseconds pause = first;
  for (int i = 1; i < tries_made && pause < kLongest; ++i) pause *= 2;
  pause = std::min(pause, kLongest);
  return milliseconds(static_cast<milliseconds::rep>(static_cast<double>(pause.count()) * (0.5 + chance / 2)));
}

bool pause_for(milliseconds time, const CancelToken& cancel) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (!cancel.cancelled()) {
    const auto left = end - std::chrono::steady_clock::now();
    if (left.count() <= 0) return true;
    constexpr std::chrono::nanoseconds kLook = milliseconds(20);
    std::this_thread::sleep_for(std::min<std::chrono::nanoseconds>(left, kLook));
  }
  return false;
}

double random_chance() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

struct RegistryClient::Call {
  std::string url;
  std::string key;  // sent as a Bearer token; empty: none
  Stage stage;
  std::string subject;  // for a person
  milliseconds silence;
};

RegistryClient::RegistryClient(const HubOptions& options, CallCounts& counts, Log log)
    : options_(options), counts_(counts), log_(std::move(log)) {}

std::string RegistryClient::reached_by(const std::string& url) const {
  if (options_.gateway.empty()) return url;
  const bool has_scheme = options_.gateway.find("://") != std::string::npos;
  return (has_scheme ? "" : "http://") + without_slash(options_.gateway) + "/proxy?url=" + fetch::percent_encode(url);
}

std::vector<fetch::HttpHeader> RegistryClient::headers(const std::string& key) const {
  std::vector<fetch::HttpHeader> headers;
  for (const auto& [name, value] : options_.extra_headers) headers.push_back({name, value});
  if (!key.empty()) headers.push_back({"Authorization", "Bearer " + key});
  return headers;
}

Result<std::string> RegistryClient::get(const Call& call, const CancelToken& cancel) const {
  fetch::HttpRequest request;
  request.url = reached_by(call.url);
  if (call.stage != Stage::file) request.headers = headers(call.key);
  request.connect_time = call.silence;
  request.stall_time = call.silence;
  request.time = call.silence * kCallTimes;
  request.max_bytes = kMaxJsonBytes;
  request.verify_tls = options_.verify_tls;
  for (int tries = 1;; ++tries) {
    const auto response = fetch::http_get(request, cancel);
    if (response && response->head.status < 400) {
      if (call.stage != Stage::file) ++counts_.lookups;
      return response->body;
    }
    if (!response && response.error().code == Code::cancelled) return response.error();
    ++counts_.failed_calls;
    Error error = response ? status_failure(response->head.status, call.stage, call.subject)
                           : transport_failure(response.error(), call.stage, call.subject);
    bool again = response ? options_.retried_statuses.contains(response->head.status) : may_pass(response.error());
    // A lookup's time limit is long already.
    if (!response && call.stage == Stage::lookup && response.error().code == Code::upstream_timeout) again = false;
    // A refusal is told by those who asked.
    const bool refused = response && response->head.status < 500 && !again;
    log_->log(refused ? spdlog::level::debug : spdlog::level::warn, "{}: {} (try {} of {})",
              fetch::url_for_log(call.url), error.message, tries, again ? options_.max_tries : tries);
    if (!again || tries >= options_.max_tries) return error;
    if (!pause_for(retry_pause(tries, options_.retry_pause, random_chance()), cancel)) {
      return Error{Code::cancelled, "the call was cancelled"};
    }
  }
}

Result<ModelType> RegistryClient::stat(std::string_view model_id, const std::string& key,
                                       const CancelToken& cancel) const {
  const Call call{
      without_slash(options_.lookup_url) + "/models/v1/external/stat?modelId=" + fetch::percent_encode(model_id), key,
      Stage::lookup, printable(model_id), options_.lookup_time};
  const auto body = get(call, cancel);
  if (!body) return body.error();
  if (auto json = parse_json_object(*body); !json) {
    return Error{Code::upstream_failed, std::string(kLookupFailed) + " (" + json.error().message + ")"};
  }
  auto type = parse_stat(*body);
  if (!type) {
    return Error{Code::internal,
                 "Could not retrieve model " + call.subject + " from the registry: " + type.error().message};
  }
  return type;
}

Result<Offer> RegistryClient::weights(std::string_view model_id, const std::string& key,
                                      const CancelToken& cancel) const {
  const std::string& base = options_.weights_url.empty() ? options_.lookup_url : options_.weights_url;
  const std::string url =
      without_slash(base) + "/models/v1/external/weights?modelId=" + fetch::percent_encode(model_id);
  const std::string subject = printable(model_id);
  Offer offer;
  std::size_t offered = 0;
  std::string cursor;
  for (int page = 0; page < kMaxPages; ++page) {
    const Call call{cursor.empty() ? url : url + "&startAfter=" + fetch::percent_encode(cursor), key, Stage::weights,
                    subject, options_.call_time};
    const auto body = get(call, cancel);
    if (!body) return body.error();
    auto parsed = parse_weights(*body);
    if (!parsed) {
      return Error{Code::internal,
                   "Could not retrieve model " + subject + " from the registry: " + parsed.error().message};
    }
    for (const std::string& skipped : parsed->skipped) log_->warn("model {}: passed over {}", subject, skipped);
    offered += parsed->offered;
    if (offered > kMaxPackages) {
      return Error{Code::internal, "Could not retrieve model " + subject + ": the registry offers too many packages"};
    }
    std::move(parsed->packages.begin(), parsed->packages.end(), std::back_inserter(offer.packages));
    offer.type = std::move(parsed->type);
    offer.recommended = std::move(parsed->recommended);
    cursor = std::move(parsed->next_page);
    if (cursor.empty() || cursor.size() > kMaxCursor) break;
  }
  if (offered == 0) {
    return Error{Code::internal, "Could not retrieve model " + subject + ": the registry offers no packages of it"};
  }
  return offer;
}

Result<OlderModel> RegistryClient::older(std::string_view model_id, const std::string& key,
                                         const CancelToken& cancel) const {
  const auto slash = model_id.find('/');
  const bool versioned = slash != std::string_view::npos;
  const std::string key_field = key.empty() ? "" : "&api_key=" + fetch::percent_encode(key);
  const std::string base = without_slash(options_.lookup_url);
  const std::string url = versioned ? base + "/ort/" + fetch::percent_encode(model_id.substr(0, slash)) + '/' +
                                          fetch::percent_encode(model_id.substr(slash + 1)) +
                                          "?nocache=true&dynamic=true" + key_field
                                    : base + "/getWeights?model=" + fetch::percent_encode(model_id) + key_field;
  const Call call{url, key, Stage::lookup, printable(model_id), options_.lookup_time};
  const auto body = get(call, cancel);
  if (!body) return body.error();
  auto model = versioned ? parse_ort(*body) : parse_get_weights(*body);
  if (!model) {
    return Error{Code::internal,
                 "Could not retrieve model " + call.subject + " from the registry: " + model.error().message};
  }
  return model;
}

Result<std::string> RegistryClient::small_file(const std::string& url, const std::string& name,
                                               const CancelToken& cancel) const {
  return get({url, "", Stage::file, name, options_.call_time}, cancel);
}

}  // namespace osprey::hub
