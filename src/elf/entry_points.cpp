// Does this symbol make a library a plugin? Programs that load plugins look a fixed name up with dlsym; a library that
// exports one may be opened by a name that no file spells out, so it must not be called unused without more evidence.
//
// Each line has the public interface that looks the name up.
#include <algorithm>
#include <array>

#include "elf/read_dynamic.h"

namespace lambdapack {

namespace {

using std::string_view;

constexpr auto kPrefixes = std::to_array<string_view>({
    "Agent_OnLoad",          // JVM tool interface agents
    "GDALRegister",          // GDAL drivers
    "Init_",                 // Ruby extensions
    "JNI_OnLoad",            // Java; also JNI_OnLoad_NAME of statically linked libraries
    "Java_",                 // Java native methods
    "OSSL_provider_init",    // OpenSSL 3 providers
    "PyInitU_",              // Python modules with names beyond ASCII, PEP 489
    "PyInit_",               // Python 3
    "R_init_",               // R
    "_PG_init",              // PostgreSQL
    "_nss_",                 // glibc name service switch
    "boot_",                 // Perl XS
    "gst_plugin_",           // GStreamer
    "hostfxr_",              // .NET host
    "luaopen_",              // Lua
    "napi_register_module",  // Node-API addons
    "node_register_module",  // Node addons
    "pam_sm_",               // PAM
    "sqlite3_",              // SQLite extensions; see has_plugin_prefix
});

constexpr auto kNames = std::to_array<string_view>({
    "C_GetFunctionList",            // PKCS #11
    "Pg_magic_func",                // PostgreSQL
    "bind_engine",                  // OpenSSL engines
    "coreclr_initialize",           // .NET
    "corehost_main",                // .NET
    "g_io_module_load",             // GIO
    "g_module_check_init",          // GModule
    "gconv",                        // iconv of glibc
    "get_module",                   // the name in the design of several plugin systems
    "preauthentication_client_2",   // MIT Kerberos
    "qt_plugin_instance",           // Qt
    "qt_plugin_query_metadata",     // Qt
    "qt_plugin_query_metadata_v2",  // Qt 6.3
    "sasl_canonuser_init",          // Cyrus SASL
    "sasl_auxprop_plug_init",       // Cyrus SASL
    "sasl_client_plug_init",        // Cyrus SASL
    "sasl_server_plug_init",        // Cyrus SASL
    "vlc_entry",                    // VLC
});

// An addon may have no exported name at all: its constructor calls one of these (nodejs.org/api/addons, n-api).
constexpr auto kRegistrars = std::to_array<string_view>({"napi_module_register", "node_module_register"});

bool is_one_of(string_view symbol, const auto& names) {
  return std::ranges::find(names, symbol) != names.end();
}

bool has_plugin_prefix(string_view symbol) {
  const auto prefix = std::ranges::find_if(kPrefixes, [&](string_view known) { return symbol.starts_with(known); });
  if (prefix == kPrefixes.end()) return false;
  // sqlite3_NAME_init and sqlite3_extension_init (sqlite.org/loadext.html); SQLite itself has sqlite3_os_init.
  if (*prefix == "sqlite3_") return symbol.ends_with("_init") && symbol != "sqlite3_os_init";
  return true;
}

}  // namespace

bool is_entry_point(string_view symbol, bool defined) {
  // Almost no symbol starts with one of these bytes, and libraries have hundreds of thousands of symbols.
  if (symbol.empty() || string_view("ACGIJOPR_bcghlnpqsv").find(symbol[0]) == string_view::npos) return false;
  if (is_one_of(symbol, kRegistrars)) return true;
  if (!defined) return false;
  if (symbol.starts_with("_Z")) return false;
  return has_plugin_prefix(symbol) || is_one_of(symbol, kNames);
}

}  // namespace lambdapack
