#include "service/tensor_pool.hpp"

#include <vector>

#include <gtest/gtest.h>

namespace osprey::service {
namespace {

TEST(TensorPool, LendsABufferAgain) {
  TensorPool pool(2);
  const float* at = nullptr;
  {
    const auto tensor = pool.take(100);
    EXPECT_EQ(tensor.values().size(), 100U);
    at = tensor.values().data();
  }
  EXPECT_EQ(pool.take(50).values().size(), 50U) << "another size is another buffer";
  EXPECT_EQ(pool.take(100).values().data(), at);
}

TEST(TensorPool, AMovedTensorGoesBackOnce) {
  TensorPool pool(2);
  {
    auto tensor = pool.take(10);
    const PooledTensor moved(std::move(tensor));
    EXPECT_EQ(moved.values().size(), 10U);
  }
  EXPECT_EQ(pool.idle(), 1U);
}

TEST(TensorPool, WhatABurstNeededGoesWithIt) {
  TensorPool pool(2);
  const float* last = nullptr;
  {
    std::vector<PooledTensor> lent;
    for (int i = 0; i < 5; ++i) lent.push_back(pool.take(10));
    while (!lent.empty()) {
      last = lent.back().values().data();
      lent.pop_back();
    }
  }
  EXPECT_EQ(pool.idle(), 2U);
  EXPECT_EQ(pool.take(10).values().data(), last) << "the one that was used last is warm";
}

TEST(TensorPool, ASizeThatNobodyWantsAnyMoreGoes) {
  TensorPool pool(2);
  (void)pool.take(1000);
  for (int i = 0; i < 2; ++i) {
    const auto a = pool.take(10);
    const auto b = pool.take(10);
  }
  const auto a = pool.take(10);
  const auto b = pool.take(10);
  EXPECT_EQ(pool.idle(), 0U) << "both that stayed are of the size that is wanted";
}

}  // namespace
}  // namespace osprey::service
