// A jar with fewer members, or with members that are stored instead of compressed.
//
// Unlike make_zip, which makes a zip of its own, this changes as little as possible: the order of members stays
// (readers of a stream want the manifest first), so do dates (Clojure compares a class's with its source's), folders,
// attributes, extra fields and comments.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "package/zip_directory.h"

namespace lambdapack {

struct JarChange {
  std::vector<std::string> left_out;  // names of members, sorted
  bool store = false;                 // all others uncompressed
};

// Errors: no readable zip, one with something before its first member or of 4 GiB and more, a member that does not
// unpack. `name` is for messages.
Result<std::vector<std::uint8_t>> rewrite_jar(const std::string& name, Bytes archive, const JarChange& change);

// Whether every member but those left out is in `after` as it was: name, place in the order, bytes, date, attributes.
// Errors: one of the two cannot be read.
Result<bool> is_rewritten_jar(const std::string& name, Bytes before, Bytes after,
                              const std::vector<std::string>& left_out);

}  // namespace lambdapack
