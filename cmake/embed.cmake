# osprey_embed(TARGET SYMBOL FILE): puts a file's bytes into the target, as osprey_embedded_SYMBOL_begin and _end. They lie
# in the executable's read-only pages and cost no memory until they are served.
enable_language(ASM)
function(osprey_embed target symbol file)
  set(assembly ${CMAKE_CURRENT_BINARY_DIR}/embedded_${symbol}.S)
  file(CONFIGURE OUTPUT ${assembly} CONTENT
".section .rodata
.balign 16
.global osprey_embedded_${symbol}_begin
.global osprey_embedded_${symbol}_end
osprey_embedded_${symbol}_begin:
.incbin \"${file}\"
osprey_embedded_${symbol}_end:
.byte 0
.section .note.GNU-stack,\"\",%progbits
")
  set_source_files_properties(${assembly} PROPERTIES OBJECT_DEPENDS ${file})
  target_sources(${target} PRIVATE ${assembly})
endfunction()
