// Which classes can open native libraries; pools written by hand as javac writes them.
#include <doctest/doctest.h>

#include <string>

#include "languages/java_class.h"

using namespace lambdapack;

namespace {

std::string u2(unsigned value) {
  return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
}

std::string utf8(std::string_view text) {
  return "\x01" + u2(static_cast<unsigned>(text.size())) + std::string(text);
}

// A class whose pool has one Long (two indices) and a Methodref OWNER.NAME.
std::string class_calling(std::string_view owner, std::string_view name) {
  std::string bytes = "\xca\xfe\xba\xbe" + u2(0) + u2(61) + u2(9);
  bytes += "\x05" + std::string(8, '\0');  // 1, 2: Long
  bytes += utf8(owner);                    // 3
  bytes += "\x07" + u2(3);                 // 4: Class
  bytes += utf8(name);                     // 5
  bytes += utf8("(Ljava/lang/String;)V");  // 6
  bytes += "\x0c" + u2(5) + u2(6);         // 7: NameAndType
  bytes += "\x0a" + u2(4) + u2(7);         // 8: Methodref
  return bytes;
}

bool opens(const std::string& bytes) {
  return opens_native_libraries(as_bytes(bytes));
}

}  // namespace

TEST_CASE("System.load and System.loadLibrary are found though class and method are constants apart") {
  CHECK(opens(class_calling("java/lang/System", "load")));
  CHECK(opens(class_calling("java/lang/System", "loadLibrary")));
  CHECK(opens(class_calling("java/lang/Runtime", "load")));
}

TEST_CASE("another class's load, and another method of System, open nothing") {
  CHECK_FALSE(opens(class_calling("java/util/Properties", "load")));
  CHECK_FALSE(opens(class_calling("java/lang/System", "getenv")));
}

TEST_CASE("JNA, JNR, JavaCPP and the foreign function interface open what they are told") {
  CHECK(opens(class_calling("com/sun/jna/Native", "register")));
  CHECK(opens(class_calling("jnr/ffi/LibraryLoader", "create")));
  CHECK(opens(class_calling("java/lang/foreign/SymbolLookup", "libraryLookup")));
}

TEST_CASE("a class whose constants are cut off may open anything, and what is no class file opens nothing") {
  const std::string whole = class_calling("java/util/Properties", "load");
  for (std::size_t cut = 10; cut < whole.size(); ++cut) CHECK(opens(whole.substr(0, cut)));
  CHECK_FALSE(opens("java/lang/System load"));
  CHECK_FALSE(opens(""));
}
