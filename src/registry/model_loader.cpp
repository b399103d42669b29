#include "registry/model_loader.hpp"

#include <algorithm>
#include <exception>
#include <functional>
#include <utility>
#include <vector>

#include "registry/model_runner.hpp"

namespace osprey::registry {
namespace {

/// A network that ran once.
struct StartedNetwork {
  std::shared_ptr<engine::Session> session;
  std::unique_ptr<ModelRunner> runner;
};

/// What starting a network needs to know of its model and its machine.
struct StartOptions {
  engine::CompileOptions compile;
  Shape image_shape;  // CHW
  std::vector<int> steps;
  std::string model_id;
  Log log;
};

using CompileFunction = std::function<Result<std::shared_ptr<engine::Session>>(const engine::CompileOptions& options)>;

/// What compile() throws, as an Error: a form is compiled on a thread of its own, which must not end by it.
Result<std::shared_ptr<engine::Session>> compiled(const CompileFunction& compile,
                                                  const engine::CompileOptions& options) {
  try {
    return compile(options);
  } catch (const std::exception& e) {  // out of memory, for one
    return Error{Code::internal, e.what()};
  } catch (...) {
    return Error{Code::internal, "compiling failed"};
  }
}

/// Runs the session once and keeps `compile` for the forms that load may ask for.
Result<StartedNetwork> start_session(std::shared_ptr<engine::Session> session, const StartOptions& options,
                                     CompileFunction compile) {
  const auto further = [options, compile = std::move(compile)](int streams) {
    auto compile_options = options.compile;
    compile_options.streams = streams;
    auto form = compiled(compile, compile_options);
    if (form) {
      options.log->info("model {}: compiled for {} requests at a time", options.model_id, streams);
    } else {
      options.log->warn("model {}: not compiled for {} requests at a time, one takes all cores: {}", options.model_id,
                        streams, form.error().message);
    }
    return form;
  };
  auto runner = ModelRunner::create(session, options.image_shape, options.steps, further);
  if (!runner) return std::move(runner).error();
  return StartedNetwork{std::move(session), std::move(runner).value()};
}

/// Compiles the network and runs it once; where it compiles but does not run, with the engine's other backend.
Result<StartedNetwork> start_network(const std::shared_ptr<engine::Graph>& graph, const StartOptions& options) {
  auto session = graph->compile(options.compile);
  if (!session) return std::move(session).error();
  auto started = start_session(std::move(session).value(), options,
                               [graph](const engine::CompileOptions& further) { return graph->compile(further); });
  if (started) return started;
  const Error refusal = started.error();
  auto other = graph->compile_elsewhere(options.compile, refusal);
  if (!other) return std::move(other).error();
  auto started_there = start_session(
      std::move(other).value(), options,
      [graph, refusal](const engine::CompileOptions& further) { return graph->compile_elsewhere(further, refusal); });
  if (!started_there) return started;  // the reason that matters: the first backend is the one that was chosen
  return started_there;
}

/// Families tell class ids without the removed classes; from here on names and skeletons are counted like that, too.
void name_classes_as_found(vision::FamilyConfig& config) {
  const bool skeleton_each = config.skeletons.size() == config.class_names.size();
  for (std::size_t i = config.class_names.size(); i-- > 0;) {
    const auto& removed = config.removed_classes;
    if (std::find(removed.begin(), removed.end(), config.class_names[i]) == removed.end()) continue;
    config.class_names.erase(config.class_names.begin() + static_cast<std::ptrdiff_t>(i));
    if (skeleton_each) config.skeletons.erase(config.skeletons.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

Result<std::shared_ptr<const LiveModel>> load(const std::string& model_id, const std::filesystem::path& folder,
                                              const LoaderContext& context) {
  const TimePoint start = context.clock->now();
  auto opened = open_package(folder, context.engine);
  if (!opened) return std::move(opened).error();
  const auto network = opened->package.preprocess.network;
  const int cores = context.engine.info().threads;
  auto started = start_network(std::shared_ptr<engine::Graph>(std::move(opened->graph)),
                               {.compile = {.input_height_width = std::pair(network.height, network.width),
                                            .cache_folder = context.blob_cache,
                                            .batch = 1},
                                .image_shape = {3, network.height, network.width},
                                .steps = stream_steps(cores),
                                .model_id = model_id,
                                .log = context.log});
  if (!started) return std::move(started).error();

  // Batches of one, unless the network's own is fixed: on a CPU a convolutional network gains nothing from more, and
  // one image waits for no other.
  const std::size_t batch_size = started->runner->batch_size();
  auto model = std::make_shared<LiveModel>();
  model->id = model_id;
  model->package = std::move(opened->package);
  model->family = std::move(opened->family);
  model->session = std::move(started->session);
  model->health = std::make_shared<ModelHealth>(model_id, context.clock, context.log);
  started->runner->report_to(model->health);
  model->lane = std::make_unique<scheduler::Lane>(
      context.scheduler.add_lane({.name = model_id,
                                  .concurrency = static_cast<std::size_t>(std::max(cores, model->session->streams())),
                                  .max_batch = batch_size,
                                  .max_queue = context.max_queue,
                                  .finishing = true},
                                 std::move(started->runner)));
  model->load_seconds = seconds_between(start, context.clock->now());
  return std::shared_ptr<const LiveModel>(std::move(model));
}

}  // namespace

Result<OpenPackage> open_package(const std::filesystem::path& folder, engine::Engine& engine) {
  auto weights = package::find_weights(folder);
  // The package is there: without a network it is damaged, not unknown.
  if (!weights) return Error{Code::data_corrupted, weights.error().message};
  auto graph = engine.read(*weights);
  if (!graph) return std::move(graph).error();
  auto package = package::read_package(folder, (*graph)->info());
  if (!package) return std::move(package).error();
  auto family = vision::make_family(package->family);
  if (!family) return std::move(family).error();
  if (auto fits = (*family)->check_outputs((*graph)->info().outputs); !fits) return std::move(fits).error();
  name_classes_as_found(package->family);
  return OpenPackage{std::move(graph).value(), std::move(package).value(), std::move(family).value()};
}

Result<std::shared_ptr<const LiveModel>> load_model(const std::string& model_id, const std::filesystem::path& folder,
                                                    const LoaderContext& context) {
  auto model = load(model_id, folder, context);
  if (!model) {
    context.log->warn("model {} was not loaded: {}", model_id, model.error().message);
    return std::move(model).error().with_context("model " + model_id);
  }
  context.log->info("model {} loaded in {:.2f} s: {}, {}, {} classes, input {}x{}, backend {}", model_id,
                    (*model)->load_seconds, vision::to_string((*model)->package.family.task),
                    (*model)->package.family.architecture, (*model)->package.family.class_names.size(),
                    (*model)->package.preprocess.network.width, (*model)->package.preprocess.network.height,
                    (*model)->session->backend());
  return model;
}

}  // namespace osprey::registry
