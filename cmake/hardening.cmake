# What makes a hole in the code harder to use: checks that abort, and an address space that is neither known nor writable
# where code or addresses lie. tests/e2e/test_hardening.py looks for them in the executable.
add_library(osprey_hardening INTERFACE)
if(OSPREY_HARDENING AND NOT OSPREY_SANITIZE)
  include(CheckPIESupported)
  check_pie_supported()
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  target_compile_options(osprey_hardening INTERFACE -fstack-protector-strong -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    target_compile_options(osprey_hardening INTERFACE -fcf-protection=full)
  endif()
  # The fortified functions need an optimised build. Debian's and our own definition would be told as a clash.
  target_compile_options(osprey_hardening INTERFACE $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)
  target_compile_definitions(osprey_hardening INTERFACE _GLIBCXX_ASSERTIONS)
  target_link_options(osprey_hardening INTERFACE LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
endif()
