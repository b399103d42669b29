#include "service/prediction_service.hpp"

#include <utility>

#include "service/in_flight.hpp"
#include "service/network_run.hpp"
#include "service/prediction.hpp"

namespace osprey::service {

PredictionService::PredictionService(ServiceOptions options, registry::ModelRegistry& registry,
                                     scheduler::Scheduler& scheduler, std::shared_ptr<const Clock> clock)
    : options_(std::move(options)),
      registry_(registry),
      in_flight_(std::make_shared<InFlight>()),
      tensors_(options_.threads),
      preparation_(scheduler.add_lane(
          {.name = "preparation", .concurrency = options_.threads, .max_batch = 1, .max_queue = options_.max_in_flight},
          std::make_unique<StepRunner>())),
      clock_(std::move(clock)),
      fetcher_(options_.fetch) {}

PredictionService::~PredictionService() = default;

void PredictionService::admit(CancelToken cancel, TimePoint deadline, std::function<void()> work,
                              std::function<void(Error)> refused) {
  preparation_.admit(std::make_unique<StepJob>(std::move(cancel), deadline, std::move(work), std::move(refused)));
}

void PredictionService::predict(std::shared_ptr<const PredictionRequest> request, Completion completion) {
  auto prediction = std::make_shared<Prediction>(*this, request, std::move(completion));
  in_flight_->add(prediction, request->deadline);
  if (request->images.empty()) {
    return prediction->fail({Code::invalid_argument, "Error with model input. Cause: the list of images is empty"});
  }
  registry_.acquire({request->model_id, request->request_path, request->api_key},
                    [prediction](Result<registry::ModelLease> lease) {
                      if (!lease) return prediction->fail(std::move(lease).error());
                      const bool on_compute_thread = lease->at_once();
                      prediction->start(std::move(lease).value(), on_compute_thread);
                    });
}

void PredictionService::run_network(std::shared_ptr<const NetworkRequest> request, NetworkCompletion completion) {
  auto run = std::make_shared<NetworkRun>(*this, request, std::move(completion));
  in_flight_->add(run, request->deadline);
  registry_.acquire({request->model_id, request->request_path, request->api_key},
                    [run](Result<registry::ModelLease> lease) {
                      if (!lease) return run->fail(std::move(lease).error());
                      run->start(std::move(lease).value());
                    });
}

void PredictionService::check_deadlines() {
  for (const auto& request : in_flight_->overdue(clock_->now())) {
    request->fail({Code::deadline_exceeded, "the request was not done within its time; the model may hang"});
  }
}

}  // namespace osprey::service
