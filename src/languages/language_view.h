// What package managers left in the package: Python distributions, npm packages, jars; and which files they own.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/finding.h"
#include "base/progress.h"
#include "elf/inventory.h"
#include "languages/java_archives.h"
#include "package/package.h"

namespace lambdapack {

struct Requirement {  // one Requires-Dist: a distribution may have several of the same name, under different markers
  std::string name;   // normalised
  std::string specifier;  // ">=1.25.4,<3", "" for any version, "@" and an address for a direct reference
};

struct EntryPoint {                // a line of entry_points.txt
  std::string group, name, value;  // "sqlalchemy.dialects", "snowflake", "snowflake.sqlalchemy:dialect"
};

struct Distribution {  // Python: one *.dist-info or *.egg-info
  std::string name;    // normalised as PEP 503: "python-dateutil"
  std::string version;
  std::string folder;              // where it is installed: "", "python", "python/lib/python3.12/site-packages"
  std::string info;                // path of the dist-info folder
  std::vector<std::size_t> files;  // indices into Package::files, sorted: RECORD's, its bytecode, the dist-info itself
  std::vector<Requirement> requirements;  // as METADATA has them, extras included, markers left out
  std::vector<std::string> requires_;     // normalised names of Requires-Dist, extras included, sorted, unique
  std::vector<std::string> top_level;     // importable names: "dateutil"; as files and top_level.txt say, sorted
  std::vector<EntryPoint> entry_points;   // as they stand in the file
  std::vector<std::string> tags;          // WHEEL tags: "cp312-cp312-manylinux_2_17_x86_64"
};

struct NodePackage {  // one package.json with a name below a node_modules folder
  std::string name;   // "@aws-sdk/client-s3": the folder's name, which is what require() looks for
  std::string version;
  std::string folder;                      // "node_modules/@aws-sdk/client-s3"
  std::vector<std::size_t> files;          // sorted; without those of packages nested in its own node_modules
  std::vector<std::string> dependencies;   // names: dependencies, optionalDependencies and peerDependencies
  std::vector<std::string> imports;        // packages that "imports" leads to: {"#db": "pg"}; sorted, unique
  std::vector<std::string> os, cpu, libc;  // as in package.json; empty: any
  // optionalDependencies: name and version range, sorted. Packages with native code list a package per platform here.
  std::vector<std::pair<std::string, std::string>> optional;
};

struct LanguageView {
  std::vector<Distribution> distributions;  // sorted by info path
  std::vector<NodePackage> node_packages;   // sorted by folder
  std::vector<JavaArchive> jars;            // sorted by file
  // Per package file: index of the distribution / npm package that owns it, or nothing: then the file is the user's
  // own.
  std::vector<std::optional<std::size_t>> distribution_of, node_package_of;
  std::vector<Finding> findings;  // unreadable METADATA, package.json …

  bool owned(std::size_t file) const { return distribution_of[file].has_value() || node_package_of[file].has_value(); }
};

Result<LanguageView> read_languages(const Package& package, const Inventory& inventory, unsigned threads);

}  // namespace lambdapack
