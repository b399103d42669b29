# osprey_web_page(TARGET FOLDER): puts a folder of web assets into the target, each as it is and, where that is smaller,
# compressed. Makes the table that server/page_assets.hpp declares; names and hashes are those of the time of configuring,
# which every change of an asset brings about.
find_program(OSPREY_GZIP gzip REQUIRED)

function(osprey_web_page target folder)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${folder} ${folder}/*)
  set(declarations "")
  set(rows "")
  set(count 0)
  foreach(file IN LISTS files)
    get_filename_component(extension ${file} LAST_EXT)
    if(extension STREQUAL ".html")
      set(type "text/html; charset=utf-8")
    elseif(extension STREQUAL ".css")
      set(type "text/css; charset=utf-8")
    elseif(extension STREQUAL ".js")
      set(type "text/javascript; charset=utf-8")
    elseif(extension STREQUAL ".svg")
      set(type "image/svg+xml")
    elseif(extension STREQUAL ".jpg")
      set(type "image/jpeg")
    else()
      continue() # such as a README
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/${file})
    file(SHA256 ${folder}/${file} hash)
    string(SUBSTRING ${hash} 0 20 hash)
    set(symbol page_${count})
    osprey_embed(${target} ${symbol} ${folder}/${file})
    string(APPEND declarations "extern const char osprey_embedded_${symbol}_begin[], osprey_embedded_${symbol}_end[];\n")
    set(compressed "{}")
    if(NOT extension STREQUAL ".jpg")
      set(packed ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.gz)
      add_custom_command(OUTPUT ${packed} COMMAND ${OSPREY_GZIP} -9nc ${folder}/${file} > ${packed}
                         DEPENDS ${folder}/${file} VERBATIM)
      target_sources(${target} PRIVATE ${packed})
      osprey_embed(${target} ${symbol}_gz ${packed})
      string(APPEND declarations
             "extern const char osprey_embedded_${symbol}_gz_begin[], osprey_embedded_${symbol}_gz_end[];\n")
      set(compressed "text(osprey_embedded_${symbol}_gz_begin, osprey_embedded_${symbol}_gz_end)")
    endif()
    string(APPEND rows "      {\"${file}\", \"${type}\", \"${hash}\",\n"
                       "       text(osprey_embedded_${symbol}_begin, osprey_embedded_${symbol}_end), ${compressed}},\n")
    math(EXPR count "${count} + 1")
  endforeach()
  set(table ${CMAKE_CURRENT_BINARY_DIR}/page_assets.cpp)
  file(CONFIGURE OUTPUT ${table} CONTENT
"#include \"server/page_assets.hpp\"

extern \"C\" {
${declarations}}

namespace osprey::server {

std::span<const PageAsset> page_assets() {
  const auto text = [](const char* begin, const char* end) {
    return std::string_view(begin, static_cast<std::size_t>(end - begin));
  };
  static const PageAsset assets[] = {
${rows}  };
  return assets;
}

}  // namespace osprey::server
")
  target_sources(${target} PRIVATE ${table})
endfunction()
