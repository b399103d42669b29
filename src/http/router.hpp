// From method and path to the handler.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/message.hpp"

namespace osprey::http {

/// A table of routes. Filled before the server runs; then handle() is thread-safe.
///
/// It works on the decoded path, as the reference does: "/a%2Fb" has two segments. The segments "." and ".." are plain
/// text here; whoever makes a file name of a parameter has to refuse them.
class Router {
 public:
  /// Adds a route. `method` is upper-case; GET serves HEAD too. `pattern` is a literal path ("/infer/object_detection")
  /// or has segments "{name}", each of which takes one segment that is not empty; a last segment "{name:path}" takes
  /// all that is left, at least one character. Requires a leading '/', and that the same pair was not added before.
  void add(std::string method, std::string_view pattern, Handler handler);

  /// Answers GET and HEAD of paths without a route, instead of 404 {"detail":"Not Found"}.
  void set_not_found(Handler handler) { not_found_ = std::move(handler); }

  /// Called for each request before its handler, with the pattern of its route (which lives as long as the router;
  /// empty when there is none); the handler answers to what it returns.
  using Observer = std::function<Responder(std::string_view pattern, const Request&, Responder)>;
  void set_observer(Observer observer) { observer_ = std::move(observer); }

  /// Calls the handler of the request's route with Request::path_parameters filled. A literal route wins over a
  /// pattern, an earlier pattern over a later one. The method is part of the match: a pattern with the request's method
  /// is taken before a literal route without it. No such method on a known path: 405 with Allow. Unknown path: 404 for
  /// GET and HEAD, 405 for other methods, as in the reference.
  void handle(Request request, Responder respond) const;

 private:
  using Methods = std::map<std::string, Handler, std::less<>>;
  using Parameters = std::vector<std::pair<std::string, std::string>>;
  struct Segment {
    enum class Kind { literal, one, rest } kind;
    std::string text;  ///< of a literal; else the parameter's name
  };
  struct Pattern {
    std::string text;
    std::vector<Segment> segments;
    Methods methods;
  };

  [[nodiscard]] static bool match(const Pattern& pattern, std::string_view path, Parameters& parameters);

  [[nodiscard]] Responder observed(std::string_view pattern, const Request& request, Responder respond) const {
    return observer_ ? observer_(pattern, request, std::move(respond)) : std::move(respond);
  }

  std::map<std::string, Methods, std::less<>> literals_;
  std::vector<Pattern> patterns_;
  Handler not_found_;
  Observer observer_;
};

}  // namespace osprey::http
