// What jars hold.
#include "languages/java_archives.h"

#include <doctest/doctest.h>

#include "package/raw_zip.h"
#include "support/make_package.h"

using namespace lambdapack;
using namespace lambdapack::test;

namespace {

JavaArchive only_jar(const std::string& path, const RawZip& zip) {
  const TestPackage made = MakePackage().file(path, zip.bytes()).file("app.jar.txt", "no jar").make();
  auto jars = read_java_archives(made.package, 2);
  REQUIRE(jars);
  REQUIRE(jars->size() == 1);
  return std::move(jars->front());
}

}  // namespace

TEST_CASE("a jar's name gives artifact and version, its table classes and natives") {
  const JavaArchive jar =
      only_jar("lib/sqlite-jdbc-3.45.1.0.jar", RawZip()
                                                   .add(deflated("b/B.class", std::string(99, 'b')))
                                                   .add(stored("a/A.class", "x"))
                                                   .add(stored("META-INF/versions/9/a/A.class", "y"))
                                                   .add(stored("n/linux/libx.so", "no ELF"))
                                                   .add(stored("n/libx.so.1", "1"))
                                                   .add(stored("n/win/x.dll", "MZ"))
                                                   .add(stored("n/x.soap", "")));
  CHECK(jar.artifact == "sqlite-jdbc");
  CHECK(jar.version == "3.45.1.0");
  CHECK_FALSE(jar.is_signed);
  CHECK(jar.can_change);
  CHECK(jar.compressed == 1);
  REQUIRE(jar.classes.size() == 2);
  CHECK(jar.classes[0].name == "a/A.class");
  REQUIRE(jar.natives.files.size() == 3);
  CHECK(jar.natives.files[0].path == "n/libx.so.1");
  CHECK(jar.native_inventory.files.size() == 3);
}

TEST_CASE("a signed jar says so; one behind a script or with two members of one name cannot be changed") {
  CHECK(only_jar("a.jar", RawZip().add(stored("META-INF/APP.SF", "x"))).is_signed);
  CHECK(only_jar("a.jar", RawZip().add(stored("META-INF/app.rsa", "x"))).is_signed);
  CHECK_FALSE(only_jar("a.jar", RawZip().add(stored("META-INF/services/app.SF", "x"))).is_signed);
  CHECK_FALSE(only_jar("a.jar", RawZip().behind("#!/bin/sh\n").add(stored("a", "x"))).can_change);
  CHECK_FALSE(only_jar("a.jar", RawZip().behind("#!/bin/sh\n").adjusted().add(stored("a", "x"))).can_change);
  CHECK_FALSE(only_jar("a.jar", RawZip().add(stored("a.so", "x")).add(stored("a.so", "y"))).can_change);
}

TEST_CASE("what is no zip is no jar, and a native that does not unpack is left alone") {
  const TestPackage made = MakePackage().file("a.jar", "PK no").file(".jar", "x").make();
  const auto none = read_java_archives(made.package, 1);
  REQUIRE(none);
  CHECK(none->empty());
  RawMember damaged = stored("a.so", "x");
  damaged.crc ^= 1;
  CHECK(only_jar("a.jar", RawZip().add(damaged)).natives.files.empty());
}
