// Does a program that imports this function open libraries by name? dlopen does, and so does every function that passes
// its caller's name on to dlopen: the library that defines it knows no name, only the caller does.
//
// Each line has the public interface.
#include <algorithm>
#include <array>

#include "elf/read_dynamic.h"

namespace lambdapack {

namespace {

using std::string_view;

constexpr auto kOpeners = std::to_array<string_view>({
    "DSO_load",                   // OpenSSL: crypto/dso
    "GC_dlopen",                  // Boehm collector
    "PR_LoadLibrary",             // NSPR
    "PR_LoadLibraryWithFlags",    // NSPR
    "SDL_LoadObject",             // SDL
    "Tcl_FSLoadFile",             // Tcl
    "Tcl_LoadFile",               // Tcl
    "_ZN13QPluginLoader4loadEv",  // Qt: QPluginLoader::load()
    "_ZN8QLibrary4loadEv",        // Qt: QLibrary::load()
    "apr_dso_load",               // APR
    "dlmopen",                    // dlopen(3)
    "dlopen",                     // dlopen(3)
    "g_module_open",              // GModule
    "g_module_open_full",         // GModule
    "lt_dlopen",                  // libltdl
    "lt_dlopenadvise",            // libltdl
    "lt_dlopenext",               // libltdl
    "sqlite3_load_extension",     // SQLite
    "uv_dlopen",                  // libuv
    "xmlModuleOpen",              // libxml2
});

static_assert(std::ranges::is_sorted(kOpeners));

}  // namespace

bool opens_libraries(string_view symbol) {
  return std::ranges::binary_search(kOpeners, symbol);
}

}  // namespace lambdapack
