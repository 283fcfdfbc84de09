# Third-party libraries, all of them Debian 12's. Each is linked by the one folder of src/ named for it.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(LibArchive REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)

# LLVM's package config accepts only its own major.minor. 19 is what the strip proofs were measured with
# (docs/decisions/0002); later ones are tried in turn.
foreach(version 19.1 20.1 21.1 22.1)
  string(REGEX MATCH "^[0-9]+" major "${version}")
  find_package(LLVM ${version} QUIET CONFIG PATHS "/usr/lib/llvm-${major}/lib/cmake/llvm")
  if(LLVM_FOUND)
    break()
  endif()
endforeach()
if(NOT LLVM_FOUND)
  message(FATAL_ERROR "LLVM 19 or later was not found; run tools/setup, or set LLVM_DIR")
endif()
message(STATUS "LLVM ${LLVM_PACKAGE_VERSION}")
llvm_map_components_to_libnames(llvm_libraries Object ObjCopy Symbolize Support BinaryFormat MC MCDisassembler
                                X86Desc X86Disassembler X86Info AArch64Desc AArch64Disassembler AArch64Info)
add_library(lp::llvm INTERFACE IMPORTED)
target_include_directories(lp::llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
target_link_libraries(lp::llvm INTERFACE ${llvm_libraries})

# libdeflate is linked statically: it decides the bytes of the zip. Debian's 1.14 has no CMake config.
find_path(LIBDEFLATE_INCLUDE_DIR libdeflate.h REQUIRED)
find_library(LIBDEFLATE_LIBRARY NAMES libdeflate.a REQUIRED)
add_library(lp::libdeflate INTERFACE IMPORTED)
target_include_directories(lp::libdeflate SYSTEM INTERFACE "${LIBDEFLATE_INCLUDE_DIR}")
target_link_libraries(lp::libdeflate INTERFACE "${LIBDEFLATE_LIBRARY}")

find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)
add_library(lp::tomlplusplus INTERFACE IMPORTED)
target_include_directories(lp::tomlplusplus SYSTEM INTERFACE "${TOMLPLUSPLUS_INCLUDE_DIR}")

# libyaml too is linked statically: 150 KB, and no further library that must be there when lambdapack starts.
find_path(LIBYAML_INCLUDE_DIR yaml.h REQUIRED)
find_library(LIBYAML_LIBRARY NAMES libyaml.a REQUIRED)
add_library(lp::libyaml INTERFACE IMPORTED)
target_include_directories(lp::libyaml SYSTEM INTERFACE "${LIBYAML_INCLUDE_DIR}")
target_link_libraries(lp::libyaml INTERFACE "${LIBYAML_LIBRARY}")
