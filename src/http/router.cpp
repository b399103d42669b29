#include "http/router.hpp"

#include <algorithm>
#include <cassert>
#include <set>

namespace osprey::http {
namespace {

/// Cuts the first segment off `path`, which starts with '/': from "/a/b" it returns "a" and leaves "/b".
std::string_view take_segment(std::string_view& path) {
  path.remove_prefix(1);
  const auto segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

Response detail_response(int status, std::string_view detail) {
  Response response;
  response.status = status;
  response.body = "{\"detail\":\"" + std::string(detail) + "\"}";
  return response;
}

Response method_not_allowed(const std::set<std::string>& allowed) {
  auto response = detail_response(405, "Method Not Allowed");
  std::string list;
  for (const auto& method : allowed) list += list.empty() ? method : ", " + method;
  response.headers.add("Allow", std::move(list));
  return response;
}

template <typename Methods>
const Handler* find_method(const Methods& methods, std::string_view method) {
  const auto found = methods.find(method == "HEAD" ? "GET" : method);
  return found == methods.end() ? nullptr : &found->second;
}

template <typename Methods>
void collect_methods(const Methods& methods, std::set<std::string>& into) {
  for (const auto& [method, handler] : methods) {
    into.insert(method);
    if (method == "GET") into.insert("HEAD");
  }
}

}  // namespace

void Router::add(std::string method, std::string_view pattern, Handler handler) {
  assert(pattern.starts_with('/') && handler);
  const auto insert = [&](Methods& methods) {
    [[maybe_unused]] const bool inserted = methods.emplace(std::move(method), std::move(handler)).second;
    assert(inserted);
  };
  if (pattern.find('{') == std::string_view::npos) {
    insert(literals_[std::string(pattern)]);
    return;
  }
  auto known = std::find_if(patterns_.begin(), patterns_.end(), [&](const auto& p) { return p.text == pattern; });
  if (known == patterns_.end()) {
    Pattern added{std::string(pattern), {}, {}};
    for (auto rest = pattern; !rest.empty();) {
      auto segment = take_segment(rest);
      if (!segment.starts_with('{') || !segment.ends_with('}')) {
        added.segments.push_back({Segment::Kind::literal, std::string(segment)});
        continue;
      }
      segment = segment.substr(1, segment.size() - 2);
      const bool takes_rest = segment.ends_with(":path");
      assert(!takes_rest || rest.empty());
      if (takes_rest) segment.remove_suffix(std::string_view(":path").size());
      added.segments.push_back({takes_rest ? Segment::Kind::rest : Segment::Kind::one, std::string(segment)});
    }
    known = patterns_.insert(patterns_.end(), std::move(added));
  }
  insert(known->methods);
}

bool Router::match(const Pattern& pattern, std::string_view path, Parameters& parameters) {
  parameters.clear();
  for (const auto& segment : pattern.segments) {
    if (!path.starts_with('/')) return false;
    if (segment.kind == Segment::Kind::rest) {
      parameters.emplace_back(segment.text, path.substr(1));
      return path.size() > 1;
    }
    const auto text = take_segment(path);
    if (segment.kind == Segment::Kind::literal) {
      if (text != segment.text) return false;
    } else {
      if (text.empty()) return false;
      parameters.emplace_back(segment.text, text);
    }
  }
  return path.empty();
}

void Router::handle(Request request, Responder respond) const {
  const auto literal = literals_.find(request.path);
  if (literal != literals_.end()) {
    if (const auto* handler = find_method(literal->second, request.method)) {
      auto observed_respond = observed(literal->first, request, std::move(respond));
      (*handler)(std::move(request), std::move(observed_respond));
      return;
    }
  }
  std::set<std::string> allowed;
  Parameters parameters;
  for (const auto& pattern : patterns_) {
    if (!match(pattern, request.path, parameters)) continue;
    if (const auto* handler = find_method(pattern.methods, request.method)) {
      request.path_parameters = std::move(parameters);
      auto observed_respond = observed(pattern.text, request, std::move(respond));
      (*handler)(std::move(request), std::move(observed_respond));
      return;
    }
    collect_methods(pattern.methods, allowed);
  }
  if (literal != literals_.end()) collect_methods(literal->second, allowed);

  auto answer = observed("", request, std::move(respond));
  if (!allowed.empty()) {
    answer(method_not_allowed(allowed));
  } else if (request.method != "GET" && request.method != "HEAD") {
    answer(method_not_allowed({"GET", "HEAD"}));
  } else if (not_found_) {
    not_found_(std::move(request), std::move(answer));
  } else {
    answer(detail_response(404, "Not Found"));
  }
}

}  // namespace osprey::http
