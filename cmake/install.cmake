# `cmake --install`: a folder that runs from wherever it lies. bin/inference, the engines in lib/osprey, the demo models in
# share/osprey/models, where the executable looks for them (src/cli/demo_models.hpp). A Python wheel is the same folder
# without the engines: it depends on their own wheels, which lie beside it.
if(SKBUILD)
  set(OSPREY_RUN_PATH $ORIGIN/../lib/osprey $ORIGIN/../../openvino/libs $ORIGIN/../../onnxruntime/capi)
else()
  set(OSPREY_RUN_PATH $ORIGIN/../lib/osprey)
endif()
set_target_properties(inference PROPERTIES INSTALL_RPATH "${OSPREY_RUN_PATH}")

install(TARGETS inference RUNTIME DESTINATION bin COMPONENT server)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/models/ DESTINATION share/osprey/models COMPONENT models)

if(SKBUILD)
  if(OSPREY_BUNDLE_LIBRARIES)
    include(cmake/bundle_libraries.cmake)
  endif()
  return()
endif()

# Of OpenVINO what runs a network read from ONNX on a processor; the reader of its own format reads compiled networks.
foreach(library IN ITEMS libopenvino.so libopenvino_onnx_frontend.so libopenvino_ir_frontend.so libopenvino_intel_cpu_plugin.so
                         libtbb.so libtbbbind_2_5.so libhwloc.so)
  file(GLOB found ${OSPREY_WHEELS}/openvino/libs/${library} ${OSPREY_WHEELS}/openvino/libs/${library}.*)
  if(NOT found)
    message(FATAL_ERROR "this OpenVINO has no ${library}: cmake/install.cmake must follow its version")
  endif()
  install(FILES ${found} DESTINATION lib/osprey COMPONENT engines)
endforeach()
install(FILES ${ONNXRUNTIME_LIBRARY} DESTINATION lib/osprey COMPONENT engines)

file(GLOB OSPREY_OPENVINO_LICENCES ${OSPREY_WHEELS}/openvino-*.dist-info/licenses)
install(DIRECTORY ${OSPREY_OPENVINO_LICENCES}/ DESTINATION share/doc/osprey/licences/openvino COMPONENT engines)
install(FILES ${OSPREY_WHEELS}/onnxruntime/LICENSE ${OSPREY_WHEELS}/onnxruntime/ThirdPartyNotices.txt
        DESTINATION share/doc/osprey/licences/onnxruntime COMPONENT engines)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION share/doc/osprey/licences COMPONENT server)
