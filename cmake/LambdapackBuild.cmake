# How every target of this project is built, and the functions that add one.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release)
endif()

option(LAMBDAPACK_WARNINGS_AS_ERRORS "Warnings are errors (set by the presets)" OFF)
set(LAMBDAPACK_SANITIZE "" CACHE STRING "Value of -fsanitize=, empty for none")

find_program(LAMBDAPACK_CCACHE ccache)
if(LAMBDAPACK_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${LAMBDAPACK_CCACHE}")
endif()

if(LAMBDAPACK_SANITIZE)
  add_compile_options(-fsanitize=${LAMBDAPACK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  # To look at a vptr UBSan reads memory through a pipe, and the child of base/limited_child.h may open none.
  add_compile_options(-fno-sanitize=vptr)
  add_link_options(-fsanitize=${LAMBDAPACK_SANITIZE})
endif()

function(lp_target_defaults target)
  target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}/src")
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -ffunction-sections
                                           -fdata-sections)
  # g++ 12 sees an overlapping copy in "text" + std::string: https://gcc.gnu.org/bugzilla/show_bug.cgi?id=105651
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE -Wno-restrict)
  endif()
  target_compile_definitions(${target} PRIVATE LAMBDAPACK_VERSION="${PROJECT_VERSION}")
  if(LAMBDAPACK_WARNINGS_AS_ERRORS)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# lp_library(folder USES folder… THIRD_PARTY target…): src/<folder>/*.cpp as lambdapack_<folder>.
function(lp_library folder)
  cmake_parse_arguments(ARG "" "" "USES;THIRD_PARTY" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/src/${folder}/*.cpp")
  add_library(lambdapack_${folder} STATIC ${sources})
  lp_target_defaults(lambdapack_${folder})
  list(TRANSFORM ARG_USES PREPEND lambdapack_)
  target_link_libraries(lambdapack_${folder} PUBLIC ${ARG_USES} PRIVATE ${ARG_THIRD_PARTY})
  if(NOT folder STREQUAL "base")
    target_link_libraries(lambdapack_${folder} PRIVATE fmt::fmt)
  endif()
endfunction()

# lp_embed_rules(target folder): every *.toml of folder becomes text inside the program (rules/embedded.h).
function(lp_embed_rules target folder)
  file(GLOB_RECURSE tomls CONFIGURE_DEPENDS "${folder}/*.toml")
  set(output "${PROJECT_BINARY_DIR}/generated/embedded_rules.cpp")
  add_custom_command(
    OUTPUT "${output}"
    COMMAND "${CMAKE_COMMAND}" -D "FOLDER=${folder}" -D "OUTPUT=${output}" -P "${PROJECT_SOURCE_DIR}/cmake/EmbedRules.cmake"
    DEPENDS ${tomls} "${PROJECT_SOURCE_DIR}/cmake/EmbedRules.cmake"
    VERBATIM)
  target_sources(${target} PRIVATE "${output}")
endfunction()
