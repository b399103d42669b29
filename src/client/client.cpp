#include <osprey/client.hpp>

#include <algorithm>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "client/answer_errors.hpp"
#include "client/async_calls.hpp"
#include "client/connections.hpp"
#include "client/request_body.hpp"
#include "client/server_answers.hpp"

namespace osprey::client {
namespace {

Error invalid(std::string message) {
  return {.kind = ErrorKind::invalid_argument, .message = std::move(message)};
}

std::optional<Error> check(const Options& options) {
  if (auto problem = check_url(options.url)) return problem;
  if (options.retries.attempts < 1) return invalid("retries.attempts: at least 1");
  if (options.retries.jitter < 0 || options.retries.jitter > 1) return invalid("retries.jitter: 0 to 1");
  if (options.max_connections < 1 || options.max_connections > 1024) return invalid("max_connections: 1 to 1024");
  if (options.max_waiting < 1) return invalid("max_waiting: at least 1");
  if (options.api_key.find_first_of("\r\n") != std::string::npos) return invalid("api_key: it has a line break");
  return std::nullopt;
}

Result<Prediction> only(Result<std::vector<Prediction>> predictions) {
  if (!predictions) return std::move(predictions).error();
  return std::move(predictions->front());
}

std::vector<Model> models_of(std::vector<ListedModel> listed) {
  std::vector<Model> models;
  for (auto& each : listed) models.push_back(std::move(each.model));
  return models;
}

/// A future and the callback that fulfils it.
template <typename Value>
auto promise_and_callback() {
  auto promise = std::make_shared<std::promise<Result<Value>>>();
  auto future = promise->get_future();
  return std::pair(std::move(future), [promise](Result<Value> result) { promise->set_value(std::move(result)); });
}

}  // namespace

class Client::Impl {
 public:
  explicit Impl(Options given)
      : options(std::move(given)), connections(options), async(options.max_connections, options.max_waiting) {}
  ~Impl() { connections.stop(); }  // first: what the threads still do ends by that

  /// A call whose status says that it went well.
  Result<HttpAnswer> ask(const HttpCall& call, const std::stop_token& stop = {}) {
    auto answer = connections.call(call, options.retries, stop);
    if (!answer || answer->status < 300) return answer;
    return with_retry_after(error_of(answer->status, answer->body), *answer);
  }

  Result<std::vector<ListedModel>> models(const HttpCall& call, const std::stop_token& stop = {}) {
    auto answer = ask(call, stop);
    if (!answer) return std::move(answer).error();
    return read_models(answer->body);
  }

  /// Loads the model, where it is not loaded: the answer tells its task.
  Result<Model> load(std::string_view model_id, const std::stop_token& stop) {
    const std::string body = model_body(model_id, options.api_key);
    auto listed = models({"POST", "/model/add", body}, stop);
    if (!listed) return std::move(listed).error();
    for (auto& entry : *listed) {
      if (entry.model.model_id == model_id) return std::move(entry.model);
    }
    for (auto& entry : *listed) {
      if (std::find(entry.aliases.begin(), entry.aliases.end(), model_id) != entry.aliases.end()) {
        return std::move(entry.model);
      }
    }
    // Listed under the id that an alias stands for: which one, the answer does not tell.
    return Model{.model_id = std::string(model_id)};
  }

  /// The task that the options tell, or the server; that is asked once a model.
  Result<Task> task_of_model(const std::string& model_id, const InferOptions& given) {
    if (given.task) return *given.task;
    {
      const std::lock_guard lock(mutex);
      if (const auto known = tasks.find(model_id); known != tasks.end()) return known->second;
    }
    auto model = load(model_id, given.stop);
    if (!model) return std::move(model).error();
    // Servers answer by the model, whatever the route; once it has been asked for by this name, it is listed so.
    if (model->task_type.empty()) return Task::object_detection;
    if (!model->task) {
      return Error{.kind = ErrorKind::bad_answer,
                   .message = "the model '" + model_id + "' has the task '" + model->task_type +
                              "', which this client does not know"};
    }
    const std::lock_guard lock(mutex);
    constexpr std::size_t kMost = 10'000;  // whoever asks for ever new ids shall not fill the memory
    if (tasks.size() >= kMost) tasks.clear();
    tasks[model_id] = *model->task;
    return *model->task;
  }

  Result<std::vector<Prediction>> send(std::string_view path, std::string_view body, std::size_t images,
                                       const std::stop_token& stop) {
    auto answer = connections.call({"POST", path, body}, options.retries, stop);
    if (!answer) return std::move(answer).error();
    auto predictions = read_answer(answer->status, std::move(answer->body), images);
    if (predictions) return predictions;
    return with_retry_after(std::move(predictions).error(), *answer);
  }

  Result<std::vector<Prediction>> infer(const std::string& model_id, const InferOptions& given, std::string_view body,
                                        std::size_t images) {
    auto task = task_of_model(model_id, given);
    if (!task) return std::move(task).error();
    return send(path_of(*task), body, images, given.stop);
  }

  static Error with_retry_after(Error error, const HttpAnswer& answer) {
    error.retry_after = answer.retry_after;
    return error;
  }

  const Options options;
  Connections connections;
  std::mutex mutex;  // guards tasks
  std::map<std::string, Task, std::less<>> tasks;
  AsyncCalls async;  // last: its threads use all of the above, and end first
};

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;
Client::Client(Client&& other) noexcept = default;
Client& Client::operator=(Client&& other) noexcept = default;

Result<Client> Client::create(Options options) {
  while (options.url.ends_with('/')) options.url.pop_back();
  if (auto problem = check(options)) return std::move(*problem);
  return Client(std::make_unique<Impl>(std::move(options)));
}

Result<Prediction> Client::infer(const Image& image, std::string_view model_id, const InferOptions& options) {
  return only(infer(std::span(&image, 1), model_id, options));
}

Result<std::vector<Prediction>> Client::infer(std::span<const Image> images, std::string_view model_id,
                                              const InferOptions& options) {
  const auto body = make_body(images, model_id, options, impl_->options.api_key);
  if (!body) return body.error();
  return impl_->infer(std::string(model_id), options, *body, images.size());
}

std::future<Result<Prediction>> Client::infer_async(const Image& image, std::string_view model_id,
                                                    const InferOptions& options) {
  auto [future, done] = promise_and_callback<Prediction>();
  infer_async(image, model_id, options, std::move(done));
  return std::move(future);
}

std::future<Result<std::vector<Prediction>>> Client::infer_async(std::span<const Image> images,
                                                                 std::string_view model_id,
                                                                 const InferOptions& options) {
  auto [future, done] = promise_and_callback<std::vector<Prediction>>();
  infer_async(images, model_id, options, std::move(done));
  return std::move(future);
}

void Client::infer_async(const Image& image, std::string_view model_id, const InferOptions& options, Completion done) {
  infer_async(
      std::span(&image, 1), model_id, options,
      [done = std::move(done)](Result<std::vector<Prediction>> predictions) { done(only(std::move(predictions))); });
}

void Client::infer_async(std::span<const Image> images, std::string_view model_id, const InferOptions& options,
                         BatchCompletion done) {
  auto body = make_body(images, model_id, options, impl_->options.api_key);
  if (!body) return done(std::move(body).error());
  impl_->async.submit([impl = impl_.get(), body = std::move(*body), count = images.size(),
                       model = std::string(model_id), options,
                       done = std::move(done)] { done(impl->infer(model, options, body, count)); });
}

Result<Request> Client::prepare(std::span<const Image> images, std::string_view model_id, const InferOptions& options) {
  auto task = impl_->task_of_model(std::string(model_id), options);
  if (!task) return std::move(task).error();
  return make_request(images, model_id, *task, options, impl_->options.api_key);
}

Result<std::vector<Prediction>> Client::send(const Request& request, const std::stop_token& stop) {
  return impl_->send(request.path, request.body, request.images, stop);
}

void Client::send_async(Request request, BatchCompletion done, std::stop_token stop) {
  impl_->async.submit([impl = impl_.get(), request = std::move(request), done = std::move(done),
                       stop = std::move(stop)] { done(impl->send(request.path, request.body, request.images, stop)); });
}

Result<ServerInfo> Client::server_info() {
  auto answer = impl_->ask({"GET", "/info", {}});
  if (!answer) return std::move(answer).error();
  return read_info(answer->body);
}

Result<bool> Client::ready() {
  Retries once = impl_->options.retries;
  once.attempts = 1;
  auto answer = impl_->connections.call({"GET", "/readiness", {}}, once, {});
  if (!answer) return std::move(answer).error();
  return answer->status == 200;
}

Result<std::vector<Model>> Client::list_models() {
  auto listed = impl_->models({"GET", "/model/registry", {}});
  if (!listed) return std::move(listed).error();
  return models_of(std::move(*listed));
}

Result<Model> Client::load_model(std::string_view model_id) {
  return impl_->load(model_id, {});
}

Result<std::vector<Model>> Client::unload_model(std::string_view model_id) {
  const std::string body = model_body(model_id, impl_->options.api_key);
  auto listed = impl_->models({"POST", "/model/remove", body});
  if (!listed) return std::move(listed).error();
  return models_of(std::move(*listed));
}

Result<std::vector<Model>> Client::unload_all_models() {
  auto listed = impl_->models({"POST", "/model/clear", {}});
  if (!listed) return std::move(listed).error();
  return models_of(std::move(*listed));
}

}  // namespace osprey::client
