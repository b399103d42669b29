# Brings the system's libraries that the executable needs into the wheel, in lib/osprey, with their licences: all but those
# of the C and C++ run time, which every system has, and the engines, which are wheels of their own.

# libtiff needs libjbig, whose GPL does not suit a wheel: the same functions, which refuse. TIFFs in JBIG, of fax machines,
# are not read then.
add_library(no_jbig SHARED ${PROJECT_SOURCE_DIR}/deploy/wheel/no_jbig.cpp)
set_target_properties(no_jbig PROPERTIES OUTPUT_NAME jbig SOVERSION 0 LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/no_jbig)
add_dependencies(inference no_jbig)
install(FILES $<TARGET_SONAME_FILE:no_jbig> DESTINATION lib/osprey COMPONENT server)

# The older kind of run path holds for the libraries of libraries, too.
target_link_options(inference PRIVATE LINKER:--disable-new-dtags)

string(CONFIGURE [[
  # The build's, as another component may not be installed yet.
  file(GLOB modules "@CMAKE_BINARY_DIR@/lib/osprey/*.so")
  file(GET_RUNTIME_DEPENDENCIES EXECUTABLES "${CMAKE_INSTALL_PREFIX}/bin/inference" MODULES ${modules}
    RESOLVED_DEPENDENCIES_VAR libraries UNRESOLVED_DEPENDENCIES_VAR missing
    PRE_EXCLUDE_REGEXES "^ld-linux" "^lib(c|m|dl|rt|pthread|resolv|stdc\\+\\+|gcc_s)\\.so" "^lib(openvino|tbb|jbig)"
    POST_EXCLUDE_REGEXES "^${CMAKE_INSTALL_PREFIX}/")
  if(missing)
    message(FATAL_ERROR "libraries of the executable that are not found: ${missing}")
  endif()
  set(packages "")
  foreach(library IN LISTS libraries)
    cmake_path(GET library FILENAME name)
    file(REAL_PATH ${library} real)
    file(INSTALL ${real} DESTINATION "${CMAKE_INSTALL_PREFIX}/lib/osprey" RENAME ${name})
    string(REGEX REPLACE "^/usr" "" short ${real}) # under this name, too, a package may know it
    execute_process(COMMAND dpkg-query --search ${real} ${short} OUTPUT_VARIABLE owner ERROR_QUIET)
    if(NOT owner MATCHES "^([^:]+):")
      message(FATAL_ERROR "${real} is of no Debian package: its licence cannot be brought along")
    endif()
    list(APPEND packages ${CMAKE_MATCH_1})
  endforeach()
  list(REMOVE_DUPLICATES packages)
  foreach(package IN LISTS packages)
    file(REAL_PATH /usr/share/doc/${package}/copyright copyright)
    file(INSTALL ${copyright} DESTINATION "${CMAKE_INSTALL_PREFIX}/lib/osprey/licences/${package}")
  endforeach()
]] bring_libraries @ONLY)
install(CODE "${bring_libraries}" COMPONENT server)
