# Where the libraries come from: Debian packages, and the engines from their wheels in .venv (scripts/setup.sh puts both
# there).

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS url)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(simdjson REQUIRED)
find_package(CLI11 REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(yaml-cpp REQUIRED)
pkg_check_modules(turbojpeg REQUIRED IMPORTED_TARGET libturbojpeg)
pkg_check_modules(spng REQUIRED IMPORTED_TARGET spng)
pkg_check_modules(webp REQUIRED IMPORTED_TARGET libwebp)
pkg_check_modules(tiff REQUIRED IMPORTED_TARGET libtiff-4)

if(OSPREY_GRPC)
  pkg_check_modules(grpcpp REQUIRED IMPORTED_TARGET grpc++)
  pkg_check_modules(protobuf REQUIRED IMPORTED_TARGET protobuf)
  find_program(PROTOC protoc REQUIRED)
endif()

# OpenCV's CMake package comes only with libopencv-dev, which pulls in every module; core and imgproc are enough here.
find_path(OPENCV_INCLUDE_DIR opencv2/imgproc.hpp PATH_SUFFIXES opencv4 REQUIRED)
foreach(module core imgproc)
  find_library(OPENCV_${module}_LIBRARY opencv_${module} REQUIRED)
  add_library(opencv::${module} UNKNOWN IMPORTED)
  set_target_properties(opencv::${module} PROPERTIES IMPORTED_LOCATION ${OPENCV_${module}_LIBRARY}
                                                     INTERFACE_INCLUDE_DIRECTORIES ${OPENCV_INCLUDE_DIR})
endforeach()
find_path(STB_INCLUDE_DIR stb/stb_image.h REQUIRED)

# The folder of the wheels: that of the environment which `pip install .` makes for the build, else .venv.
if(NOT OSPREY_WHEELS)
  file(GLOB found ${PROJECT_SOURCE_DIR}/.venv/lib/python3*/site-packages)
  foreach(folder IN LISTS CMAKE_PREFIX_PATH found)
    if(EXISTS ${folder}/openvino/cmake/OpenVINOConfig.cmake)
      set(OSPREY_WHEELS ${folder} CACHE PATH "Folder of openvino, onnxruntime and fastapi_offline, from their wheels")
      break()
    endif()
  endforeach()
endif()
if(NOT OSPREY_WHEELS)
  message(FATAL_ERROR "no .venv with OpenVINO: run scripts/setup.sh build")
endif()

if(NOT OpenVINO_DIR)
  list(APPEND CMAKE_PREFIX_PATH ${OSPREY_WHEELS}/openvino/cmake)
  set(OpenVINO_DIR ${OSPREY_WHEELS}/openvino/cmake CACHE PATH "Folder of OpenVINOConfig.cmake")
endif()
find_package(OpenVINO REQUIRED COMPONENTS Runtime)

# Opened by name at run time, when a network needs it (src/engine/onnxruntime/ort_interface.hpp): not linked, but the
# programs' run path leads to it.
if(NOT ONNXRUNTIME_LIBRARY)
  file(GLOB OSPREY_ONNXRUNTIME ${OSPREY_WHEELS}/onnxruntime/capi/libonnxruntime.so.*)
  set(ONNXRUNTIME_LIBRARY "${OSPREY_ONNXRUNTIME}" CACHE FILEPATH "ONNX Runtime's shared library")
endif()
if(NOT EXISTS "${ONNXRUNTIME_LIBRARY}")
  message(FATAL_ERROR "ONNX Runtime's library is missing; scripts/setup.sh installs it")
endif()
cmake_path(GET ONNXRUNTIME_LIBRARY FILENAME ONNXRUNTIME_FILE)
cmake_path(GET ONNXRUNTIME_LIBRARY PARENT_PATH ONNXRUNTIME_FOLDER)
list(APPEND CMAKE_BUILD_RPATH ${ONNXRUNTIME_FOLDER})
# Only a sanitizer's dlopen needs the folder told; in an executable that is installed elsewhere it would be anybody's.
set(folder "$ORIGIN")
if(OSPREY_SANITIZE)
  set(folder ${ONNXRUNTIME_FOLDER})
endif()
add_library(onnxruntime::opened_at_run_time INTERFACE IMPORTED)
target_compile_definitions(onnxruntime::opened_at_run_time INTERFACE
  OSPREY_ONNXRUNTIME_LIBRARY="${ONNXRUNTIME_FILE}" OSPREY_ONNXRUNTIME_FOLDER="${folder}")
target_link_libraries(onnxruntime::opened_at_run_time INTERFACE ${CMAKE_DL_LIBS})
# OpenVINO's headers name themselves in their complaints, and with them the folder of the build.
target_compile_options(onnxruntime::opened_at_run_time INTERFACE -fmacro-prefix-map=${OSPREY_WHEELS}/=)

# Swagger UI and ReDoc come in a wheel, so that the build needs no Node.
set(OSPREY_DOCS_ASSETS ${OSPREY_WHEELS}/fastapi_offline/static)
if(NOT EXISTS ${OSPREY_DOCS_ASSETS})
  message(FATAL_ERROR "no documentation assets in ${OSPREY_WHEELS}: run scripts/setup.sh build")
endif()

if(OSPREY_TESTS)
  find_package(GTest REQUIRED)
endif()
