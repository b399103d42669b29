#include "http/request_reader.hpp"

#include <gtest/gtest.h>

#include <string>

namespace osprey::http {
namespace {

/// Feeds pieces as a connection would: what is not consumed stays in front of the next piece.
class Feeder {
 public:
  explicit Feeder(const Limits& limits = {}) : limits_(limits), reader_(limits_) {}

  void feed(std::string_view piece) {
    held_ += piece;
    held_.erase(0, reader_.feed(held_));
  }
  RequestReader& reader() { return reader_; }
  [[nodiscard]] const std::string& held() const { return held_; }

 private:
  Limits limits_;
  RequestReader reader_;
  std::string held_;
};

const std::string kChunked =
    "POST /a?b=c HTTP/1.1\r\nHost: test\r\nX-Field: value\r\nTransfer-Encoding: chunked\r\n\r\n"
    "4\r\nWiki\r\n6;ext=1;q=\"x y\"\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\nX-Trailer: t\r\n\r\n";
const std::string kSized =
    "POST /a?b=c HTTP/1.1\r\nHost: test\r\nX-Field: value\r\nContent-Length: 11\r\n\r\nhello world";

void expect_read(Feeder& feeder, const std::string& body, const std::string& where) {
  auto& reader = feeder.reader();
  ASSERT_FALSE(reader.refusal()) << reader.refusal()->message << where;
  ASSERT_TRUE(reader.complete()) << where;
  EXPECT_EQ(reader.request().method, "POST") << where;
  EXPECT_EQ(reader.request().path, "/a") << where;
  EXPECT_EQ(reader.request().target, "/a?b=c") << where;
  EXPECT_EQ(reader.request().query_value("b"), "c") << where;
  EXPECT_EQ(reader.request().headers.find("x-field"), "value") << where;
  EXPECT_EQ(reader.request().body, body) << where;
}

TEST(RequestReader, ReadsARequestSplitAnywhere) {
  for (const auto& [text, body] : {std::pair{kChunked, "Wikipedia in \r\n\r\nchunks."}, {kSized, "hello world"}}) {
    for (std::size_t first = 0; first <= text.size(); ++first) {
      for (std::size_t second = first; second <= std::min(text.size(), first + 6); ++second) {
        Feeder feeder;
        feeder.feed(text.substr(0, first));
        feeder.feed(text.substr(first, second - first));
        feeder.feed(text.substr(second));
        expect_read(feeder, body, " split at " + std::to_string(first) + " and " + std::to_string(second));
      }
    }
  }
}

TEST(RequestReader, ReadsARequestByteByByteAndStopsAtItsEnd) {
  for (const auto& [text, body] : {std::pair{kChunked, "Wikipedia in \r\n\r\nchunks."}, {kSized, "hello world"}}) {
    Feeder feeder;
    for (const char c : text + "GET /next") feeder.feed({&c, 1});
    expect_read(feeder, body, " byte by byte");
    EXPECT_EQ(feeder.held(), "GET /next");
  }
}

TEST(RequestReader, IgnoresEmptyLinesBeforeARequest) {
  Feeder feeder;
  for (const char c : std::string("\r\n\r\n")) feeder.feed({&c, 1});
  EXPECT_FALSE(feeder.reader().started());
  feeder.feed(kSized);
  expect_read(feeder, "hello world", "");
}

TEST(RequestReader, ReceivesASizedBodyInPlace) {
  Feeder feeder;
  feeder.feed(kSized.substr(0, kSized.size() - 8));
  auto space = feeder.reader().body_space();
  ASSERT_EQ(space.size(), 8U);
  std::copy_n("lo ", 3, space.begin());
  feeder.reader().commit_body(3);
  EXPECT_FALSE(feeder.reader().complete());
  space = feeder.reader().body_space();
  ASSERT_EQ(space.size(), 5U);
  std::copy_n("world", 5, space.begin());
  feeder.reader().commit_body(5);
  expect_read(feeder, "hello world", "");
}

TEST(RequestReader, TrailerFieldsDoNotBecomeTheHeaders) {
  Feeder feeder;
  feeder.feed(kChunked);
  EXPECT_EQ(feeder.reader().request().headers.find("X-Trailer"), std::nullopt);
}

TEST(RequestReader, CountsTheHeaderToTheByteHoweverItIsSplit) {
  const std::string text = "GET / HTTP/1.1\r\nHost: test\r\nX-A: 1\r\nX-B: 2\r\n\r\n";
  Limits limits;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, text.size()}) {
    for (const std::size_t limit : {text.size(), text.size() - 1}) {
      limits.header_bytes = limit;
      Feeder feeder(limits);
      for (std::size_t at = 0; at < text.size(); at += piece) feeder.feed(text.substr(at, piece));
      EXPECT_EQ(feeder.reader().complete(), limit == text.size()) << limit << " in pieces of " << piece;
      if (limit == text.size()) continue;
      ASSERT_TRUE(feeder.reader().refusal());
      EXPECT_EQ(feeder.reader().refusal()->status, 431);
    }
  }
}

TEST(RequestReader, RefusesAHeaderAtTheLimitBeforeItsEndIsThere) {
  Limits limits;
  limits.header_bytes = 100;
  Feeder feeder(limits);
  feeder.feed("GET /" + std::string(94, 'a'));
  EXPECT_FALSE(feeder.reader().refusal());
  feeder.feed("a");
  ASSERT_TRUE(feeder.reader().refusal());
  EXPECT_EQ(feeder.reader().refusal()->status, 431);
}

TEST(RequestReader, RefusesADeclaredBodyOverTheLimitBeforeItComes) {
  Limits limits;
  limits.body_bytes = 10;
  Feeder at(limits);
  at.feed("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\n");
  EXPECT_FALSE(at.reader().refusal());
  for (const char* length : {"11", "18446744073709551615"}) {
    Feeder over(limits);
    over.feed("POST / HTTP/1.1\r\nHost: t\r\nContent-Length: " + std::string(length) + "\r\n\r\n");
    ASSERT_TRUE(over.reader().refusal()) << length;
    EXPECT_EQ(over.reader().refusal()->status, 413);
    EXPECT_EQ(over.reader().refusal()->message, "the request body is larger than the limit of 10 bytes");
  }
}

TEST(RequestReader, RefusesAChunkedBodyOverTheLimit) {
  Limits limits;
  limits.body_bytes = 10;
  const std::string head = "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
  Feeder at(limits);
  at.feed(head + "5\r\nworld\r\n0\r\n\r\n");
  EXPECT_TRUE(at.reader().complete());
  for (const char* rest : {"6\r\nworld!", "FFFFFFFFFFFFFFFF\r\nworld"}) {
    Feeder over(limits);
    over.feed(head + rest);
    ASSERT_TRUE(over.reader().refusal()) << rest;
    EXPECT_EQ(over.reader().refusal()->status, 413);
  }
}

TEST(RequestReader, RefusesEndlessChunkExtensionsAndTrailers) {
  Limits limits;
  limits.header_bytes = 1000;
  const std::string head = "POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const char* start : {"5;", "5\r\nhello\r\n0\r\nX: "}) {
    Feeder feeder(limits);
    feeder.feed(head + start);
    for (int i = 0; i < 20 && !feeder.reader().refusal(); ++i) feeder.feed(std::string(100, 'a'));
    ASSERT_TRUE(feeder.reader().refusal()) << start;
    EXPECT_EQ(feeder.reader().refusal()->status, 431);
  }
}

TEST(RequestReader, ExpectsContinueOnlyWhenABodyIsToCome) {
  const auto expects = [](const std::string& version, const std::string& fields, const std::string& body = {}) {
    Feeder feeder;
    feeder.feed("POST / " + version + "\r\nHost: t\r\nExpect: 100-Continue\r\n" + fields + "\r\n" + body);
    return feeder.reader().expects_continue();
  };
  EXPECT_TRUE(expects("HTTP/1.1", "Content-Length: 5\r\n"));
  EXPECT_TRUE(expects("HTTP/1.1", "Transfer-Encoding: chunked\r\n"));
  EXPECT_FALSE(expects("HTTP/1.1", "Content-Length: 5\r\n", "hel"));
  EXPECT_FALSE(expects("HTTP/1.1", "Content-Length: 0\r\n"));
  EXPECT_FALSE(expects("HTTP/1.1", ""));
  EXPECT_FALSE(expects("HTTP/1.0", "Content-Length: 5\r\n"));
}

}  // namespace
}  // namespace osprey::http
