# One library per room, with only the links it names; scripts/check_layers.py holds the includes against design.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

add_library(osprey_build_flags INTERFACE)
target_include_directories(osprey_build_flags INTERFACE ${PROJECT_SOURCE_DIR}/src)
if(OSPREY_WARNINGS_AS_ERRORS)
  target_compile_options(osprey_build_flags INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror)
  # g++ 12 sees overlapping copies where short strings are joined (its bug 105651).
  target_compile_options(osprey_build_flags INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
endif()
target_link_libraries(osprey_build_flags INTERFACE osprey_hardening)
if(OSPREY_SANITIZE)
  target_compile_options(osprey_build_flags INTERFACE -fsanitize=${OSPREY_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(osprey_build_flags INTERFACE -fsanitize=${OSPREY_SANITIZE})
endif()
if(OSPREY_FUZZERS)
  target_compile_options(osprey_build_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# osprey_room(NAME SOURCES a.cpp b.cpp LINKS other_rooms libraries): the room's static library osprey_NAME.
function(osprey_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;LINKS;PRIVATE_LINKS" ${ARGN})
  add_library(osprey_${name} STATIC ${ROOM_SOURCES})
  target_link_libraries(osprey_${name} PUBLIC osprey_build_flags ${ROOM_LINKS} PRIVATE ${ROOM_PRIVATE_LINKS})
endfunction()

add_custom_target(unit_tests)

# osprey_test(NAME SOURCES a_test.cpp LINKS osprey_room): one GoogleTest program, run by ctest as NAME.
function(osprey_test name)
  cmake_parse_arguments(TEST "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  # Tests run for a second and are compiled for minutes: what they test is optimised, they are not.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release,RelWithDebInfo>:-O0>)
  add_dependencies(unit_tests ${name})
  target_link_libraries(${name} PRIVATE ${TEST_LINKS} osprey_build_flags GTest::gtest GTest::gmock GTest::gtest_main)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 120)
endfunction()
