// What libtiff calls of libjbig, in a wheel that must not bring it along (cmake/bundle_libraries.cmake): every image in
// JBIG is refused, by the codes that libtiff asks for.

#define OSPREY_EXPORT extern "C" __attribute__((visibility("default")))

namespace {
constexpr int kNotSupported = 0x80;  // any code but 0, which would be success
}

OSPREY_EXPORT void jbg_dec_init(void* /*state*/) {}
OSPREY_EXPORT int jbg_dec_in(void* /*state*/, unsigned char* /*data*/, unsigned long /*size*/,
                             unsigned long* /*read*/) {
  return kNotSupported;
}
OSPREY_EXPORT unsigned long jbg_dec_getsize(const void* /*state*/) {
  return 0;
}
OSPREY_EXPORT unsigned char* jbg_dec_getimage(const void* /*state*/, int /*plane*/) {
  return nullptr;
}
OSPREY_EXPORT void jbg_dec_free(void* /*state*/) {}
OSPREY_EXPORT int jbg_newlen(unsigned char* /*data*/, unsigned long /*size*/) {
  return kNotSupported;
}
OSPREY_EXPORT void jbg_enc_init(void* /*state*/, unsigned long /*width*/, unsigned long /*height*/, int /*planes*/,
                                unsigned char** /*bits*/, void (* /*write*/)(unsigned char*, unsigned long, void*),
                                void* /*file*/) {}
OSPREY_EXPORT void jbg_enc_out(void* /*state*/) {}
OSPREY_EXPORT void jbg_enc_free(void* /*state*/) {}
OSPREY_EXPORT const char* jbg_strerror(int /*code*/) {
  return "JBIG is not supported here";
}
