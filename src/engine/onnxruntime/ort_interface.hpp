// The part of ONNX Runtime's C interface that this backend calls, bound at run time.
//
// No package that set-up can install ships the library's headers; its wheel ships the library alone. What the headers
// say of a function is its place in a table, its signature and a few numbers. Table and numbers only ever grow at the
// end (that is the library's promise of binary compatibility), so what is written here holds for every later version.
// Opened at run time also means that a server whose networks all run in OpenVINO never loads it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "base/result.hpp"

namespace osprey::engine::ort {

// Objects of the library; known by pointer only.
struct Allocator;
struct Environment;
struct Failure;
struct MemoryInfo;
struct Metadata;
struct Network;
struct NetworkOptions;
struct RunOptions;
struct TensorInfo;
struct TypeInfo;
struct Value;

/// Version of the table that has everything below; every version of the library from 1.5 on knows it.
inline constexpr std::uint32_t kTableVersion = 5;

inline constexpr int kLogNothing = 4;          // OrtLoggingLevel: fatal only
inline constexpr int kArenaAllocator = 1;      // OrtAllocatorType
inline constexpr int kDefaultMemory = 0;       // OrtMemType
inline constexpr int kTensorType = 1;          // ONNXType
inline constexpr int kFileMissing = 3;         // OrtErrorCode, as are the next two
inline constexpr int kFileHoldsNoNetwork = 4;  //
inline constexpr int kFileIsNoProtobuf = 7;    //

/// A function of the table: where it is and how it is called.
template <std::size_t Place, typename Signature>
struct Function {};

inline constexpr Function<1, int(const Failure*)> kFailureCode{};
inline constexpr Function<2, const char*(const Failure*)> kFailureMessage{};
inline constexpr Function<3, Failure*(int log_level, const char* log_name, Environment**)> kCreateEnvironment{};
inline constexpr Function<7, Failure*(const Environment*, const char* file, const NetworkOptions*, Network**)>
    kLoadNetwork{};
inline constexpr Function<9, Failure*(Network*, const RunOptions*, const char* const* input_names,
                                      const Value* const* inputs, std::size_t input_count,
                                      const char* const* output_names, std::size_t output_count, Value** outputs)>
    kRun{};
inline constexpr Function<10, Failure*(NetworkOptions**)> kCreateNetworkOptions{};
inline constexpr Function<24, Failure*(NetworkOptions*, int)> kSetThreadsInsideOperators{};
inline constexpr Function<30, Failure*(const Network*, std::size_t*)> kInputCount{};
inline constexpr Function<31, Failure*(const Network*, std::size_t*)> kOutputCount{};
inline constexpr Function<33, Failure*(const Network*, std::size_t, TypeInfo**)> kInputType{};
inline constexpr Function<34, Failure*(const Network*, std::size_t, TypeInfo**)> kOutputType{};
inline constexpr Function<36, Failure*(const Network*, std::size_t, Allocator*, char**)> kInputName{};
inline constexpr Function<37, Failure*(const Network*, std::size_t, Allocator*, char**)> kOutputName{};
inline constexpr Function<49, Failure*(const MemoryInfo*, void* data, std::size_t bytes, const std::int64_t* shape,
                                       std::size_t rank, int element_type, Value**)>
    kWrapTensor{};
inline constexpr Function<51, Failure*(Value*, void**)> kTensorData{};
inline constexpr Function<55, Failure*(const TypeInfo*, const TensorInfo**)> kAsTensorInfo{};
inline constexpr Function<56, Failure*(const TypeInfo*, int*)> kKindOfType{};
inline constexpr Function<60, Failure*(const TensorInfo*, int*)> kElementType{};
inline constexpr Function<61, Failure*(const TensorInfo*, std::size_t*)> kRank{};
inline constexpr Function<62, Failure*(const TensorInfo*, std::int64_t*, std::size_t)> kDimensions{};
inline constexpr Function<64, Failure*(const TensorInfo*, std::size_t*)> kElementCount{};
inline constexpr Function<65, Failure*(const Value*, TensorInfo**)> kTensorInfoOf{};
inline constexpr Function<69, Failure*(int allocator_type, int memory_type, MemoryInfo**)> kDescribeCpuMemory{};
inline constexpr Function<76, Failure*(Allocator*, void*)> kFree{};
inline constexpr Function<78, Failure*(Allocator**)> kDefaultAllocator{};
inline constexpr Function<111, Failure*(const Network*, Metadata**)> kMetadata{};
inline constexpr Function<116, Failure*(const Metadata*, Allocator*, const char* key, char**)> kMetadataValue{};
inline constexpr Function<123, Failure*(const Metadata*, Allocator*, char*** keys, std::int64_t*)> kMetadataKeys{};
inline constexpr Function<130, Failure*(NetworkOptions*, const char* key, const char* value)> kSetOption{};

/// Place of the function that releases a T.
template <typename T>
inline constexpr std::size_t kReleasePlace = 0;
template <>
inline constexpr std::size_t kReleasePlace<Environment> = 92;
template <>
inline constexpr std::size_t kReleasePlace<Failure> = 93;
template <>
inline constexpr std::size_t kReleasePlace<MemoryInfo> = 94;
template <>
inline constexpr std::size_t kReleasePlace<Network> = 95;
template <>
inline constexpr std::size_t kReleasePlace<Value> = 96;
template <>
inline constexpr std::size_t kReleasePlace<TypeInfo> = 98;
template <>
inline constexpr std::size_t kReleasePlace<TensorInfo> = 99;
template <>
inline constexpr std::size_t kReleasePlace<NetworkOptions> = 100;
template <>
inline constexpr std::size_t kReleasePlace<Metadata> = 118;

class Interface;

/// Releases an object of the library.
template <typename T>
struct Release {
  const Interface* interface = nullptr;
  void operator()(T* object) const;
};

/// An object of the library, owned. The Interface must outlive it.
template <typename T>
using Owned = std::unique_ptr<T, Release<T>>;

/// The library, opened. Thread-safe.
class Interface {
 public:
  /// Opens the library by its file name, looked for where the program's run path says, else in `folder`. It stays
  /// loaded until the process ends: it has threads and thread-local objects that do not survive being unloaded. Errors:
  /// unavailable.
  [[nodiscard]] static Result<std::unique_ptr<const Interface>> open(const char* file_name, const char* folder);

  /// Of the library: "1.23.2".
  [[nodiscard]] const std::string& version() const { return version_; }

  /// Calls a function that may fail. Errors, with the library's words: data_corrupted for a file that holds no
  /// network, else unsupported.
  template <std::size_t Place, typename... Parameters, typename... Arguments>
  [[nodiscard]] Status call(Function<Place, Failure*(Parameters...)> /*which*/, Arguments&&... arguments) const {
    auto* function = reinterpret_cast<Failure* (*)(Parameters...)>(table_[Place]);
    return checked(function(std::forward<Arguments>(arguments)...));
  }

  /// Calls a function whose last parameter gives an object that is the caller's. Errors: as call().
  template <typename T, typename Which, typename... Arguments>
  [[nodiscard]] Result<Owned<T>> make(Which which, Arguments&&... arguments) const {
    T* object = nullptr;
    if (auto made = call(which, std::forward<Arguments>(arguments)..., &object); !made) return std::move(made).error();
    return own(object);
  }

  /// Takes an object over.
  template <typename T>
  [[nodiscard]] Owned<T> own(T* object) const {
    return Owned<T>(object, Release<T>{this});
  }

  template <typename T>
  void release(T* object) const {
    static_assert(kReleasePlace<T> != 0);
    reinterpret_cast<void (*)(T*)>(table_[kReleasePlace<T>])(object);
  }

 private:
  using AnyFunction = void (*)();
  Interface(const AnyFunction* table, std::string version) : table_(table), version_(std::move(version)) {}
  [[nodiscard]] Status checked(Failure* failure) const;

  const AnyFunction* table_;
  std::string version_;
};

template <typename T>
void Release<T>::operator()(T* object) const {
  interface->release(object);
}

}  // namespace osprey::engine::ort
