# lambdapack_package(): a zip for AWS Lambda as a build step of a CMake project. docs/cmake.md is its reference.
#
# find_package(lambdapack) includes this file from an install tree; include() works from the source tree. The step is an
# ordinary custom command: its outputs and inputs are declared, so a build in which nothing changed runs nothing. It works
# on a file of the target that it never starts, so a cross build needs nothing but lambdapack for the host.
#
# CMake 3.20, because generator expressions in OUTPUT ($<CONFIG>, for multi-config generators) came with it.
include_guard(GLOBAL)
if(CMAKE_VERSION VERSION_LESS 3.20)
  message(FATAL_ERROR "lambdapack_package needs CMake 3.20 or later, this is ${CMAKE_VERSION}")
endif()
cmake_policy(PUSH)
cmake_policy(VERSION 3.20)

set_property(GLOBAL PROPERTY _LAMBDAPACK_MODULE_DIR "${CMAKE_CURRENT_LIST_DIR}")

# lambdapack_package(TARGET [RUNTIME r] [ARCH a] [OUTPUT zip] [LAYERS path…] [ADD src:dest…] [MAX_ZIP_SIZE size]
#                    [REPORT file] [DEBUG_OUT file.tar.zst] [OPTIONS option…] [DEPENDS file…] [ALL])
# Target lambdapack-package-TARGET makes the zip.
function(lambdapack_package target)
  _lambdapack_add_package(lambdapack_package "${target}" "lambdapack-package-${target}" ${ARGN})
endfunction()

# The signature and the target's name of aws-lambda-cpp. It bundles no C library that the runtime has, with NO_LIBC or
# without.
function(aws_lambda_package_target target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "NO_LIBC" "" "")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "aws_lambda_package_target(${target}): takes only NO_LIBC, not ${arg_UNPARSED_ARGUMENTS}; "
                        "lambdapack_package takes more")
  endif()
  _lambdapack_add_package(aws_lambda_package_target "${target}" "aws-lambda-package-${target}")
endfunction()

function(_lambdapack_add_package caller target package_target)
  set(me "${caller}(${target})")
  cmake_parse_arguments(PARSE_ARGV 3 arg "ALL" "RUNTIME;ARCH;OUTPUT;MAX_ZIP_SIZE;REPORT;DEBUG_OUT"
                        "LAYERS;ADD;OPTIONS;DEPENDS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "${me}: does not know ${arg_UNPARSED_ARGUMENTS}; see docs/cmake.md")
  endif()
  if(arg_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "${me}: ${arg_KEYWORDS_MISSING_VALUES} needs a value")
  endif()
  _lambdapack_check_target("${me}" "${target}")
  if(TARGET ${package_target})
    message(FATAL_ERROR "${me}: the target ${package_target} exists already; one call makes one zip")
  endif()

  _lambdapack_arch("${me}" "${arg_ARCH}" arch)
  set(runtime "${arg_RUNTIME}")
  if(runtime STREQUAL "")
    set(runtime "${LAMBDAPACK_RUNTIME}")
  endif()
  if(runtime STREQUAL "")
    set(runtime provided.al2023)
  endif()
  _lambdapack_find_program("${me}" program program_depends)
  _lambdapack_zip_path("${target}" "${arg_OUTPUT}" zip)

  set(outputs "${zip}")
  set(depends "${target}" ${program_depends} ${arg_DEPENDS})
  set(options --runtime "${runtime}" --arch "${arch}" -o "${zip}")
  foreach(layer IN LISTS arg_LAYERS)
    _lambdapack_absolute("${layer}" "${CMAKE_CURRENT_SOURCE_DIR}" layer)
    _lambdapack_input_files("${layer}" files)
    list(APPEND options --layer "${layer}")
    list(APPEND depends ${files})
  endforeach()
  foreach(add IN LISTS arg_ADD)
    set(source "${add}")
    set(destination "")
    # The last colon outside of a generator expression: $<TARGET_FILE:plugin>:lib/plugin.so
    if(add MATCHES "^(.*):([^:<>]*)$")
      set(source "${CMAKE_MATCH_1}")
      set(destination ":${CMAKE_MATCH_2}")
    endif()
    _lambdapack_absolute("${source}" "${CMAKE_CURRENT_SOURCE_DIR}" source)
    _lambdapack_input_files("${source}" files)
    list(APPEND options --add "${source}${destination}")
    list(APPEND depends ${files})
  endforeach()
  if(DEFINED arg_MAX_ZIP_SIZE)
    list(APPEND options --max-zip-size "${arg_MAX_ZIP_SIZE}")
  endif()
  if(DEFINED arg_REPORT)
    _lambdapack_absolute("${arg_REPORT}" "${CMAKE_CURRENT_BINARY_DIR}" report)
    list(APPEND options --report "${report}")
    list(APPEND outputs "${report}")
  endif()
  if(DEFINED arg_DEBUG_OUT)
    # lambdapack would also write a folder; a build tool cannot tell whether that is up to date.
    if(NOT arg_DEBUG_OUT MATCHES "\\.tar\\.zst$")
      message(FATAL_ERROR "${me}: DEBUG_OUT is \"${arg_DEBUG_OUT}\"; name a file that ends in .tar.zst")
    endif()
    _lambdapack_absolute("${arg_DEBUG_OUT}" "${CMAKE_CURRENT_BINARY_DIR}" debug_out)
    list(APPEND options --debug-out "${debug_out}")
    list(APPEND outputs "${debug_out}")
  endif()

  set(folders "")
  foreach(output IN LISTS outputs)
    get_filename_component(folder "${output}" DIRECTORY)
    list(APPEND folders "${folder}")
  endforeach()
  list(REMOVE_DUPLICATES folders)
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND "${CMAKE_COMMAND}" -E make_directory ${folders}
    # Outputs of an earlier build go first: after a pack that fails, no older zip is left that looks like its result.
    COMMAND "${CMAKE_COMMAND}" -E rm -f ${outputs}
    COMMAND "${program}" pack "$<TARGET_FILE:${target}>" ${options} ${arg_OPTIONS} -q
    DEPENDS ${depends}
    COMMENT "Packing ${target} for ${runtime} on ${arch}"
    VERBATIM)
  set(all "")
  if(arg_ALL)
    set(all ALL)
  endif()
  add_custom_target(${package_target} ${all} DEPENDS ${outputs})
  set_target_properties(${package_target} PROPERTIES LAMBDAPACK_ZIP "${zip}")
endfunction()

function(_lambdapack_check_target me target)
  if(NOT TARGET ${target})
    message(FATAL_ERROR "${me}: there is no target ${target}; call it after add_executable(${target} …)")
  endif()
  get_target_property(type ${target} TYPE)
  if(NOT type STREQUAL "EXECUTABLE")
    message(FATAL_ERROR "${me}: ${target} is a ${type}; a function is an EXECUTABLE")
  endif()
endfunction()

# Lambda's name of the architecture that is built for: x86_64 or arm64.
function(_lambdapack_arch me given result)
  set(asked "${given}")
  set(from "ARCH")
  if(asked STREQUAL "")
    if(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux")
      message(FATAL_ERROR "${me}: this builds for ${CMAKE_SYSTEM_NAME}, and Lambda runs Linux; "
                          "use a toolchain file, or give ARCH when the target is a Linux program all the same")
    endif()
    set(asked "${CMAKE_SYSTEM_PROCESSOR}")
    set(from "CMAKE_SYSTEM_PROCESSOR")
  endif()
  # A toolchain file that sets only CMAKE_SYSTEM_NAME leaves the processor empty; the compiler's triple says it then.
  foreach(triple "${CMAKE_CXX_COMPILER_TARGET}" "${CMAKE_C_COMPILER_TARGET}" "${CMAKE_LIBRARY_ARCHITECTURE}")
    if(asked STREQUAL "" AND triple MATCHES "^([^-]+)-")
      set(asked "${CMAKE_MATCH_1}")
    endif()
  endforeach()
  string(TOLOWER "${asked}" name)
  if(name MATCHES "^(x86_64|amd64|x64)$")
    set(${result} x86_64 PARENT_SCOPE)
  elseif(name MATCHES "^(arm64|aarch64)$")
    set(${result} arm64 PARENT_SCOPE)
  else()
    message(FATAL_ERROR "${me}: ${from} is \"${asked}\", and Lambda has x86_64 and arm64; give ARCH one of them")
  endif()
endfunction()

# A path as the build needs it. Generator expressions stay as they are.
function(_lambdapack_absolute path base result)
  if(NOT path MATCHES "^\\$<" AND NOT IS_ABSOLUTE "${path}")
    set(path "${base}/${path}")
  endif()
  set(${result} "${path}" PARENT_SCOPE)
endfunction()

# What to watch of an input: the file, or a folder with all that is in it. A folder is newer when something came or went;
# then CMake runs again and lists it anew. file(GLOB CONFIGURE_DEPENDS) would list it at every build, and a dry run
# (ninja -n) could not tell that there is nothing to do.
function(_lambdapack_input_files path result)
  if(IS_DIRECTORY "${path}")
    file(GLOB_RECURSE files LIST_DIRECTORIES true "${path}/*")
    list(PREPEND files "${path}")
    foreach(file IN LISTS files)
      if(NOT EXISTS "${file}")  # a link that leads nowhere: no build tool can watch it
        list(REMOVE_ITEM files "${file}")
      elseif(IS_DIRECTORY "${file}" AND NOT IS_SYMLINK "${file}")
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
      endif()
    endforeach()
    set(${result} "${files}" PARENT_SCOPE)
  else()
    set(${result} "${path}" PARENT_SCOPE)
  endif()
endfunction()

# OUTPUT, or TARGET.zip (OUTPUT_NAME.zip) in the build folder of the caller, in one folder per configuration when there
# are several.
function(_lambdapack_zip_path target given result)
  set(zip "${given}")
  if(zip STREQUAL "")
    get_target_property(name ${target} OUTPUT_NAME)
    if(NOT name OR name MATCHES "\\$<")
      set(name "${target}")
    endif()
    string(REPLACE "::" "-" name "${name}")
    set(zip "${name}.zip")
    get_property(multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
    if(multi_config)
      set(zip "$<CONFIG>/${zip}")
    endif()
  endif()
  if(NOT IS_ABSOLUTE "${zip}")
    set(zip "${CMAKE_CURRENT_BINARY_DIR}/${zip}")
  endif()
  set(${result} "${zip}" PARENT_SCOPE)
endfunction()

# The machine of an ELF file as hexadecimal text; empty when it is none.
function(_lambdapack_machine file result)
  file(READ "${file}" head LIMIT 20 HEX)
  set(machine "")
  if(head MATCHES "^7f454c46")
    string(SUBSTRING "${head}" 36 4 machine)
  endif()
  set(${result} "${machine}" PARENT_SCOPE)
endfunction()

# A lambdapack of the target's sysroot is no use: the build runs on the host. cmake itself is a program of the host, so its
# own ELF header says what that is; a script passes.
function(_lambdapack_runs_here file result)
  set(${result} FALSE PARENT_SCOPE)
  if(NOT EXISTS "${file}" OR IS_DIRECTORY "${file}")
    return()
  endif()
  _lambdapack_machine("${file}" machine)
  _lambdapack_machine("${CMAKE_COMMAND}" host_machine)
  if(machine STREQUAL "" OR host_machine STREQUAL "" OR machine STREQUAL host_machine)
    set(${result} TRUE PARENT_SCOPE)
  endif()
endfunction()

# The program to run and what the zip depends on for it: LAMBDAPACK_PROGRAM; the one of this very build; the one
# installed with this file; one on the PATH. CMake's own search is not asked: in a cross build it finds the target's.
function(_lambdapack_find_program me program depends)
  if(LAMBDAPACK_PROGRAM)
    _lambdapack_runs_here("${LAMBDAPACK_PROGRAM}" good)
    if(NOT good)
      message(FATAL_ERROR "${me}: LAMBDAPACK_PROGRAM is \"${LAMBDAPACK_PROGRAM}\", which is no program of this host; "
                          "give the full path of lambdapack for ${CMAKE_HOST_SYSTEM_PROCESSOR}")
    endif()
    set(${program} "${LAMBDAPACK_PROGRAM}" PARENT_SCOPE)
    set(${depends} "${LAMBDAPACK_PROGRAM}" PARENT_SCOPE)
    return()
  endif()

  get_property(module_dir GLOBAL PROPERTY _LAMBDAPACK_MODULE_DIR)
  if(TARGET lambdapack AND NOT CMAKE_CROSSCOMPILING)
    get_target_property(source_dir lambdapack SOURCE_DIR)
    get_target_property(type lambdapack TYPE)
    if(type STREQUAL "EXECUTABLE" AND "${source_dir}/cmake" STREQUAL module_dir)
      set(${program} "$<TARGET_FILE:lambdapack>" PARENT_SCOPE)
      set(${depends} lambdapack PARENT_SCOPE)
      return()
    endif()
  endif()

  get_property(installed GLOBAL PROPERTY _LAMBDAPACK_INSTALLED_PROGRAM)
  set(candidates "${installed}" "${module_dir}/../build/release/lambdapack")
  string(REPLACE ":" ";" path "$ENV{PATH}")
  foreach(folder IN LISTS path)
    list(APPEND candidates "${folder}/lambdapack")
  endforeach()
  foreach(candidate IN LISTS candidates)
    _lambdapack_runs_here("${candidate}" good)
    if(good)
      get_filename_component(candidate "${candidate}" ABSOLUTE)
      set(${program} "${candidate}" PARENT_SCOPE)
      set(${depends} "${candidate}" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  message(FATAL_ERROR "${me}: there is no lambdapack that runs on this host (${CMAKE_HOST_SYSTEM_PROCESSOR}); install it, "
                      "put it on the PATH, or pass -D LAMBDAPACK_PROGRAM=/path/of/lambdapack")
endfunction()

cmake_policy(POP)
