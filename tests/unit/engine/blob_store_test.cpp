#include "engine/openvino/blob_store.hpp"

#include <chrono>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "fake_models.hpp"

namespace osprey::engine {
namespace {

namespace fs = std::filesystem;

BlobKey key_of(std::uint8_t number) {
  BlobKey key{};
  key.back() = number;
  return key;
}

class BlobStoreTest : public testing::Test {
 protected:
  std::optional<std::string> read(const BlobStore& from, std::uint8_t number) {
    std::string bytes;
    const bool found = from.read(key_of(number), [&](std::size_t size) {
      bytes.resize(size);
      return bytes.data();
    });
    return found ? std::optional(bytes) : std::nullopt;
  }
  /// The bytes of a blob's file.
  std::string file_bytes(std::uint8_t number) {
    std::ifstream file(store.file(key_of(number)), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::size_t files() {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }
  void set_age(std::uint8_t number, std::chrono::minutes age) {
    fs::last_write_time(store.file(key_of(number)), fs::file_time_type::clock::now() - age);
  }

  TemporaryFolder root;
  fs::path folder = root.path() / "made/on/first/write";
  BlobStore store{folder, 1000};
};

TEST_F(BlobStoreTest, GivesBackWhatWasWritten) {
  EXPECT_EQ(read(store, 1), std::nullopt);
  ASSERT_TRUE(store.write(key_of(1), "a network"));
  ASSERT_TRUE(store.write(key_of(2), ""));
  EXPECT_EQ(read(store, 1), "a network");
  EXPECT_EQ(read(store, 2), "");
  EXPECT_EQ(read(store, 3), std::nullopt);
  ASSERT_TRUE(store.write(key_of(1), "another"));
  EXPECT_EQ(read(store, 1), "another");
  EXPECT_EQ(files(), 2U) << "nothing unfinished is left";
}

TEST_F(BlobStoreTest, NoFlippedBitPasses) {
  ASSERT_TRUE(store.write(key_of(1), "a network of some bytes"));
  const std::string sound = file_bytes(1);
  for (std::size_t i = 0; i < sound.size(); ++i) {
    std::string damaged = sound;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    write_file(store.file(key_of(1)), damaged);
    EXPECT_EQ(read(store, 1), std::nullopt) << "byte " << i;
    EXPECT_FALSE(fs::exists(store.file(key_of(1)))) << "a damaged one is removed";
  }
}

TEST_F(BlobStoreTest, NoOtherLengthPasses) {
  ASSERT_TRUE(store.write(key_of(1), "a network of some bytes"));
  const std::string sound = file_bytes(1);
  for (std::size_t length = 0; length < sound.size(); ++length) {
    write_file(store.file(key_of(1)), sound.substr(0, length));
    EXPECT_EQ(read(store, 1), std::nullopt) << length << " bytes";
  }
  write_file(store.file(key_of(1)), sound + "x");
  EXPECT_EQ(read(store, 1), std::nullopt);
  write_file(store.file(key_of(1)), sound);
  EXPECT_TRUE(read(store, 1));
}

TEST_F(BlobStoreTest, ABlobUnderAnotherKeysNameIsNotTaken) {
  ASSERT_TRUE(store.write(key_of(1), "a network"));
  fs::rename(store.file(key_of(1)), store.file(key_of(2)));
  EXPECT_EQ(read(store, 2), std::nullopt);
}

TEST_F(BlobStoreTest, WhatIsNoFileIsNotTaken) {
  fs::create_directories(store.file(key_of(1)));
  EXPECT_EQ(read(store, 1), std::nullopt);
}

TEST_F(BlobStoreTest, DropsThoseNotReadForLongestWhenFull) {
  const std::string blob(300, 'x');
  for (std::uint8_t i = 1; i <= 2; ++i) ASSERT_TRUE(store.write(key_of(i), blob));
  set_age(1, std::chrono::minutes(10));
  set_age(2, std::chrono::minutes(20));
  ASSERT_TRUE(read(store, 2));
  ASSERT_TRUE(store.write(key_of(3), blob));
  EXPECT_EQ(read(store, 1), std::nullopt);
  EXPECT_TRUE(read(store, 2));
  EXPECT_TRUE(read(store, 3));
  EXPECT_FALSE(store.write(key_of(4), std::string(2000, 'x'))) << "larger than all";
  EXPECT_TRUE(read(store, 3));
}

TEST_F(BlobStoreTest, RemovesWhatAKilledProcessLeft) {
  write_file(folder / ".unfinished-old", "half");
  write_file(folder / ".unfinished-new", "half");
  fs::last_write_time(folder / ".unfinished-old", fs::file_time_type::clock::now() - std::chrono::hours(2));
  ASSERT_TRUE(store.write(key_of(1), "a network"));
  EXPECT_FALSE(fs::exists(folder / ".unfinished-old"));
  EXPECT_TRUE(fs::exists(folder / ".unfinished-new"));
}

TEST_F(BlobStoreTest, SaysWhyItCannotWrite) {
  write_file(root.path() / "file", "no folder");
  const BlobStore impossible(root.path() / "file/below");
  const auto written = impossible.write(key_of(1), "a network");
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().message.find("file/below"), std::string::npos) << written.error().message;
  EXPECT_EQ(read(impossible, 1), std::nullopt);
}

TEST_F(BlobStoreTest, ReadersAndWritersAtOnceSeeWholeBlobsOnly) {
  const std::string blobs[] = {std::string(400, 'a'), std::string(300, 'b')};
  ASSERT_TRUE(store.write(key_of(1), blobs[0]));
  std::vector<std::jthread> threads;
  for (std::size_t t = 0; t < 2; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 200; ++i) EXPECT_TRUE(store.write(key_of(1), blobs[t]));
    });
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const auto blob = read(store, 1);
        EXPECT_TRUE(blob == blobs[0] || blob == blobs[1]);
      }
    });
  }
}

TEST(Blob, IsKeptForANetworkThatTakesLongerToCompileThanToImport) {
  EXPECT_TRUE(is_worth_a_blob(0.170, 6'000'000));
  EXPECT_TRUE(is_worth_a_blob(1.5, 107'000'000));
  EXPECT_FALSE(is_worth_a_blob(0.02, 1'000));
  EXPECT_FALSE(is_worth_a_blob(0.1, 100'000'000));
}

}  // namespace
}  // namespace osprey::engine
