// The routes: HTTP requests to api, service and registry, and their answers back.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/model_json.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/log_ring.hpp"
#include "http/message.hpp"
#include "http/router.hpp"
#include "oip/core.hpp"
#include "registry/model_registry.hpp"
#include "server/access.hpp"
#include "server/metrics.hpp"
#include "server/model_catalog.hpp"
#include "server/model_management.hpp"
#include "service/prediction_service.hpp"

namespace osprey::server {

/// Which of the optional routes and inputs there are.
struct RouteSwitches {
  bool legacy_route = true;    ///< /{project}/{version}
  bool model_registry = true;  ///< GET /model/registry
  bool numpy_input = true;     ///< images as pickled arrays
};

/// What the routes work with. All of it outlives the HTTP server.
struct RouteContext {
  service::PredictionService& service;
  registry::ModelRegistry& registry;
  std::shared_ptr<const Clock> clock;
  Log log;
  std::string version;                     ///< told by /info
  std::string server_id;                   ///< told by /info as uuid
  std::chrono::seconds request_time{120};  ///< a request older than this is not begun any more
  std::function<bool()> ready;             ///< told by /readiness; thread-safe
  /// Whether the server is about to stop: then it is not ready, and answers close their connections. Null: never so;
  /// thread-safe.
  std::function<bool()> leaving = nullptr;
  std::function<bool()> hangs = nullptr;  ///< whether no compute thread is left; null: never so; thread-safe
  std::shared_ptr<Metrics> metrics;       ///< told by /metrics; required
  std::shared_ptr<const Access> access = std::make_shared<const Access>();
  std::shared_ptr<const LogRing> logs = nullptr;  ///< told by /logs; null: they are not kept
  RouteSwitches switches = {};
  std::size_t max_images = 256;                           ///< in one request
  int max_json_depth = 32;                                ///< of a body
  std::shared_ptr<ModelManagement> management = nullptr;  ///< /models; null: not over HTTP
  std::shared_ptr<ModelCatalog> catalog = nullptr;        ///< /model/catalog; null: only what is in memory is told
};

/// The handler of the whole server: routes what http reads and adds the headers that every answer has.
[[nodiscard]] http::Handler make_handler(const RouteContext& context);

/// The Open Inference Protocol as this server speaks it, for wires besides HTTP.
[[nodiscard]] std::shared_ptr<oip::Core> make_oip_core(const RouteContext& context);

/// 401 in that protocol's form.
[[nodiscard]] http::Response oip_unauthorized_response();

/// The live models, as /model/registry and /readiness tell them.
[[nodiscard]] std::vector<api::ModelEntry> model_entries(const registry::ModelRegistry& registry);

// The groups that make_handler is made of.
void add_prediction_routes(http::Router& router, const RouteContext& context);
void add_model_routes(http::Router& router, const RouteContext& context);
void add_catalog_routes(http::Router& router, const RouteContext& context);
void add_docs_routes(http::Router& router, const RouteContext& context);
void add_info_routes(http::Router& router, const RouteContext& context);
void add_monitor_routes(http::Router& router, const RouteContext& context);
void add_oip_routes(http::Router& router, const RouteContext& context);
void add_own_model_routes(http::Router& router, const RouteContext& context);
void add_page_routes(http::Router& router, const RouteContext& context);

}  // namespace osprey::server
