// Strings from which a program makes the name of a library while it runs: "lib%s.so.%d", "plugins/*.so",
// f"libcodec-{name}.so", "%s/engines-3".
//
// Such a string names no library, so a search for names does not find it; but it says what the name will look like.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "elf/move_texts.h"

namespace lambdapack {

// In ASCII.
bool is_letter_or_digit(char c);

struct NamePattern {
  std::string written;  // as it stands in the text
  std::string file;     // glob of file names; "*" for what is filled in: "lib*.so.*"
  std::string folder;   // glob of the folder's name; empty when the text names none
  auto operator<=>(const NamePattern&) const = default;

  // Whether the glob says more than "some library": at least three letters or digits of a name.
  bool names_files() const;
  bool names_folder() const;
};

// Every string around ".so" that has a place to fill in: printf conversions, {…}, ${…}, $NAME, and the wildcards of
// glob(3). Sorted, unique, at most 4096.
std::vector<NamePattern> name_patterns(std::string_view text);

// The same of each text in instructions. Their strings may begin before what stands in one piece, so any beginning
// fits.
std::vector<NamePattern> name_patterns(const std::vector<MoveText>& moves);

// Whether the folder's name stands in the text as a part of a path or alone in quotes: between slashes, quotes, or the
// zero bytes that end strings.
bool names_folder(std::string_view text, std::string_view folder);

// Folder names that say nothing about who opens what lies in them: "lib", "lib64", "build", "x86_64-linux-gnu".
bool is_common_folder(std::string_view folder);

}  // namespace lambdapack
