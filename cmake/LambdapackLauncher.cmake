# The launcher of src/launcher, built for both architectures of Lambda and embedded into a target.
#
# One cross compiler is enough, since the launcher needs no headers and no libraries: GCC for either architecture, the
# machine's own for its own architecture (a C++ compiler compiles C with -x c).

function(lp_launcher_compiler variable arch)
  set(triplet "${arch}-linux-gnu")
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(amd64|AMD64)$")
    set(own x86_64)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(arm64|ARM64)$")
    set(own aarch64)
  else()
    set(own "${CMAKE_SYSTEM_PROCESSOR}")
  endif()
  find_program(LAMBDAPACK_LAUNCHER_CC_${arch} NAMES "${triplet}-gcc" DOC "C compiler of the launcher for ${arch}")
  if(LAMBDAPACK_LAUNCHER_CC_${arch})
    set(${variable} "${LAMBDAPACK_LAUNCHER_CC_${arch}}" PARENT_SCOPE)
  elseif(arch STREQUAL own)
    set(${variable} "${CMAKE_CXX_COMPILER}" PARENT_SCOPE)
  else()
    message(FATAL_ERROR "no C compiler for ${arch} (${triplet}-gcc): run tools/setup, or set "
                        "LAMBDAPACK_LAUNCHER_CC_${arch}")
  endif()
endfunction()

# lp_embed_launcher(target): plan/launcher.h's launcher_program().
function(lp_embed_launcher target)
  set(source "${PROJECT_SOURCE_DIR}/src/launcher/launcher.c")
  set(flags -Os -std=gnu11 -ffreestanding -fno-builtin -fno-stack-protector -fno-pic -fno-asynchronous-unwind-tables
            -fno-unwind-tables -fno-ident -Wall -Wextra -Werror)
  # Text and constants in one segment at the file's start: nothing has to be padded to a page.
  set(link_flags -nostdlib -static -no-pie -s -Wl,--build-id=none -Wl,-z,noseparate-code -Wl,-z,noexecstack
                 -Wl,-z,norelro)
  foreach(arch x86_64 aarch64)
    lp_launcher_compiler(compiler ${arch})
    set(program "${PROJECT_BINARY_DIR}/generated/launcher-${arch}")
    add_custom_command(
      OUTPUT "${program}"
      COMMAND "${CMAKE_COMMAND}" -E make_directory "${PROJECT_BINARY_DIR}/generated"
      COMMAND "${compiler}" -x c ${flags} ${link_flags} "${source}" -o "${program}"
      DEPENDS "${source}"
      VERBATIM)
    set(program_${arch} "${program}")
  endforeach()
  set(output "${PROJECT_BINARY_DIR}/generated/embedded_launcher.cpp")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND "${CMAKE_COMMAND}" -D "X86_64=${program_x86_64}" -D "ARM64=${program_aarch64}" -D "OUTPUT=${output}" -P
            "${PROJECT_SOURCE_DIR}/cmake/EmbedLauncher.cmake"
    DEPENDS "${program_x86_64}" "${program_aarch64}" "${PROJECT_SOURCE_DIR}/cmake/EmbedLauncher.cmake"
    VERBATIM)
  target_sources(${target} PRIVATE "${output}")
endfunction()
