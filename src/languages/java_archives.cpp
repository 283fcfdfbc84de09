// Only the table of a jar is read, and the members that are named as native libraries are: their headers tell machine,
// C library and symbol versions, as those of any other ELF file.
#include "languages/java_archives.h"

#include <algorithm>
#include <optional>

#include "base/parallel.h"
#include "base/progress.h"
#include "languages/package_paths.h"
#include "package/zip_member.h"

namespace lambdapack {
namespace {

constexpr std::uint64_t kMostNative = 512ULL << 20;  // bytes of one jar's natives: above Lambda's limit for everything

// "lib/sqlite-jdbc-3.45.1.0.jar": the version starts at the first "-" before a digit.
void name_jar(JavaArchive& jar, std::string_view path) {
  std::string_view stem = base_name(path);
  stem.remove_suffix(4);
  for (std::size_t dash = stem.find('-'); dash != std::string_view::npos; dash = stem.find('-', dash + 1)) {
    if (dash + 1 == stem.size() || stem[dash + 1] < '0' || stem[dash + 1] > '9') continue;
    jar.artifact = stem.substr(0, dash);
    const std::string_view rest = stem.substr(dash + 1);
    jar.version = rest.substr(0, rest.find('-'));
    return;
  }
  jar.artifact = stem;
}

// jarsigner's files: docs.oracle.com/en/java/javase/21/docs/specs/jar/jar.html, "Signed JAR file".
bool is_signature(std::string_view member) {
  if (!member.starts_with("META-INF/") || member.find('/', 9) != std::string_view::npos) return false;
  std::string ending(member.substr(std::min(member.rfind('.'), member.size())));
  std::ranges::transform(ending, ending.begin(),
                         [](char c) { return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c); });
  return ending == ".SF" || ending == ".RSA" || ending == ".DSA" || ending == ".EC" ||
         member.starts_with("META-INF/SIG-");
}

bool is_native_name(std::string_view member) {
  const std::string_view name = base_name(member);
  for (const std::string_view ending : {".so", ".dll", ".dylib", ".jnilib", ".exe"}) {
    if (name.size() > ending.size() && name.ends_with(ending)) return true;
  }
  const std::size_t so = name.find(".so.");  // libfoo.so.1
  return so != std::string_view::npos && so > 0 && so + 4 < name.size() && name[so + 4] >= '0' && name[so + 4] <= '9';
}

void add_native(const std::string& jar, Bytes archive, const ZipMember& member, JavaArchive& found) {
  auto bytes = unpack_member(jar + "!/" + std::string(member.name), archive, member);
  if (!bytes) return;
  PackageFile file;
  file.path = member.name;
  file.content = Content::from_bytes(std::move(*bytes));
  file.packed_size = member.packed_size;
  found.natives.files.push_back(std::move(file));
  found.native_places.push_back({member.header_offset, member.data_offset + member.packed_size - member.header_offset});
}

void read_natives(const std::string& path, Bytes archive, std::vector<const ZipMember*> members, JavaArchive& jar) {
  std::ranges::sort(members, {}, &ZipMember::name);
  // Two members of one name are two answers to one question; which one a program gets is not for us to change.
  const auto repeats = std::ranges::unique(members, {}, &ZipMember::name);
  if (!repeats.empty()) jar.can_change = false;
  members.erase(repeats.begin(), repeats.end());
  std::uint64_t bytes = 0;
  for (const ZipMember* member : members) {
    if (member->size > kMostNative - bytes) continue;
    bytes += member->size;
    add_native(path, archive, *member, jar);
  }
}

void read_members(const std::string& path, Bytes archive, const ZipDirectory& directory, JavaArchive& jar) {
  jar.can_change = directory.is_plain;
  std::vector<const ZipMember*> natives;
  for (const ZipMember& member : directory.members) {
    jar.is_signed = jar.is_signed || is_signature(member.name);
    jar.unpacked += member.size;
    if (member.method != 0) ++jar.compressed;
    if (member.name.ends_with(".class") && !member.name.starts_with("META-INF/"))
      jar.classes.push_back({std::string(member.name), member.crc, member.size});
    if (is_native_name(member.name) && member.size > 0) natives.push_back(&member);
  }
  std::ranges::sort(jar.classes, {}, &JavaClass::name);
  read_natives(path, archive, std::move(natives), jar);
}

Result<std::optional<JavaArchive>> read_jar(const PackageFile& file, std::size_t index) {
  LP_TRY(const Bytes archive, file.content.read());
  const auto directory = read_zip_directory(file.path, archive);
  std::optional<JavaArchive> jar;
  if (directory) {
    jar.emplace();
    jar->file = index;
    name_jar(*jar, file.path);
    jar->natives.source = file.path;
    read_members(file.path, archive, *directory, *jar);
    Progress quiet(false);
    LP_TRY(jar->native_inventory, take_inventory(jar->natives, 1, quiet));
  }
  file.content.release();
  return jar;
}

}  // namespace

Result<std::vector<JavaArchive>> read_java_archives(const Package& package, unsigned threads) {
  std::vector<std::size_t> files;
  for (std::size_t i = 0; i < package.files.size(); ++i) {
    const PackageFile& file = package.files[i];
    if (file.kind == FileKind::regular && file.path.ends_with(".jar") && base_name(file.path).size() > 4)
      files.push_back(i);
  }
  std::vector<std::optional<JavaArchive>> found(files.size());
  std::vector<std::optional<Error>> errors(files.size());
  parallel_for(files.size(), threads, [&](std::size_t i) {
    auto jar = read_jar(package.files[files[i]], files[i]);
    if (jar)
      found[i] = std::move(*jar);
    else
      errors[i] = std::move(jar.error());
  });
  std::vector<JavaArchive> jars;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (errors[i]) return std::unexpected(std::move(*errors[i]));
    if (found[i]) jars.push_back(std::move(*found[i]));
  }
  return jars;
}

}  // namespace lambdapack
