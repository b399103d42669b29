// What the shared library shows to those who link it; everything else in it is hidden.
#pragma once

#if defined(__GNUC__)
#define OSPREY_CLIENT_API __attribute__((visibility("default")))
#else
#define OSPREY_CLIENT_API
#endif
