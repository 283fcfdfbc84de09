// Jars inside a package: which native libraries and classes they hold. The JVM opens them where they lie; nothing else
// looks inside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "elf/inventory.h"
#include "package/package.h"
#include "package/write_package.h"

namespace lambdapack {

struct JavaClass {
  std::string name;  // the member: "org/example/Foo.class"
  std::uint32_t crc = 0;
  std::uint64_t size = 0;
};

struct JavaArchive {
  std::size_t file = 0;           // index into Package::files
  std::string artifact, version;  // from its name, as Maven names jars: "sqlite-jdbc", "3.45.1.0"
  bool is_signed = false;         // META-INF/*.SF: every change to a member breaks it
  bool can_change = false;        // an ordinary zip that can be written anew
  std::uint64_t unpacked = 0;     // bytes of all members
  std::uint64_t compressed = 0;   // members that are compressed
  std::vector<JavaClass>
      classes;  // of the class path: not those of META-INF/versions and of jars in jars; sorted by name
  // Members that look like native libraries, as files of a package of their own, and what each is.
  Package natives;
  Inventory native_inventory;            // parallel to natives.files
  std::vector<ByteRange> native_places;  // in the jar, with their headers; parallel to natives.files
};

// Sorted by file. A jar that cannot be read as a zip is the JVM's to refuse: there is none of it. Layers' jars are in
// it. Errors: a file cannot be read.
Result<std::vector<JavaArchive>> read_java_archives(const Package& package, unsigned threads);

}  // namespace lambdapack
