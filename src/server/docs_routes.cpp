// /openapi.json, and the pages that show it: Swagger UI and ReDoc, served from the executable.
#include <string_view>
#include <utility>

#include "api/openapi.hpp"
#include "server/routes.hpp"

extern "C" {
extern const char osprey_embedded_swagger_ui_js_begin[];
extern const char osprey_embedded_swagger_ui_js_end[];
extern const char osprey_embedded_swagger_ui_css_begin[];
extern const char osprey_embedded_swagger_ui_css_end[];
extern const char osprey_embedded_redoc_js_begin[];
extern const char osprey_embedded_redoc_js_end[];
}

namespace osprey::server {
namespace {

constexpr std::string_view kSwaggerPage = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Osprey API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/docs/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="/static/docs/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null});</script>
</body>
</html>
)html";

// Without fonts from elsewhere: the page works with no network.
constexpr std::string_view kRedocPage = R"html(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Osprey API</title>
<link rel="icon" href="data:,">
<style>body { margin: 0; }</style>
</head>
<body>
<div id="redoc"></div>
<script src="/static/docs/redoc.standalone.js"></script>
<script>Redoc.init("/openapi.json", {disableSearch: true,
  theme: {typography: {fontFamily: "system-ui, sans-serif", headings: {fontFamily: "system-ui, sans-serif"}}}},
  document.getElementById("redoc"));</script>
</body>
</html>
)html";

http::Handler page(std::string_view html) {
  return [html](http::Request, http::Responder respond) {
    http::Response response;
    response.content_type = "text/html; charset=utf-8";
    response.body = html;
    respond(std::move(response));
  };
}

http::Handler asset(const char* begin, const char* end, const char* content_type) {
  return [bytes = std::string_view(begin, static_cast<std::size_t>(end - begin)), content_type](
             http::Request, http::Responder respond) {
    http::Response response;
    response.content_type = content_type;
    response.body = bytes;
    response.headers.add("Cache-Control", "public, max-age=3600");
    respond(std::move(response));
  };
}

}  // namespace

void add_docs_routes(http::Router& router, const RouteContext& context) {
  router.add("GET", "/openapi.json",
             [&registry = context.registry, version = context.version, access = context.access](
                 http::Request, http::Responder respond) {
               const auto models = registry.available();
               http::Response response;
               response.body =
                   api::openapi_json(version, models.empty() ? "project/1" : models.front(), access->closed());
               respond(std::move(response));
             });
  router.add("GET", "/docs", page(kSwaggerPage));
  router.add("GET", "/redoc", page(kRedocPage));
  router.add("GET", "/static/docs/swagger-ui-bundle.js",
             asset(osprey_embedded_swagger_ui_js_begin, osprey_embedded_swagger_ui_js_end, "text/javascript"));
  router.add("GET", "/static/docs/swagger-ui.css",
             asset(osprey_embedded_swagger_ui_css_begin, osprey_embedded_swagger_ui_css_end, "text/css"));
  router.add("GET", "/static/docs/redoc.standalone.js",
             asset(osprey_embedded_redoc_js_begin, osprey_embedded_redoc_js_end, "text/javascript"));
}

}  // namespace osprey::server
